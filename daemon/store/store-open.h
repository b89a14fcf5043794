/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Opens the store whatever state the database is in, and says which: a service without memory still serves.
 */
#pragma once

#include "store/store.h"

/* How the database was found. All but STORE_FAILED leave a usable store. */
typedef enum StoreCondition {
        STORE_OPENED,
        STORE_CREATED,
        STORE_SET_ASIDE, /* damaged: moved to hostdriver.db.damaged-TIME, a new one made */
        STORE_READ_ONLY, /* opened, but nothing can be written (read-only file system, no permission) */
        STORE_ABSENT,    /* could be neither opened nor made: remembers nothing, refuses every write */
} StoreCondition;

/* DIRECTORY is a path that SQLite can open (host_root_resolve()). Runs the migrations; one that fails
 * changes and deletes nothing, and is STORE_ABSENT. ret_detail (may be NULL) gets a sentence, or NULL for
 * the first two conditions; the caller frees it. Returns 0, or -ENOMEM. */
int store_open(const char *directory, StoreCondition *ret_condition, char **ret_detail,
                Store **ret) WARN_UNUSED NONNULL(1, 2, 4);
