/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Rows of the table "cache" and back. */

#include "store/store-cache.h"

#include <errno.h>

#include "store/store-statement.h"

typedef struct Reader {
        int (*found)(void *userdata, const CacheKey *key, const void *data, size_t size);
        void *userdata;
} Reader;

static int take(void *userdata, sqlite3_stmt *row)
{
        const Reader *reader = userdata;
        CacheKey key = {
                .path = (const char *) sqlite3_column_text(row, 0),
                .device = (uint64_t) sqlite3_column_int64(row, 1),
                .inode = (uint64_t) sqlite3_column_int64(row, 2),
                .size = (uint64_t) sqlite3_column_int64(row, 3),
                .mtime_ns = sqlite3_column_int64(row, 4),
                .ctime_ns = sqlite3_column_int64(row, 5),
        };
        const void *data = sqlite3_column_blob(row, 6);

        if (!key.path)
                return -ENOMEM;
        return reader->found(
                        reader->userdata, &key, data ? data : "", (size_t) sqlite3_column_bytes(row, 6));
}

int store_cache_load(Store *store,
                int (*found)(void *userdata, const CacheKey *key, const void *data, size_t size),
                void *userdata)
{
        static const char sql[] = "SELECT path, device, inode, size, mtime_ns, ctime_ns, data FROM cache "
                                  "ORDER BY path";
        Reader reader = { .found = found, .userdata = userdata };
        int r = store_read(store, sql, NO_VALUES, take, &reader);

        return r < 0 ? r : 0;
}

int store_cache_put(Store *store, const CacheKey *key, const void *data, size_t size)
{
        static const char sql[] = "INSERT OR REPLACE INTO cache"
                                  " (path, device, inode, size, mtime_ns, ctime_ns, data)"
                                  " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";

        return store_write(store, sql,
                        VALUES(TEXT(key->path), NUMBER(key->device), NUMBER(key->inode), NUMBER(key->size),
                                        NUMBER(key->mtime_ns), NUMBER(key->ctime_ns),
                                        DATA(data ? data : "", size)));
}

int store_cache_delete(Store *store, const char *path)
{
        return store_write(store, "DELETE FROM cache WHERE path = ?1", VALUES(TEXT(path)));
}
