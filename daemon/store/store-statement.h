/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The open database behind a Store, and statements on it. Private to the store room. */
#pragma once

#include <sqlite3.h>
#include <stdint.h>

#include "util/macros.h"

#define STORE_STATEMENTS_MAX 32

typedef struct StoreStatement {
        const char *sql; /* static: the key of the cache */
        sqlite3_stmt *statement;
} StoreStatement;

/* Of store.h, which needs no more than its name. */
typedef struct Store Store;
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

/* A parameter of a statement. What it points to must outlive the call. */
typedef struct StoreValue {
        const char *text;
        const void *data; /* without a text: SIZE bytes */
        size_t size;
        int64_t number; /* without either */
} StoreValue;

#define TEXT(value)             \
        {                       \
                .text = (value) \
        }
#define DATA(bytes, length)                       \
        {                                         \
                .data = (bytes), .size = (length) \
        }
#define NUMBER(value)                       \
        {                                   \
                .number = (int64_t) (value) \
        }

/* All parameters of a statement in their order, ?1 first, and their count. */
#define VALUES(...) (const StoreValue[]){ __VA_ARGS__ }, ELEMENTSOF(((const StoreValue[]){ __VA_ARGS__ }))
#define NO_VALUES NULL, 0

/* Runs SQL, which must be static text and returns no row. It is refused with what the store's condition
 * says. If it fails within a transaction, that is rolled back as a whole. */
int store_write(Store *store, const char *sql, const StoreValue *values, size_t count) WARN_UNUSED
                NONNULL(1, 2);

/* Hands every row of SQL, which must be static text, to TAKE, which returns 0 or a negative errno that ends
 * it. 1 if there was a row, 0 if there was none or there is no database, or an error. */
int store_read(Store *store, const char *sql, const StoreValue *values, size_t count,
                int (*take)(void *userdata, sqlite3_stmt *row), void *userdata) WARN_UNUSED NONNULL(1, 2, 5);

/* The first column of the only row, which the caller frees. -ENOENT if there is none. */
int store_read_text(Store *store, const char *sql, const StoreValue *values, size_t count,
                char **ret) WARN_UNUSED NONNULL(1, 2, 5);

/* A copy of a text column, "" for NULL; the caller frees it. NULL: no memory. */
char *row_text(sqlite3_stmt *row, int column) WARN_UNUSED NONNULL(1);
