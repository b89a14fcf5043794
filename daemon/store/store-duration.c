/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Each is a moving average. */

#include "store/store-duration.h"

#include <errno.h>
#include <string.h>

#include "store/store-statement.h"
#include "util/array.h"

typedef struct Duration {
        char *step;
        uint64_t usec;
} Duration;

void duration_list_done(DurationList *list)
{
        for (size_t i = 0; i < list->count; i++)
                free(list->items[i].step);
        free(list->items);
        *list = (DurationList){ 0 };
}

int duration_list_add(DurationList *list, const char *step, uint64_t usec)
{
        char *copy CLEANUP_FREE = strdup(step);

        if (!copy || !array_reserve(list->items, list->count))
                return -ENOMEM;
        list->items[list->count++] = (Duration){ STEAL(copy), usec };
        return 0;
}

int store_durations_add(Store *store, const DurationList *list)
{
        /* The last one counts a quarter, so that one slow run doesn't spoil the estimate. */
        static const char sql[] = "INSERT INTO duration (step, usec) VALUES (?1, ?2)"
                                  " ON CONFLICT (step) DO UPDATE SET usec = (3 * usec + excluded.usec) / 4";
        int r = 0;

        for (size_t i = 0; r >= 0 && i < list->count; i++)
                r = store_write(store, sql, VALUES(TEXT(list->items[i].step), NUMBER(list->items[i].usec)));
        return r;
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
