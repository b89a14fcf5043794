/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Rows of the table "journal" and back. Plans are opaque text. */

#include "store/store-journal.h"

#include <errno.h>

#include "store/store-statement.h"
#include "util/array.h"

int store_journal_begin(Store *store, const char *plan, uid_t uid, int64_t now_us, int64_t *ret_id)
{
        static const char sql[] = "INSERT INTO journal (phase, plan, begun_us, uid) VALUES (?1, ?2, ?3, ?4)";
        int r = store_write(
                        store, sql, VALUES(NUMBER(JOURNAL_INTENT), TEXT(plan), NUMBER(now_us), NUMBER(uid)));

        if (r < 0)
                return r;
        *ret_id = sqlite3_last_insert_rowid(store->database);
        return 0;
}

/* An entry that isn't there must not be taken for one that was changed: R if that is an error, or -ENOENT.
 */
static int changed_entry(const Store *store, int r)
{
        if (r < 0)
                return r;
        return sqlite3_changes(store->database) > 0 ? 0 : -ENOENT;
}

int store_journal_phase(Store *store, int64_t id, JournalPhase phase)
{
        return changed_entry(store, store_write(store, "UPDATE journal SET phase = ?2 WHERE id = ?1",
                                                    VALUES(NUMBER(id), NUMBER(phase))));
}

int store_journal_end(Store *store, int64_t id)
{
        return changed_entry(
                        store, store_write(store, "DELETE FROM journal WHERE id = ?1", VALUES(NUMBER(id))));
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
        JournalEntry *item;

        if (!array_reserve(list->items, list->count))
                return -ENOMEM;
        item = &list->items[list->count++];
        *item = (JournalEntry){
                .id = sqlite3_column_int64(row, 0),
                .phase = (JournalPhase) sqlite3_column_int(row, 1),
                .plan = row_text(row, 2),
                .begun_us = sqlite3_column_int64(row, 3),
                .uid = (uint32_t) sqlite3_column_int64(row, 4),
        };
        return item->plan ? 0 : -ENOMEM;
}

int store_journal_open_entries(Store *store, JournalList *ret)
{
        static const char sql[] = "SELECT id, phase, plan, begun_us, uid FROM journal ORDER BY id";
        JournalList list CLEANUP(journal_list_done) = { 0 };
        int r = store_read(store, sql, NO_VALUES, append, &list);

        if (r < 0)
                return r;
        *ret = list;
        list = (JournalList){ 0 };
        return 0;
}
