/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One module file's metadata for the catalogue: from the last catalogue, from the cache, or read. */
#pragma once

#include "host/root.h"
#include "host/tree/catalogue.h"

/* Where metadata of unchanged files comes from, and where that of new ones is kept: the store, wired by
 * main. PATH is absolute beneath the root. find returns 1 and a reference, 0 if unknown or changed. Errors
 * of either are no reason to fail: the file is read instead. Either may be NULL. */
typedef struct MetadataCache {
        int (*find)(void *userdata, const char *path, const FileStamp *stamp, ModuleFile **ret);
        int (*keep)(void *userdata, const char *path, const FileStamp *stamp, ModuleFile *file);
        void *userdata;
} MetadataCache;

/* Where the files of one kernel release come from. */
typedef struct FileSource {
        const HostRoot *root;
        const char *release;
        int modules_fd;                   /* its module directory */
        const char *modules_path;         /* the same, as another program must name it; NULL if unknown */
        const CatalogueRelease *previous; /* may be NULL */
        const MetadataCache *cache;       /* may be NULL */
} FileSource;

/* The metadata of FILE. Links are followed to a regular file beneath the module directory, and nowhere else;
 * what isn't a regular file is never opened for reading. Returns 1 with both results set, 0 if the file has
 * vanished, or -ENOMEM. */
int catalogue_file_read(const FileSource *source, const TreeFile *file, FileStamp *ret_stamp,
                ModuleFile **ret) WARN_UNUSED NONNULL(1, 2, 3, 4);
