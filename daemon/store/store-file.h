/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The database as files in its directory: made, looked at, set aside. Private to the store room. */
#pragma once

#include "util/macros.h"

#define STORE_FILE_NAME "hostdriver.db"

typedef enum StoreFileState {
        STORE_FILE_NEW,     /* wasn't there, or is empty: made with mode 0600 */
        STORE_FILE_FOUND,   /* begins like a database of SQLite */
        STORE_FILE_DAMAGED, /* anything else that stands there */
        STORE_FILE_NEWER,   /* ours, but of a schema that we don't know */
} StoreFileState;

/* Makes DIRECTORY (mode 0700) unless it is there, and looks at the file or makes it. 0, or a negative errno
 * if that can't be done; nothing that is there is changed. */
int store_file_prepare(const char *directory, StoreFileState *ret) WARN_UNUSED NONNULL(1, 2);

/* Moves the file, with its -wal and -shm, to hostdriver.db.damaged-<UTC time>[-n]; nothing is overwritten.
 * The caller frees *ret_name, the new name. */
int store_file_set_aside(const char *directory, char **ret_name) WARN_UNUSED NONNULL(1, 2);
