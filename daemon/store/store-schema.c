/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The tables, as a list of numbered migrations. What is in the list was released and never changes. */

#include "store/store-schema.h"

#include <stdio.h>

static const char schema_1[] =
                "CREATE TABLE identity ("
                " name TEXT NOT NULL PRIMARY KEY,"
                " uuid TEXT NOT NULL,"
                " package TEXT NOT NULL,"
                " first_seen_us INTEGER NOT NULL,"
                " removed_at_us INTEGER NOT NULL DEFAULT 0"
                ") STRICT, WITHOUT ROWID;"
                "CREATE TABLE wanted ("
                " name TEXT NOT NULL,"
                " release TEXT NOT NULL,"
                " version TEXT NOT NULL,"
                " PRIMARY KEY (name, release)"
                ") STRICT, WITHOUT ROWID;"
                /* device, inode and size are unsigned in C: they are stored as the signed number of the same
                   bits. */
                "CREATE TABLE cache ("
                " path TEXT NOT NULL PRIMARY KEY,"
                " device INTEGER NOT NULL,"
                " inode INTEGER NOT NULL,"
                " size INTEGER NOT NULL,"
                " mtime_ns INTEGER NOT NULL,"
                " ctime_ns INTEGER NOT NULL,"
                " data BLOB NOT NULL"
                ") STRICT, WITHOUT ROWID;"
                /* AUTOINCREMENT: an id is never used again, so that one in a log means one operation. */
                "CREATE TABLE journal ("
                " id INTEGER PRIMARY KEY AUTOINCREMENT,"
                " phase INTEGER NOT NULL,"
                " plan TEXT NOT NULL,"
                " begun_us INTEGER NOT NULL,"
                " uid INTEGER NOT NULL"
                ") STRICT;"
                "CREATE TABLE history ("
                " id INTEGER PRIMARY KEY AUTOINCREMENT,"
                " time_us INTEGER NOT NULL,"
                " boot_id TEXT NOT NULL,"
                " uid INTEGER NOT NULL,"
                " kind TEXT NOT NULL,"
                " driver TEXT NOT NULL,"
                " release TEXT NOT NULL,"
                " from_version TEXT NOT NULL,"
                " to_version TEXT NOT NULL,"
                " result TEXT NOT NULL,"
                " detail TEXT NOT NULL"
                ") STRICT;"
                "CREATE INDEX history_by_driver ON history (driver, id);"
                /* One row, rewritten to prove that writing works. */
                "CREATE TABLE probe ("
                " id INTEGER PRIMARY KEY CHECK (id = 1),"
                " count INTEGER NOT NULL"
                ") STRICT;"
                "INSERT INTO probe (id, count) VALUES (1, 0);";

/* A driver without a row has the default policy. The releases that were dealt with: one that is installed
   but not known came while nobody said so. */
static const char schema_2[] = "CREATE TABLE policy ("
                               " name TEXT NOT NULL PRIMARY KEY,"
                               " policy TEXT NOT NULL"
                               ") STRICT, WITHOUT ROWID;"
                               "CREATE TABLE kernel ("
                               " release TEXT NOT NULL PRIMARY KEY"
                               ") STRICT, WITHOUT ROWID;";

/* µs, as a moving average. */
static const char schema_3[] = "CREATE TABLE duration ("
                               " step TEXT NOT NULL PRIMARY KEY,"
                               " usec INTEGER NOT NULL"
                               ") STRICT, WITHOUT ROWID;";

/* What told the build apart that was selected; "" if nobody has looked yet. */
static const char schema_4[] = "ALTER TABLE wanted ADD COLUMN build TEXT NOT NULL DEFAULT ''";

const StoreMigration store_migrations[] = {
        { schema_1 },
        { schema_2 },
        { schema_3 },
        { schema_4 },
};
const int store_schema_version = (int) ELEMENTSOF(store_migrations);

int store_schema_read_pragma(sqlite3 *database, const char *name, int64_t *ret)
{
        sqlite3_stmt *statement = NULL;
        char sql[64];
        int code;

        (void) snprintf(sql, sizeof(sql), "PRAGMA %s", name);
        code = sqlite3_prepare_v2(database, sql, -1, &statement, NULL);
        if (code == SQLITE_OK)
                code = sqlite3_step(statement);
        if (code == SQLITE_ROW) {
                *ret = sqlite3_column_int64(statement, 0);
                code = SQLITE_OK;
        } else if (code == SQLITE_DONE)
                code = SQLITE_ERROR;
        (void) sqlite3_finalize(statement);
        return code;
}

static int set_pragma(sqlite3 *database, const char *name, int value)
{
        char sql[96];

        (void) snprintf(sql, sizeof(sql), "PRAGMA %s = %d", name, value);
        return sqlite3_exec(database, sql, NULL, NULL, NULL);
}

static int run_migrations(sqlite3 *database, const StoreMigration *migrations, int from, int count)
{
        int code = SQLITE_OK;

        for (int i = from; i < count && code == SQLITE_OK; i++)
                code = sqlite3_exec(database, migrations[i].sql, NULL, NULL, NULL);
        if (code == SQLITE_OK)
                code = set_pragma(database, "user_version", count);
        if (code == SQLITE_OK)
                code = set_pragma(database, "application_id", STORE_APPLICATION_ID);
        return code;
}

int store_schema_migrate(sqlite3 *database, const StoreMigration *migrations, int count)
{
        int64_t version = 0;
        int code = store_schema_read_pragma(database, "user_version", &version);

        if (code != SQLITE_OK || version >= count)
                return code;
        code = sqlite3_exec(database, "BEGIN IMMEDIATE", NULL, NULL, NULL);
        if (code != SQLITE_OK)
                return code;
        code = run_migrations(database, migrations, (int) version, count);
        if (code == SQLITE_OK)
                code = sqlite3_exec(database, "COMMIT", NULL, NULL, NULL);
        if (code != SQLITE_OK)
                (void) sqlite3_exec(database, "ROLLBACK", NULL, NULL, NULL);
        return code;
}
