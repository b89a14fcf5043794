/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Who a driver is: name, UUID, since when. Rows are never deleted, so that one that comes back is the same.
 */

#include <errno.h>

#include "store/store-database.h"
#include "util/array.h"

void identity_list_done(IdentityList *list)
{
        for (size_t i = 0; i < list->count; i++) {
                free(list->items[i].name);
                free(list->items[i].uuid);
                free(list->items[i].package);
        }
        free(list->items);
        *list = (IdentityList){ 0 };
}

static int append(void *userdata, sqlite3_stmt *row)
{
        IdentityList *list = userdata;
        Identity *items = array_grow(list->items, list->count, sizeof(*items)), *item;

        if (!items)
                return -ENOMEM;
        list->items = items;
        item = &items[list->count++];
        *item = (Identity){
                .name = statement_text(row, 0),
                .uuid = statement_text(row, 1),
                .package = statement_text(row, 2),
                .first_seen_us = sqlite3_column_int64(row, 3),
                .removed_at_us = sqlite3_column_int64(row, 4),
        };
        return item->name && item->uuid && item->package ? 0 : -ENOMEM;
}

int store_identities(Store *store, IdentityList *ret)
{
        static const char sql[] = "SELECT name, uuid, package, first_seen_us, removed_at_us FROM identity "
                                  "ORDER BY name";
        IdentityList list CLEANUP(identity_list_done) = { 0 };
        sqlite3_stmt *statement CLEANUP_STATEMENT = NULL;
        int r = store_statement(store, sql, &statement);

        if (r >= 0)
                r = store_rows(store, statement, append, &list);
        if (r < 0 && r != -ENOTCONN)
                return r;
        *ret = list;
        list = (IdentityList){ 0 };
        return 0;
}

int store_identity_seen(
                Store *store, const char *name, const char *uuid, const char *package, int64_t now_us)
{
        static const char sql[] =
                        "INSERT INTO identity (name, uuid, package, first_seen_us) VALUES (?1, ?2, ?3, ?4)"
                        " ON CONFLICT (name) DO UPDATE SET package = excluded.package, removed_at_us = 0";
        sqlite3_stmt *statement CLEANUP_STATEMENT = NULL;
        int r = store_write_statement(store, sql, &statement);

        if (r < 0)
                return r;
        if (statement_bind_text(statement, 1, name) < 0 || statement_bind_text(statement, 2, uuid) < 0 ||
                        statement_bind_text(statement, 3, package) < 0 ||
                        statement_bind_integer(statement, 4, now_us) < 0)
                return -ENOMEM;
        return store_run(store, statement);
}

int store_identity_removed(Store *store, const char *name, int64_t now_us)
{
        static const char sql[] =
                        "UPDATE identity SET removed_at_us = ?2 WHERE name = ?1 AND removed_at_us = 0";
        sqlite3_stmt *statement CLEANUP_STATEMENT = NULL;
        int r = store_write_statement(store, sql, &statement);

        if (r < 0)
                return r;
        if (statement_bind_text(statement, 1, name) < 0 || statement_bind_integer(statement, 2, now_us) < 0)
                return -ENOMEM;
        return store_run(store, statement);
}
