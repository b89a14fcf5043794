/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The metadata cache: opaque bytes keyed by path and stamp. It doesn't know what they mean. */

#include <errno.h>
#include <limits.h>

#include "store/store-database.h"

int store_cache_load(Store *store,
                int (*found)(void *userdata, const CacheKey *key, const void *data, size_t size),
                void *userdata)
{
        static const char sql[] = "SELECT path, device, inode, size, mtime_ns, ctime_ns, data FROM cache "
                                  "ORDER BY path";
        sqlite3_stmt *row CLEANUP_STATEMENT = NULL;
        int r = store_statement(store, sql, &row);

        if (r < 0)
                return r == -ENOTCONN ? 0 : r;
        while ((r = store_step(store, row)) > 0) {
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
                r = found(userdata, &key, data ? data : "", (size_t) sqlite3_column_bytes(row, 6));
                if (r < 0)
                        return r;
        }
        return r;
}

static int bind_key(sqlite3_stmt *statement, const CacheKey *key)
{
        if (statement_bind_text(statement, 1, key->path) < 0 ||
                        statement_bind_integer(statement, 2, (int64_t) key->device) < 0 ||
                        statement_bind_integer(statement, 3, (int64_t) key->inode) < 0 ||
                        statement_bind_integer(statement, 4, (int64_t) key->size) < 0 ||
                        statement_bind_integer(statement, 5, key->mtime_ns) < 0 ||
                        statement_bind_integer(statement, 6, key->ctime_ns) < 0)
                return -ENOMEM;
        return 0;
}

int store_cache_put(Store *store, const CacheKey *key, const void *data, size_t size)
{
        static const char sql[] = "INSERT OR REPLACE INTO cache"
                                  " (path, device, inode, size, mtime_ns, ctime_ns, data)"
                                  " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
        sqlite3_stmt *statement CLEANUP_STATEMENT = NULL;
        int r = store_write_statement(store, sql, &statement);

        if (r < 0)
                return r;
        if (size > INT_MAX)
                return -EFBIG;
        r = bind_key(statement, key);
        if (r < 0)
                return r;
        /* A NULL pointer would be bound as SQL's NULL. */
        if (sqlite3_bind_blob(statement, 7, data && size > 0 ? data : "", (int) size, SQLITE_STATIC) !=
                        SQLITE_OK)
                return -ENOMEM;
        return store_run(store, statement);
}

int store_cache_delete(Store *store, const char *path)
{
        sqlite3_stmt *statement CLEANUP_STATEMENT = NULL;
        int r = store_write_statement(store, "DELETE FROM cache WHERE path = ?1", &statement);

        if (r < 0)
                return r;
        if (statement_bind_text(statement, 1, path) < 0)
                return -ENOMEM;
        return store_run(store, statement);
}
