/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The CRCs of the symbols that a module was built against, as its file has them. Read only. */
#pragma once

#include "host/kernel/symbol-table.h"
#include "host/module/module-image.h"

#define SECTION_CONTENT_SIZE_MAX (64U * 1024 * 1024)

/* One section's content. Valid as long as the image's source. */
typedef struct SectionContent {
        const uint8_t *bytes;
        size_t size;
} SectionContent;

/* The content of the section NAME; empty if there is none. 0, -EBADMSG if it is too large, or as
 * module_image_content(). */
int section_content_get(const ModuleImage *image, const char *name, SectionContent *ret) WARN_UNUSED
                NONNULL(1, 2, 3);

/* Fills *versions, which is empty, and sorts it. A kernel that knows the extended ones doesn't look at the
 * others (check_version() in its kernel/module/version.c). 0, -EBADMSG, or another negative errno. */
int module_versions_read(const ModuleImage *image, SymbolTable *versions) WARN_UNUSED NONNULL(1, 2);

/* Whether the file has a section for versions at all, be it empty. */
bool module_has_versions(const ModuleImage *image) NONNULL(1);
