/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Prepared statements, kept for the next time, and the meaning of SQLite's errors. It knows no table. */

#include <errno.h>
#include <string.h>

#include "store/store-database.h"

static int system_error(sqlite3 *database, int otherwise)
{
        int error = database ? sqlite3_system_errno(database) : 0;

        return error > 0 ? -error : otherwise;
}

int database_error(sqlite3 *database, int code)
{
        switch (code & 0xff) {
        case SQLITE_OK:
        case SQLITE_ROW:
        case SQLITE_DONE:
                return 0;
        case SQLITE_NOMEM:
                return -ENOMEM;
        case SQLITE_FULL:
                return -ENOSPC;
        case SQLITE_READONLY:
                return -EROFS;
        case SQLITE_PERM:
        case SQLITE_AUTH:
                return -EACCES;
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
                return -EBUSY;
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
                return -EBADMSG;
        case SQLITE_TOOBIG:
                return -EFBIG;
        case SQLITE_CONSTRAINT:
                return -EEXIST;
        case SQLITE_CANTOPEN:
        case SQLITE_IOERR:
                return system_error(database, -EIO);
        default:
                return -EIO;
        }
}

bool database_is_damaged(int code)
{
        return (code & 0xff) == SQLITE_CORRUPT || (code & 0xff) == SQLITE_NOTADB;
}

int store_statement(Store *store, const char *sql, sqlite3_stmt **ret)
{
        StoreStatement *place;
        int code;

        if (!store->database)
                return -ENOTCONN;
        for (size_t i = 0; i < store->statement_count; i++)
                if (store->statements[i].sql == sql) {
                        *ret = store->statements[i].statement;
                        return 0;
                }
        if (store->statement_count >= STORE_STATEMENTS_MAX)
                return -ENOBUFS;
        place = &store->statements[store->statement_count];
        code = sqlite3_prepare_v3(
                        store->database, sql, -1, SQLITE_PREPARE_PERSISTENT, &place->statement, NULL);
        if (code != SQLITE_OK)
                return database_error(store->database, code);
        place->sql = sql;
        store->statement_count++;
        *ret = place->statement;
        return 0;
}

int store_write_statement(Store *store, const char *sql, sqlite3_stmt **ret)
{
        if (store->refusal < 0)
                return store->refusal;
        if (store->transaction_error < 0)
                return store->transaction_error;
        return store_statement(store, sql, ret);
}

/* What was written before in the same transaction must not stay without the rest. */
static void abandon_transaction(Store *store, int error)
{
        if (!store->in_transaction)
                return;
        store->transaction_error = error;
        /* SQLite may have rolled back by itself, and then this one fails. */
        (void) sqlite3_exec(store->database, "ROLLBACK", NULL, NULL, NULL);
}

int store_run(Store *store, sqlite3_stmt *statement)
{
        int code = sqlite3_step(statement), r;

        if (code == SQLITE_DONE)
                return 0;
        r = code == SQLITE_ROW ? -EIO : database_error(store->database, code);
        (void) sqlite3_reset(statement);
        abandon_transaction(store, r);
        return r;
}

int store_step(Store *store, sqlite3_stmt *statement)
{
        int code = sqlite3_step(statement);

        if (code == SQLITE_ROW)
                return 1;
        return database_error(store->database, code);
}

int store_rows(Store *store, sqlite3_stmt *statement, int (*take)(void *userdata, sqlite3_stmt *row),
                void *userdata)
{
        int r;

        while ((r = store_step(store, statement)) > 0) {
                r = take(userdata, statement);
                if (r < 0)
                        return r;
        }
        return r;
}

int store_text(Store *store, sqlite3_stmt *statement, char **ret)
{
        int r = store_step(store, statement);
        char *text;

        if (r <= 0)
                return r < 0 ? r : -ENOENT;
        text = statement_text(statement, 0);
        if (!text)
                return -ENOMEM;
        *ret = text;
        return 0;
}

int statement_bind_text(sqlite3_stmt *statement, int parameter, const char *text)
{
        int code = sqlite3_bind_text(statement, parameter, text, -1, SQLITE_STATIC);

        return database_error(NULL, code);
}

int statement_bind_integer(sqlite3_stmt *statement, int parameter, int64_t value)
{
        int code = sqlite3_bind_int64(statement, parameter, value);

        return database_error(NULL, code);
}

char *statement_text(sqlite3_stmt *statement, int column)
{
        const char *text = (const char *) sqlite3_column_text(statement, column);

        return strdup(text ? text : "");
}

void statement_releasep(sqlite3_stmt **statement)
{
        if (!*statement)
                return;
        (void) sqlite3_reset(*statement);
        (void) sqlite3_clear_bindings(*statement);
}
