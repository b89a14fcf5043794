/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Rows of the table "wanted" and back. */

#include "store/store-wanted.h"

#include <errno.h>

#include "store/store-statement.h"

int store_wanted_set(Store *store, const char *name, const char *release, const char *version)
{
        static const char sql[] = "INSERT INTO wanted (name, release, version) VALUES (?1, ?2, ?3)"
                                  " ON CONFLICT (name, release) DO UPDATE"
                                  " SET version = excluded.version, build = ''";

        return store_write(store, sql, VALUES(TEXT(name), TEXT(release), TEXT(version)));
}

int store_wanted_keep(Store *store, const char *name, const char *release, const char *version)
{
        static const char sql[] = "INSERT INTO wanted (name, release, version) VALUES (?1, ?2, ?3)"
                                  " ON CONFLICT (name, release) DO UPDATE SET version = excluded.version,"
                                  " build = CASE WHEN version = excluded.version THEN build ELSE '' END";

        return store_write(store, sql, VALUES(TEXT(name), TEXT(release), TEXT(version)));
}

int store_wanted_set_build(Store *store, const char *name, const char *release, const char *build)
{
        static const char sql[] = "UPDATE wanted SET build = ?3 WHERE name = ?1 AND release = ?2";

        return store_write(store, sql, VALUES(TEXT(name), TEXT(release), TEXT(build)));
}

int store_wanted_get(Store *store, const char *name, const char *release, char **ret)
{
        static const char sql[] = "SELECT version FROM wanted WHERE name = ?1 AND release = ?2";

        return store_read_text(store, sql, VALUES(TEXT(name), TEXT(release)), ret);
}

int store_wanted_remove(Store *store, const char *name, const char *release)
{
        static const char sql[] = "DELETE FROM wanted WHERE name = ?1 AND release = ?2";

        return store_write(store, sql, VALUES(TEXT(name), TEXT(release)));
}

typedef struct Reader {
        int (*found)(void *userdata, const char *name, const char *release, const char *version,
                        const char *build, const char *last_kind);
        void *userdata;
} Reader;

static int take(void *userdata, sqlite3_stmt *row)
{
        const Reader *reader = userdata;
        char *name CLEANUP_FREE = row_text(row, 0);
        char *release CLEANUP_FREE = row_text(row, 1);
        char *version CLEANUP_FREE = row_text(row, 2);
        char *build CLEANUP_FREE = row_text(row, 3);
        char *kind CLEANUP_FREE = row_text(row, 4);

        if (!name || !release || !version || !build || !kind)
                return -ENOMEM;
        return reader->found(reader->userdata, name, release, version, build, kind);
}

int store_wanted_load(Store *store,
                int (*found)(void *userdata, const char *name, const char *release, const char *version,
                                const char *build, const char *last_kind),
                void *userdata)
{
        static const char sql[] = "SELECT name, release, version, build, coalesce((SELECT kind FROM history"
                                  " WHERE history.driver = wanted.name AND history.release = wanted.release"
                                  " AND history.result = 'done' AND kind NOT IN ('import', 'remove')"
                                  " ORDER BY id DESC LIMIT 1), '')"
                                  " FROM wanted ORDER BY name, release";
        Reader reader = { .found = found, .userdata = userdata };
        int r = store_read(store, sql, NO_VALUES, take, &reader);

        return r < 0 ? r : 0;
}
