/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The module files and links of one image, and what modules.dep makes of them. For initramfs-reader.c only.
 */
#pragma once

#include "host/initramfs/initramfs-image.h"

typedef struct InitramfsEntry {
        char *path;       /* relative to the image's module directory */
        char *target;     /* of a link; NULL: a file */
        uint32_t inode;   /* of a file, to tell hard links */
        ModuleFile *file; /* NULL: its content comes with another entry of the same inode */
} InitramfsEntry;

typedef struct InitramfsEntries {
        InitramfsEntry *items; /* in the image's order */
        size_t count;
} InitramfsEntries;

/* All is copied; FILE (may be NULL) is referenced. 0; -EFBIG if there are too many, -ENOMEM. */
int initramfs_entries_add_link(InitramfsEntries *entries, const char *path, const char *target) WARN_UNUSED
                NONNULL(1, 2, 3);
int initramfs_entries_add_file(InitramfsEntries *entries, const char *path, uint32_t inode,
                ModuleFile *file) WARN_UNUSED NONNULL(1, 2);
void initramfs_entries_done(InitramfsEntries *entries) NONNULL(1);

/* What each of NAMES is in there, as *ret_count modules, which the caller frees. Where MODULES_DEP names
 * several files of a module, or is NULL (mkinitcpio keeps the binary index alone), the name stands for a
 * file only if all are of the same content. 0 or -ENOMEM. */
int initramfs_entries_resolve(const InitramfsEntries *entries, const char *modules_dep,
                const StringSet *names, InitramfsModule **ret, size_t *ret_count) WARN_UNUSED
                NONNULL(1, 3, 4, 5);
