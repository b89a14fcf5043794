/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The open database behind a Store, and statements on it. Private to the store room. */
#pragma once

#include <sqlite3.h>

#include "store/store.h"

#define STORE_STATEMENTS_MAX 32

typedef struct StoreStatement {
        const char *sql; /* static: the key of the cache */
        sqlite3_stmt *statement;
} StoreStatement;

struct Store {
        sqlite3 *database;     /* NULL if absent */
        int refusal;           /* 0, or what every write returns: read only or absent */
        bool in_transaction;   /* between store_begin() and its end */
        int transaction_error; /* a write in it failed: it is rolled back, and the rest is refused */
        StoreStatement statements[STORE_STATEMENTS_MAX];
        size_t statement_count;
};

/* The one place that turns SQLite's results into errno: CODE is an (extended) result code. */
int database_error(sqlite3 *database, int code);

/* True if CODE means that the file is no sound database of SQLite. */
bool database_is_damaged(int code);

/* A prepared statement for SQL, which must be static text; it is kept for the next time. Borrowed: reset it
 * with CLEANUP_STATEMENT. -ENOTCONN if there is no database. */
int store_statement(Store *store, const char *sql, sqlite3_stmt **ret) WARN_UNUSED NONNULL(1, 2, 3);

/* The same for a statement that writes: refused with what the store's condition says. */
int store_write_statement(Store *store, const char *sql, sqlite3_stmt **ret) WARN_UNUSED NONNULL(1, 2, 3);

/* Runs a statement that returns no row. If it fails within a transaction, that is rolled back as a whole. */
int store_run(Store *store, sqlite3_stmt *statement) WARN_UNUSED NONNULL(1, 2);

/* The next row: 1, or 0 at the end, or an error. */
int store_step(Store *store, sqlite3_stmt *statement) WARN_UNUSED NONNULL(1, 2);

/* Hands every row that is left to TAKE, which returns 0 or a negative errno that ends it. 0, or an error. */
int store_rows(Store *store, sqlite3_stmt *statement, int (*take)(void *userdata, sqlite3_stmt *row),
                void *userdata) WARN_UNUSED NONNULL(1, 2, 3);

/* The first column of the next row, which the caller frees. -ENOENT if there is none. */
int store_text(Store *store, sqlite3_stmt *statement, char **ret) WARN_UNUSED NONNULL(1, 2, 3);

/* Binds TEXT, which must outlive the statement's run. Parameters count from 1; their only error is
 * a lack of memory. */
int statement_bind_text(sqlite3_stmt *statement, int parameter, const char *text) WARN_UNUSED NONNULL(1, 3);
int statement_bind_integer(sqlite3_stmt *statement, int parameter, int64_t value) WARN_UNUSED NONNULL(1);

/* A copy of a text column, "" for NULL; the caller frees it. NULL: no memory. */
char *statement_text(sqlite3_stmt *statement, int column) WARN_UNUSED NONNULL(1);

void statement_releasep(sqlite3_stmt **statement);
#define CLEANUP_STATEMENT CLEANUP(statement_releasep)
