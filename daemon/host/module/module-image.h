/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The ELF sections of a module file, of any class and byte order. Trusts nothing; interprets no content. */
#pragma once

#include "host/module/module-source.h"

typedef struct ModuleImage {
        const ModuleSource *source;
        uint16_t machine;
        uint8_t elf_class;
        uint8_t byte_order;
        bool swapped; /* its byte order is not this machine's */
        size_t section_count;
        const char *names; /* ends with a NUL */
        size_t names_size;
} ModuleImage;

typedef struct ModuleSection {
        const char *name;
        uint64_t offset;
        uint64_t size; /* in the file: 0 for SHT_NOBITS */
} ModuleSection;

/* Reads the headers and checks that each section lies in the file, as the kernel does it. -EBADMSG if this
 * is no relocatable ELF file or is cut off, -ENOMEM, or read's error. Valid as long as SOURCE. */
int module_image_open(const ModuleSource *source, ModuleImage *ret) WARN_UNUSED NONNULL(1, 2);

/* The section at INDEX < section_count. */
void module_image_section(const ModuleImage *image, size_t index, ModuleSection *ret) NONNULL(1, 3);

/* The first section of that name: whether there is one. */
bool module_image_find(const ModuleImage *image, const char *name, ModuleSection *ret) NONNULL(1, 2, 3);

/* The content of a section. -EFBIG if it is larger than LIMIT, else as module_source_get(). */
int module_image_content(const ModuleImage *image, const ModuleSection *section, size_t limit,
                const uint8_t **ret) WARN_UNUSED NONNULL(1, 2, 4);

/* Numbers of the image's byte order, aligned to nothing. */
uint32_t module_image_u32(const ModuleImage *image, const uint8_t *bytes) NONNULL(1, 2);
uint64_t module_image_u64(const ModuleImage *image, const uint8_t *bytes) NONNULL(1, 2);
