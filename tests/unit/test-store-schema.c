/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Schemas of other versions: older ones are brought up to date as a whole or not at all, newer ones left
 * alone. */

#include <glib.h>
#include <sqlite3.h>

#include "sample-store.h"
#include "store/store-identity.h"
#include "store/store-journal.h"
#include "store/store-open.h"
#include "store/store-policy.h"
#include "store/store-schema.h"
#include "store/store-wanted.h"
#include "store/store.h"
#include "temp-dir.h"

static size_t count_identities(Store *store)
{
        IdentityList list CLEANUP(identity_list_done) = { 0 };

        g_assert_cmpint(store_identities(store, &list), ==, 0);
        return list.count;
}

static void test_newer(void)
{
        TempDir dir CLEANUP_TEMP_DIR;
        char *before = NULL, *after = NULL, *path CLEANUP_FREE = NULL;
        gsize before_size, after_size;
        int64_t id = -1;
        Store *store;

        temp_dir_init(&dir, "store-schema");
        (void) store_free(sample_store_open(dir.path, STORE_CREATED));
        sample_store_run_sql(
                        &dir, "hostdriver.db", "PRAGMA journal_mode = DELETE; PRAGMA user_version = 999");
        path = temp_dir_path(&dir, "hostdriver.db");
        g_assert_true(g_file_get_contents(path, &before, &before_size, NULL));
        store = sample_store_open(dir.path, STORE_ABSENT);
        g_assert_cmpuint(count_identities(store), ==, 0);
        g_assert_cmpint(store_journal_begin(store, "{}", 0, 0, &id), <, 0);
        g_assert_cmpint(store_check_writable(store), <, 0);
        g_assert_cmpint(store_begin(store), <, 0);
        g_assert_cmpint(id, ==, -1);
        (void) store_free(store);
        g_assert_true(g_file_get_contents(path, &after, &after_size, NULL));
        g_assert_cmpmem(before, before_size, after, after_size);
        g_free(before);
        g_free(after);
}

/* The first released schema, as it was, with a row: what later versions must be able to open. */
static const char version_1[] =
                "CREATE TABLE identity (name TEXT NOT NULL PRIMARY KEY, uuid TEXT NOT NULL, "
                "package TEXT NOT NULL, first_seen_us INTEGER NOT NULL, removed_at_us INTEGER "
                "NOT NULL DEFAULT 0) STRICT, WITHOUT ROWID;"
                "CREATE TABLE wanted (name TEXT NOT NULL, release TEXT NOT NULL, version TEXT "
                "NOT NULL, PRIMARY KEY (name, release)) STRICT, WITHOUT ROWID;"
                "CREATE TABLE cache (path TEXT NOT NULL PRIMARY KEY, device INTEGER NOT NULL, "
                "inode INTEGER NOT NULL, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, "
                "ctime_ns INTEGER NOT NULL, data BLOB NOT NULL) STRICT, WITHOUT ROWID;"
                "CREATE TABLE journal (id INTEGER PRIMARY KEY AUTOINCREMENT, phase INTEGER NOT "
                "NULL, plan TEXT NOT NULL, begun_us INTEGER NOT NULL, uid INTEGER NOT NULL) "
                "STRICT;"
                "CREATE TABLE history (id INTEGER PRIMARY KEY AUTOINCREMENT, time_us INTEGER "
                "NOT NULL, boot_id TEXT NOT NULL, uid INTEGER NOT NULL, kind TEXT NOT NULL, "
                "driver TEXT NOT NULL, release TEXT NOT NULL, from_version TEXT NOT NULL, "
                "to_version TEXT NOT NULL, result TEXT NOT NULL, detail TEXT NOT NULL) STRICT;"
                "CREATE INDEX history_by_driver ON history (driver, id);"
                "CREATE TABLE probe (id INTEGER PRIMARY KEY CHECK (id = 1), count INTEGER NOT "
                "NULL) STRICT;"
                "INSERT INTO probe (id, count) VALUES (1, 0);"
                "INSERT INTO identity VALUES ('ice', 'u', 'intel-ice', 5, 0);"
                "INSERT INTO wanted VALUES ('ice', '6.1', '1.6.4');"
                "PRAGMA user_version = 1;"
                "PRAGMA application_id = 1751413366;";

