/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A connection to the database as SQLite gives it, set up and judged. Private to the store room. */
#pragma once

#include <sqlite3.h>

#include "util/macros.h"

typedef enum StoreVerdict {
        STORE_VERDICT_SOUND,    /* ours, of the current schema, and whole */
        STORE_VERDICT_EMPTY,    /* no tables yet */
        STORE_VERDICT_OLD,      /* ours, of an older schema */
        STORE_VERDICT_NEWER,    /* ours, of a newer schema */
        STORE_VERDICT_DAMAGED,  /* not ours, or not whole */
        STORE_VERDICT_UNUSABLE, /* SQLite can't open it, as *ret_code says */
} StoreVerdict;

/* Opens the database in DIRECTORY and looks through its tables; nothing is written. With READ_ONLY, a file
 * system that can't be written to is no obstacle. *ret is NULL unless the verdict is about a connection that
 * can be used: sound, empty, old. *ret_code is a result code of SQLite, *ret_error an errno for it. */
StoreVerdict store_connect(const char *directory, bool read_only, sqlite3 **ret, int *ret_code,
                int *ret_error) WARN_UNUSED NONNULL(1, 3, 4, 5);

/* Switches the write-ahead log on, with every commit synced. A result code of SQLite. */
int store_connect_for_writing(sqlite3 *database) WARN_UNUSED NONNULL(1);
