/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The tables and how old ones become new ones. Private to the store room. */
#pragma once

#include <sqlite3.h>
#include <stdint.h>

#include "util/macros.h"

/* "hdrv": tells our databases from other programs' (PRAGMA application_id). */
#define STORE_APPLICATION_ID 0x68647276

/* Migration N (from 0) takes a database of version N to N + 1. Only ever append. */
typedef struct StoreMigration {
        const char *sql;
} StoreMigration;

extern const StoreMigration store_migrations[];
extern const int store_schema_version;

/* Brings the database from its user_version to COUNT, all in one transaction: a migration that fails changes
 * nothing. Returns a result code of SQLite. */
int store_schema_migrate(sqlite3 *database, const StoreMigration *migrations, int count) WARN_UNUSED
                NONNULL(1, 2);

/* Reads one integer pragma ("user_version"). A result code of SQLite. */
int store_schema_read_pragma(sqlite3 *database, const char *name, int64_t *ret) WARN_UNUSED NONNULL(1, 2, 3);
