/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a driver is to do when a kernel release comes, and which releases have come. */

#include <errno.h>

#include "store/store-database.h"

int store_policy_set(Store *store, const char *name, const char *policy)
{
        static const char sql[] = "INSERT INTO policy (name, policy) VALUES (?1, ?2)"
                                  " ON CONFLICT (name) DO UPDATE SET policy = excluded.policy";
        sqlite3_stmt *statement CLEANUP_STATEMENT = NULL;
        int r = store_write_statement(store, sql, &statement);

        if (r < 0)
                return r;
        if (statement_bind_text(statement, 1, name) < 0 || statement_bind_text(statement, 2, policy) < 0)
                return -ENOMEM;
        return store_run(store, statement);
}

int store_policy_get(Store *store, const char *name, char **ret)
{
        static const char sql[] = "SELECT policy FROM policy WHERE name = ?1";
        sqlite3_stmt *statement CLEANUP_STATEMENT = NULL;
        int r = store_statement(store, sql, &statement);

        if (r < 0)
                return r == -ENOTCONN ? -ENOENT : r;
        if (statement_bind_text(statement, 1, name) < 0)
                return -ENOMEM;
        return store_text(store, statement, ret);
}

static int add_release(void *userdata, sqlite3_stmt *row)
{
        char *release CLEANUP_FREE = statement_text(row, 0);

        return release ? string_set_add(userdata, release) : -ENOMEM;
}

int store_kernels(Store *store, StringSet *ret)
{
        static const char sql[] = "SELECT release FROM kernel ORDER BY release";
        StringSet kernels CLEANUP_STRING_SET = { 0 };
        sqlite3_stmt *statement CLEANUP_STATEMENT = NULL;
        int r = store_statement(store, sql, &statement);

        if (r >= 0)
                r = store_rows(store, statement, add_release, &kernels);
        if (r < 0 && r != -ENOTCONN)
                return r;
        *ret = kernels;
        kernels = (StringSet){ 0 };
        return 0;
}

static int run_with_release(Store *store, const char *sql_static, const char *release)
{
        sqlite3_stmt *statement CLEANUP_STATEMENT = NULL;
        int r = store_write_statement(store, sql_static, &statement);

        if (r < 0)
                return r;
        if (statement_bind_text(statement, 1, release) < 0)
                return -ENOMEM;
        return store_run(store, statement);
}

int store_kernel_add(Store *store, const char *release)
{
        static const char sql[] = "INSERT INTO kernel (release) VALUES (?1) ON CONFLICT DO NOTHING";

        return run_with_release(store, sql, release);
}

int store_kernel_remove(Store *store, const char *release)
{
        static const char kernel[] = "DELETE FROM kernel WHERE release = ?1";
        static const char wanted[] = "DELETE FROM wanted WHERE release = ?1";
        int r = run_with_release(store, kernel, release);

        return r < 0 ? r : run_with_release(store, wanted, release);
}
