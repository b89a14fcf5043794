/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The operations that are under way: what a start after a crash must finish or undo. Plans are opaque text.
 */

#include <errno.h>

#include "store/store-database.h"
#include "util/array.h"

int store_journal_begin(Store *store, const char *plan, uid_t uid, int64_t now_us, int64_t *ret_id)
{
        static const char sql[] = "INSERT INTO journal (phase, plan, begun_us, uid) VALUES (?1, ?2, ?3, ?4)";
        sqlite3_stmt *statement CLEANUP_STATEMENT = NULL;
        int r = store_write_statement(store, sql, &statement);

        if (r < 0)
                return r;
        if (statement_bind_integer(statement, 1, JOURNAL_INTENT) < 0 ||
                        statement_bind_text(statement, 2, plan) < 0 ||
                        statement_bind_integer(statement, 3, now_us) < 0 ||
                        statement_bind_integer(statement, 4, (int64_t) uid) < 0)
                return -ENOMEM;
        r = store_run(store, statement);
        if (r < 0)
                return r;
        *ret_id = sqlite3_last_insert_rowid(store->database);
        return 0;
}

/* An entry that isn't there must not be taken for one that was changed. */
static int run_on_entry(Store *store, sqlite3_stmt *statement)
{
        int r = store_run(store, statement);

        if (r < 0)
                return r;
        return sqlite3_changes(store->database) > 0 ? 0 : -ENOENT;
}

int store_journal_phase(Store *store, int64_t id, JournalPhase phase)
{
        sqlite3_stmt *statement CLEANUP_STATEMENT = NULL;
        int r = store_write_statement(store, "UPDATE journal SET phase = ?2 WHERE id = ?1", &statement);

        if (r < 0)
                return r;
        if (statement_bind_integer(statement, 1, id) < 0 ||
                        statement_bind_integer(statement, 2, (int64_t) phase) < 0)
                return -ENOMEM;
        return run_on_entry(store, statement);
}

int store_journal_end(Store *store, int64_t id)
{
        sqlite3_stmt *statement CLEANUP_STATEMENT = NULL;
        int r = store_write_statement(store, "DELETE FROM journal WHERE id = ?1", &statement);

        if (r < 0)
                return r;
        if (statement_bind_integer(statement, 1, id) < 0)
                return -ENOMEM;
        return run_on_entry(store, statement);
}

void journal_list_done(JournalList *list)
{
        for (size_t i = 0; i < list->count; i++)
                free(list->items[i].plan);
        free(list->items);
        *list = (JournalList){ 0 };
}

static int append(void *userdata, sqlite3_stmt *row)
{
        JournalList *list = userdata;
        JournalEntry *items = array_grow(list->items, list->count, sizeof(*items)), *item;

        if (!items)
                return -ENOMEM;
        list->items = items;
        item = &items[list->count++];
        *item = (JournalEntry){
                .id = sqlite3_column_int64(row, 0),
                .phase = (JournalPhase) sqlite3_column_int(row, 1),
                .plan = statement_text(row, 2),
                .begun_us = sqlite3_column_int64(row, 3),
                .uid = (uint32_t) sqlite3_column_int64(row, 4),
        };
        return item->plan ? 0 : -ENOMEM;
}

int store_journal_open_entries(Store *store, JournalList *ret)
{
        JournalList list CLEANUP(journal_list_done) = { 0 };
        sqlite3_stmt *statement CLEANUP_STATEMENT = NULL;
        int r = store_statement(
                        store, "SELECT id, phase, plan, begun_us, uid FROM journal ORDER BY id", &statement);

        if (r >= 0)
                r = store_rows(store, statement, append, &list);
        if (r < 0 && r != -ENOTCONN)
                return r;
        *ret = list;
        list = (JournalList){ 0 };
        return 0;
}
