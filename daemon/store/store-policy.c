/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Rows of the tables "policy" and "kernel" and back. */

#include "store/store-policy.h"

#include <errno.h>

#include "store/store-statement.h"

int store_policy_set(Store *store, const char *name, const char *policy)
{
        static const char sql[] = "INSERT INTO policy (name, policy) VALUES (?1, ?2)"
                                  " ON CONFLICT (name) DO UPDATE SET policy = excluded.policy";

        return store_write(store, sql, VALUES(TEXT(name), TEXT(policy)));
}

int store_policy_get(Store *store, const char *name, char **ret)
{
        return store_read_text(store, "SELECT policy FROM policy WHERE name = ?1", VALUES(TEXT(name)), ret);
}

static int add_release(void *userdata, sqlite3_stmt *row)
{
        char *release CLEANUP_FREE = row_text(row, 0);

        return release ? string_set_add(userdata, release) : -ENOMEM;
}

int store_kernels(Store *store, StringSet *ret)
{
        StringSet kernels CLEANUP_STRING_SET = { 0 };
        int r = store_read(store, "SELECT release FROM kernel ORDER BY release", NO_VALUES, add_release,
                        &kernels);

        if (r < 0)
                return r;
        *ret = kernels;
        kernels = (StringSet){ 0 };
        return 0;
}

int store_kernel_add(Store *store, const char *release)
{
        static const char sql[] = "INSERT INTO kernel (release) VALUES (?1) ON CONFLICT DO NOTHING";

        return store_write(store, sql, VALUES(TEXT(release)));
}

int store_kernel_remove(Store *store, const char *release)
{
        int r = store_write(store, "DELETE FROM kernel WHERE release = ?1", VALUES(TEXT(release)));

        if (r < 0)
                return r;
        return store_write(store, "DELETE FROM wanted WHERE release = ?1", VALUES(TEXT(release)));
}
