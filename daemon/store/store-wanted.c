/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which version was last wanted of a driver in a kernel release. What is selected, only the host's links
 * say. */

#include <errno.h>

#include "store/store-database.h"

int store_wanted_set(Store *store, const char *name, const char *release, const char *version)
{
        static const char sql[] = "INSERT INTO wanted (name, release, version) VALUES (?1, ?2, ?3)"
                                  " ON CONFLICT (name, release) DO UPDATE SET version = excluded.version";
        sqlite3_stmt *statement CLEANUP_STATEMENT = NULL;
        int r = store_write_statement(store, sql, &statement);

        if (r < 0)
                return r;
        if (statement_bind_text(statement, 1, name) < 0 || statement_bind_text(statement, 2, release) < 0 ||
                        statement_bind_text(statement, 3, version) < 0)
                return -ENOMEM;
        return store_run(store, statement);
}

int store_wanted_get(Store *store, const char *name, const char *release, char **ret)
{
        static const char sql[] = "SELECT version FROM wanted WHERE name = ?1 AND release = ?2";
        sqlite3_stmt *statement CLEANUP_STATEMENT = NULL;
        int r = store_statement(store, sql, &statement);

        if (r < 0)
                return r == -ENOTCONN ? -ENOENT : r;
        if (statement_bind_text(statement, 1, name) < 0 || statement_bind_text(statement, 2, release) < 0)
                return -ENOMEM;
        return store_text(store, statement, ret);
}

int store_wanted_remove(Store *store, const char *name, const char *release)
{
        static const char sql[] = "DELETE FROM wanted WHERE name = ?1 AND release = ?2";
        sqlite3_stmt *statement CLEANUP_STATEMENT = NULL;
        int r = store_write_statement(store, sql, &statement);

        if (r < 0)
                return r;
        if (statement_bind_text(statement, 1, name) < 0 || statement_bind_text(statement, 2, release) < 0)
                return -ENOMEM;
        return store_run(store, statement);
}

int store_wanted_load(Store *store,
                int (*found)(void *userdata, const char *name, const char *release, const char *version,
                                const char *last_kind),
                void *userdata)
{
        static const char sql[] = "SELECT name, release, version, coalesce((SELECT kind FROM history"
                                  " WHERE history.driver = wanted.name AND history.release = wanted.release"
                                  " AND history.result = 'done' AND kind NOT IN ('import', 'remove')"
                                  " ORDER BY id DESC LIMIT 1), '')"
                                  " FROM wanted ORDER BY name, release";
        sqlite3_stmt *statement CLEANUP_STATEMENT = NULL;
        int r = store_statement(store, sql, &statement);

        while (r >= 0 && (r = store_step(store, statement)) > 0) {
                char *name CLEANUP_FREE = statement_text(statement, 0);
                char *release CLEANUP_FREE = statement_text(statement, 1);
                char *version CLEANUP_FREE = statement_text(statement, 2);
                char *kind CLEANUP_FREE = statement_text(statement, 3);

                if (!name || !release || !version || !kind)
                        return -ENOMEM;
                r = found(userdata, name, release, version, kind);
        }
        return r == -ENOTCONN ? 0 : r;
}
