/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Rows of the table "history" and back. */

#include "store/store-history.h"

#include <errno.h>

#include "store/store-statement.h"
#include "util/array.h"

int store_history_add(Store *store, const HistoryEntry *entry)
{
        static const char sql[] = "INSERT INTO history (time_us, boot_id, uid, kind, driver, release, "
                                  "from_version, to_version, result, detail)"
                                  " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";

        return store_write(store, sql,
                        VALUES(NUMBER(entry->time_us), TEXT(entry->boot_id), NUMBER(entry->uid),
                                        TEXT(entry->kind), TEXT(entry->driver), TEXT(entry->release),
                                        TEXT(entry->from), TEXT(entry->to), TEXT(entry->result),
                                        TEXT(entry->detail)));
}

void history_list_done(HistoryList *list)
{
        for (size_t i = 0; i < list->count; i++) {
                HistoryEntry *item = &list->items[i];

                free(item->boot_id);
                free(item->kind);
                free(item->driver);
                free(item->release);
                free(item->from);
                free(item->to);
                free(item->result);
                free(item->detail);
        }
        free(list->items);
        *list = (HistoryList){ 0 };
}

static int append(void *userdata, sqlite3_stmt *row)
{
        HistoryList *list = userdata;
        HistoryEntry *item;

        if (!array_reserve(list->items, list->count))
                return -ENOMEM;
        item = &list->items[list->count++];
        *item = (HistoryEntry){
                .id = sqlite3_column_int64(row, 0),
                .time_us = sqlite3_column_int64(row, 1),
                .boot_id = row_text(row, 2),
                .uid = (uint32_t) sqlite3_column_int64(row, 3),
                .kind = row_text(row, 4),
                .driver = row_text(row, 5),
                .release = row_text(row, 6),
                .from = row_text(row, 7),
                .to = row_text(row, 8),
                .result = row_text(row, 9),
                .detail = row_text(row, 10),
        };
        return item->boot_id && item->kind && item->driver && item->release && item->from && item->to &&
                                               item->result && item->detail
                               ? 0
                               : -ENOMEM;
}

/* Two statements, so that each uses its index. */
#define COLUMNS                                                                                       \
        "SELECT id, time_us, boot_id, uid, kind, driver, release, from_version, to_version, result, " \
        "detail FROM history"

int store_history(Store *store, const HistoryFilter *filter, HistoryList *ret)
{
        static const char of_all[] = COLUMNS " WHERE time_us >= ?1 ORDER BY id DESC LIMIT ?2";
        static const char of_driver[] =
                        COLUMNS " WHERE time_us >= ?1 AND driver = ?3 ORDER BY id DESC LIMIT ?2";
        const StoreValue values[] = {
                NUMBER(filter->since_us),
                NUMBER(filter->limit > 0 && filter->limit <= INT64_MAX ? (int64_t) filter->limit : -1),
                TEXT(filter->driver),
        };
        HistoryList list CLEANUP(history_list_done) = { 0 };
        int r = store_read(store, filter->driver ? of_driver : of_all, values, filter->driver ? 3 : 2,
                        append, &list);

        if (r < 0)
                return r;
        *ret = list;
        list = (HistoryList){ 0 };
        return 0;
}
