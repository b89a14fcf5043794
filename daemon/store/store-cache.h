/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The metadata cache: opaque bytes keyed by path and stamp. It doesn't know what they mean. */
#pragma once

#include "store/store.h"

typedef struct CacheKey {
        const char *path;
        uint64_t device, inode, size;
        int64_t mtime_ns, ctime_ns;
} CacheKey;

/* Reads the whole cache once, in order of path: much faster than one query a file. The callback borrows
 * everything and returns 0 or a negative errno, which ends it. */
int store_cache_load(Store *store,
                int (*found)(void *userdata, const CacheKey *key, const void *data, size_t size),
                void *userdata) WARN_UNUSED NONNULL(1, 2);
int store_cache_put(Store *store, const CacheKey *key, const void *data, size_t size) WARN_UNUSED
                NONNULL(1, 2);
int store_cache_delete(Store *store, const char *path) WARN_UNUSED NONNULL(1, 2);
