/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Rows of the table "identity" and back. */

#include "store/store-identity.h"

#include <errno.h>

#include "store/store-statement.h"
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
        Identity *item;

        if (!array_reserve(list->items, list->count))
                return -ENOMEM;
        item = &list->items[list->count++];
        *item = (Identity){
                .name = row_text(row, 0),
                .uuid = row_text(row, 1),
                .package = row_text(row, 2),
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
        int r = store_read(store, sql, NO_VALUES, append, &list);

        if (r < 0)
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

        return store_write(store, sql, VALUES(TEXT(name), TEXT(uuid), TEXT(package), NUMBER(now_us)));
}

int store_identity_removed(Store *store, const char *name, int64_t now_us)
{
        static const char sql[] =
                        "UPDATE identity SET removed_at_us = ?2 WHERE name = ?1 AND removed_at_us = 0";

        return store_write(store, sql, VALUES(TEXT(name), NUMBER(now_us)));
}
