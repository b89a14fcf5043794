/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The lines of our override file, and its text (depmod.d(5)). */
#pragma once

#include "util/string-set.h"

#define OVERRIDE_DIRECTORY "/etc/depmod.d"
#define OVERRIDE_FILE_NAME "zz-hostdriver.conf"
#define OVERRIDE_FILE_PATH OVERRIDE_DIRECTORY "/" OVERRIDE_FILE_NAME

/* Some 100 000 lines; a larger file isn't ours. */
#define OVERRIDE_FILE_SIZE_MAX (16U * 1024 * 1024)

/* A line `override MODULE ^RELEASE$ DIRECTORY` of our own override file. */
typedef struct OverrideEntry {
        char *module;    /* raw spelling of the module file */
        char *release;   /* plain again, without anchors and brackets */
        char *directory; /* relative to the module directory */
} OverrideEntry;

typedef struct OverrideList {
        OverrideEntry *items; /* by release, then module, "-" taken as "_" (strcmp) */
        size_t count;
} OverrideList;

/* The override of a module (compared as canonical names) in a release, or NULL. */
const OverrideEntry *override_list_find(const OverrideList *list, const char *release, const char *module)
                NONNULL(1, 2, 3);

/* Parses the SIZE bytes of the override file, which a NUL follows. Lines that override_list_format()
 * wouldn't write, but for comments, are passed over, and so is all behind a NUL. If they begin with
 * `override MODULE`, its canonical name is added to RET_EDITED, unless that is NULL; all others set
 * *ret_foreign. Of two lines for one module and release the last one counts. */
int override_list_parse(const char *text, size_t size, OverrideList *ret, StringSet *ret_edited,
                bool *ret_foreign) WARN_UNUSED NONNULL(1, 3, 5);

/* Adds or replaces (DIRECTORY not NULL) or removes (NULL) one line. MODULE is the raw spelling of the module
 * file. 0, -ENOMEM, or -EINVAL if the line can't be written: depmod.d knows no way to quote blanks and
 * backslashes, and a name with a control character or ".." is refused. */
int override_list_set(OverrideList *list, const char *release, const char *module,
                const char *directory) WARN_UNUSED NONNULL(1, 2, 3);

/* The whole file's text, header and all; the caller frees it. Releases are written as an anchored ERE with
 * each special character in brackets: "^4[.]19[.]0[+]1$". depmod reads them unanchored and eats
 * backslashes (measured with kmod 30). */
int override_list_format(const OverrideList *list, char **ret) WARN_UNUSED NONNULL(1, 2);
void override_list_done(OverrideList *list) NONNULL(1);
