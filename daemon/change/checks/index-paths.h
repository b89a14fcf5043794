/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a module index says of all modules, as paths, to compare two of them. It runs nothing. */
#pragma once

#include "util/string-set.h"

typedef struct IndexPath {
        char *module; /* canonical */
        char *path;   /* relative to the module directory, or absolute */
} IndexPath;

typedef struct IndexPaths {
        IndexPath *items; /* by module (strcmp) */
        size_t count;
} IndexPaths;

/* Reads the text of modules.dep; FD may hold more, as what `depmod -n` prints does. 0, or a negative errno;
 * -ENODATA if it names no module. */
int index_paths_read(int fd, IndexPaths *ret) WARN_UNUSED NONNULL(2);
void index_paths_done(IndexPaths *paths) NONNULL(1);
#define CLEANUP_INDEX_PATHS CLEANUP(index_paths_done)

/* The path of MODULE, or NULL. */
const char *index_paths_find(const IndexPaths *paths, const char *module) NONNULL(1, 2);
