/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Each is a moving average. */

#include "store/store-duration.h"

#include <errno.h>

#include "store/store-statement.h"

int store_duration_add(Store *store, const char *step, uint64_t usec)
{
        /* The last one counts a quarter, so that one slow run doesn't spoil the estimate. */
        static const char sql[] = "INSERT INTO duration (step, usec) VALUES (?1, ?2)"
                                  " ON CONFLICT (step) DO UPDATE SET usec = (3 * usec + excluded.usec) / 4";

        return store_write(store, sql, VALUES(TEXT(step), NUMBER(usec)));
}

static int take(void *userdata, sqlite3_stmt *row)
{
        *(uint64_t *) userdata = (uint64_t) sqlite3_column_int64(row, 0);
        return 0;
}

int store_duration_get(Store *store, const char *step, uint64_t *ret_usec)
{
        int r = store_read(store, "SELECT usec FROM duration WHERE step = ?1", VALUES(TEXT(step)), take,
                        ret_usec);

        return r > 0 ? 0 : r < 0 ? r : -ENOENT;
}
