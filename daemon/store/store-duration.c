/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How long the steps of a job have taken, as a moving average: an estimate, and nothing depends on it. */

#include <errno.h>

#include "store/store-database.h"

int store_duration_add(Store *store, const char *step, uint64_t usec)
{
        /* The last one counts a quarter, so that one slow run doesn't spoil the estimate. */
        static const char sql[] = "INSERT INTO duration (step, usec) VALUES (?1, ?2)"
                                  " ON CONFLICT (step) DO UPDATE SET usec = (3 * usec + excluded.usec) / 4";
        sqlite3_stmt *statement CLEANUP_STATEMENT = NULL;
        int r = store_write_statement(store, sql, &statement);

        if (r < 0)
                return r;
        if (statement_bind_text(statement, 1, step) < 0 ||
                        statement_bind_integer(statement, 2, (int64_t) usec) < 0)
                return -ENOMEM;
        return store_run(store, statement);
}

int store_duration_get(Store *store, const char *step, uint64_t *ret_usec)
{
        sqlite3_stmt *statement CLEANUP_STATEMENT = NULL;
        int r = store_statement(store, "SELECT usec FROM duration WHERE step = ?1", &statement);

        if (r < 0)
                return r == -ENOTCONN ? -ENOENT : r;
        if (statement_bind_text(statement, 1, step) < 0)
                return -ENOMEM;
        r = store_step(store, statement);
        if (r <= 0)
                return r < 0 ? r : -ENOENT;
        *ret_usec = (uint64_t) sqlite3_column_int64(statement, 0);
        return 0;
}
