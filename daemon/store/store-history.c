/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What was done, by whom and with which result. Entries are only ever added. */

#include <errno.h>

#include "store/store-database.h"
#include "util/array.h"

int store_history_add(Store *store, const HistoryEntry *entry)
{
        static const char sql[] = "INSERT INTO history (time_us, boot_id, uid, kind, driver, release, "
                                  "from_version, to_version, result, detail)"
                                  " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
        const char *const texts[] = { entry->kind, entry->driver, entry->release, entry->from, entry->to,
                entry->result, entry->detail };
        sqlite3_stmt *statement CLEANUP_STATEMENT = NULL;
        int r = store_write_statement(store, sql, &statement);

        if (r < 0)
                return r;
        if (statement_bind_integer(statement, 1, entry->time_us) < 0 ||
                        statement_bind_text(statement, 2, entry->boot_id) < 0 ||
                        statement_bind_integer(statement, 3, entry->uid) < 0)
                return -ENOMEM;
        for (size_t i = 0; i < ELEMENTSOF(texts); i++)
                if (statement_bind_text(statement, (int) i + 4, texts[i]) < 0)
                        return -ENOMEM;
        return store_run(store, statement);
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
        HistoryEntry *items = array_grow(list->items, list->count, sizeof(*items)), *item;

        if (!items)
                return -ENOMEM;
        list->items = items;
        item = &items[list->count++];
        *item = (HistoryEntry){
                .id = sqlite3_column_int64(row, 0),
                .time_us = sqlite3_column_int64(row, 1),
                .boot_id = statement_text(row, 2),
                .uid = (uint32_t) sqlite3_column_int64(row, 3),
                .kind = statement_text(row, 4),
                .driver = statement_text(row, 5),
                .release = statement_text(row, 6),
                .from = statement_text(row, 7),
                .to = statement_text(row, 8),
                .result = statement_text(row, 9),
                .detail = statement_text(row, 10),
        };
        return item->boot_id && item->kind && item->driver && item->release && item->from && item->to &&
                                               item->result && item->detail
                               ? 0
                               : -ENOMEM;
}

static int bind_filter(sqlite3_stmt *statement, const HistoryFilter *filter)
{
        int64_t limit = filter->limit > 0 && filter->limit <= INT64_MAX ? (int64_t) filter->limit : -1;

        if (filter->driver && statement_bind_text(statement, 1, filter->driver) < 0)
                return -ENOMEM;
        if (statement_bind_integer(statement, 2, filter->since_us) < 0 ||
                        statement_bind_integer(statement, 3, limit) < 0)
                return -ENOMEM;
        return 0;
}

/* Two statements, so that each uses its index. */
#define COLUMNS                                                                                       \
        "SELECT id, time_us, boot_id, uid, kind, driver, release, from_version, to_version, result, " \
        "detail FROM history"

int store_history(Store *store, const HistoryFilter *filter, HistoryList *ret)
{
        static const char of_all[] = COLUMNS " WHERE time_us >= ?2 ORDER BY id DESC LIMIT ?3";
        static const char of_driver[] =
                        COLUMNS " WHERE driver = ?1 AND time_us >= ?2 ORDER BY id DESC LIMIT ?3";
        HistoryList list CLEANUP(history_list_done) = { 0 };
        sqlite3_stmt *statement CLEANUP_STATEMENT = NULL;
        int r = store_statement(store, filter->driver ? of_driver : of_all, &statement);

        if (r >= 0)
                r = bind_filter(statement, filter);
        if (r >= 0)
                r = store_rows(store, statement, append, &list);
        if (r < 0 && r != -ENOTCONN)
                return r;
        *ret = list;
        list = (HistoryList){ 0 };
        return 0;
}