static int assert_no_build(void *userdata, const char *name, const char *release, const char *version,
                const char *build, const char *last_kind)
{
        g_assert_cmpstr(build, ==, "");
        return 0;
}

static void test_version_1(void)
{
        TempDir dir CLEANUP_TEMP_DIR;
        IdentityList list CLEANUP(identity_list_done) = { 0 };
        char *wanted CLEANUP_FREE = NULL, *policy CLEANUP_FREE = NULL;
        Store *store;

        temp_dir_init(&dir, "store-schema");
        sample_store_run_sql(&dir, "hostdriver.db", version_1);
        store = sample_store_open(dir.path, STORE_OPENED);
        g_assert_cmpint(store_identities(store, &list), ==, 0);
        g_assert_cmpuint(list.count, ==, 1);
        g_assert_cmpstr(list.items[0].package, ==, "intel-ice");
        g_assert_cmpint(store_check_writable(store), ==, 0);
        /* What version 2 added is there, and what was there before stays. */
        g_assert_cmpint(store_wanted_get(store, "ice", "6.1", &wanted), ==, 0);
        g_assert_cmpstr(wanted, ==, "1.6.4");
        /* Which build that is nobody has taken down. */
        g_assert_cmpint(store_wanted_load(store, assert_no_build, NULL), ==, 0);
        g_assert_cmpint(store_wanted_set_build(store, "ice", "6.1", "b1"), ==, 0);
        g_assert_cmpint(store_policy_set(store, "ice", "newest"), ==, 0);
        g_assert_cmpint(store_kernel_add(store, "6.1"), ==, 0);
        (void) store_free(store);
        store = sample_store_open(dir.path, STORE_OPENED);
        g_assert_cmpint(store_policy_get(store, "ice", &policy), ==, 0);
        g_assert_cmpstr(policy, ==, "newest");
        (void) store_free(store);
}

static char *dump_schema(sqlite3 *database)
{
        GString *text = g_string_new(NULL);
        sqlite3_stmt *statement = NULL;

        g_assert_cmpint(sqlite3_prepare_v2(database, "SELECT name, sql FROM sqlite_schema ORDER BY name", -1,
                                        &statement, NULL),
                        ==, SQLITE_OK);
        while (sqlite3_step(statement) == SQLITE_ROW)
                g_string_append_printf(text, "%s: %s\n", sqlite3_column_text(statement, 0),
                                sqlite3_column_text(statement, 1));
        (void) sqlite3_finalize(statement);
        return g_string_free(text, FALSE);
}

/* With migrations of its own, since the first schema has nothing to migrate from. */
static void test_migrations(void)
{
        static const StoreMigration migrations[] = {
                { "CREATE TABLE a (x INTEGER); INSERT INTO a VALUES (1)" },
                { "ALTER TABLE a ADD COLUMN y INTEGER DEFAULT 2" },
                { "CREATE TABLE b (z INTEGER); INSERT INTO nowhere VALUES (1)" },
        };
        char *before, *after;
        sqlite3 *database = NULL;
        int64_t version = -1;

        g_assert_cmpint(sqlite3_open(":memory:", &database), ==, SQLITE_OK);
        g_assert_cmpint(store_schema_migrate(database, migrations, 1), ==, SQLITE_OK);
        g_assert_cmpint(store_schema_migrate(database, migrations, 2), ==, SQLITE_OK);
        g_assert_cmpint(store_schema_read_pragma(database, "user_version", &version), ==, SQLITE_OK);
        g_assert_cmpint(version, ==, 2);
        g_assert_cmpint(store_schema_read_pragma(database, "application_id", &version), ==, SQLITE_OK);
        g_assert_cmpint(version, ==, STORE_APPLICATION_ID);

        before = dump_schema(database);
        g_assert_cmpint(store_schema_migrate(database, migrations, 3), !=, SQLITE_OK);
        after = dump_schema(database);
        g_assert_cmpstr(before, ==, after);
        g_assert_cmpint(store_schema_read_pragma(database, "user_version", &version), ==, SQLITE_OK);
        g_assert_cmpint(version, ==, 2);
        g_assert_true(sqlite3_get_autocommit(database));
        g_free(before);
        g_free(after);
        (void) sqlite3_close(database);
}

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/store-schema/newer", test_newer);
        g_test_add_func("/store-schema/version-1", test_version_1);
        g_test_add_func("/store-schema/migrations", test_migrations);
        return g_test_run();
}
