/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Opens stores for tests. Every failure ends the test. */

#include "sample-store.h"

#include <glib.h>
#include <sqlite3.h>

#include "store/store-open.h"

Store *sample_store_open(const char *directory, StoreCondition expected)
{
        StoreCondition condition;
        char *detail CLEANUP_FREE = NULL;
        Store *store = NULL;

        g_assert_cmpint(store_open(directory, &condition, &detail, &store), ==, 0);
        if (detail)
                g_test_message("%s", detail);
        g_assert_cmpint(condition, ==, expected);
        g_assert_true((detail != NULL) == (condition != STORE_OPENED && condition != STORE_CREATED));
        return store;
}

void sample_store_run_sql(const TempDir *dir, const char *name, const char *sql)
{
        char *path CLEANUP_FREE = temp_dir_path(dir, name);
        sqlite3 *database = NULL;

        g_assert_cmpint(sqlite3_open(path, &database), ==, SQLITE_OK);
        g_assert_cmpint(sqlite3_exec(database, sql, NULL, NULL, NULL), ==, SQLITE_OK);
        g_assert_cmpint(sqlite3_close(database), ==, SQLITE_OK);
}
