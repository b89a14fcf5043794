/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The store as a whole: its end, its transactions, the proof that it can be written. */

#include "store/store.h"

#include <errno.h>

#include "store/store-statement.h"

Store *store_free(Store *store)
{
        if (!store)
                return NULL;
        for (size_t i = 0; i < store->statement_count; i++)
                (void) sqlite3_finalize(store->statements[i].statement);
        (void) sqlite3_close(store->database);
        free(store);
        return NULL;
}

int store_begin(Store *store)
{
        int r;

        if (store->in_transaction)
                return -EALREADY;
        r = store_write(store, "BEGIN IMMEDIATE", NO_VALUES);
        if (r < 0)
                return r;
        store->in_transaction = true;
        store->transaction_error = 0;
        return 0;
}

int store_commit(Store *store)
{
        int r = store->transaction_error;

        if (!store->in_transaction)
                return -EINVAL;
        if (r >= 0)
                r = store_write(store, "COMMIT", NO_VALUES);
        store->in_transaction = false;
        store->transaction_error = 0;
        return r;
}

void store_rollback(Store *store)
{
        if (store->in_transaction && store->transaction_error >= 0)
                (void) sqlite3_exec(store->database, "ROLLBACK", NULL, NULL, NULL);
        store->in_transaction = false;
        store->transaction_error = 0;
}

int store_check_writable(Store *store)
{
        return store_write(store, "UPDATE probe SET count = count + 1", NO_VALUES);
}

int store_known_refusal(const Store *store)
{
        return store->refusal;
}
