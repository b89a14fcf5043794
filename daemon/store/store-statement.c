/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Prepared statements, kept for the next time, and the meaning of SQLite's errors. It knows no table. */

#include "store/store-statement.h"

#include <errno.h>
#include <string.h>

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

/* A prepared statement, kept for the next time. -ENOTCONN if there is no database. */
static int prepare(Store *store, const char *sql, sqlite3_stmt **ret)
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

static int bind(sqlite3_stmt *statement, const StoreValue *values, size_t count)
{
        for (size_t i = 0; i < count; i++) {
                const StoreValue *value = &values[i];
                int place = (int) i + 1, code;

                if (value->text)
                        code = sqlite3_bind_text(statement, place, value->text, -1, SQLITE_STATIC);
                else if (value->data)
                        code = sqlite3_bind_blob64(
                                        statement, place, value->data, value->size, SQLITE_STATIC);
                else
                        code = sqlite3_bind_int64(statement, place, value->number);
                if (code != SQLITE_OK)
                        return database_error(NULL, code);
        }
        return 0;
}

/* For the next time. */
static void releasep(sqlite3_stmt **statement)
{
        if (!*statement)
                return;
        (void) sqlite3_reset(*statement);
        (void) sqlite3_clear_bindings(*statement);
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

static int run(Store *store, sqlite3_stmt *statement)
{
        int code = sqlite3_step(statement), r;

        if (code == SQLITE_DONE)
                return 0;
        r = code == SQLITE_ROW ? -EIO : database_error(store->database, code);
        (void) sqlite3_reset(statement);
        abandon_transaction(store, r);
        return r;
}

int store_write(Store *store, const char *sql, const StoreValue *values, size_t count)
{
        sqlite3_stmt *statement CLEANUP(releasep) = NULL;
        int r = store->refusal < 0 ? store->refusal : store->transaction_error;

        if (r >= 0)
                r = prepare(store, sql, &statement);
        if (r >= 0)
                r = bind(statement, values, count);
        return r < 0 ? r : run(store, statement);
}

int store_read(Store *store, const char *sql, const StoreValue *values, size_t count,
                int (*take)(void *userdata, sqlite3_stmt *row), void *userdata)
{
        sqlite3_stmt *statement CLEANUP(releasep) = NULL;
        int r = prepare(store, sql, &statement), code;
        bool any = false;

        if (r < 0)
                return r == -ENOTCONN ? 0 : r;
        r = bind(statement, values, count);
        if (r < 0)
                return r;
        while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
                any = true;
                r = take(userdata, statement);
                if (r < 0)
                        return r;
        }
        return code == SQLITE_DONE ? any : database_error(store->database, code);
}

static int take_text(void *userdata, sqlite3_stmt *row)
{
        char **place = userdata;

        free(*place);
        *place = row_text(row, 0);
        return *place ? 0 : -ENOMEM;
}

int store_read_text(Store *store, const char *sql, const StoreValue *values, size_t count, char **ret)
{
        char *text CLEANUP_FREE = NULL;
        int r = store_read(store, sql, values, count, take_text, &text);

        if (r <= 0)
                return r < 0 ? r : -ENOENT;
        *ret = STEAL(text);
        return 0;
}

char *row_text(sqlite3_stmt *row, int column)
{
        const char *text = (const char *) sqlite3_column_text(row, column);

        return strdup(text ? text : "");
}
