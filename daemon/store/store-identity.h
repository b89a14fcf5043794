/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Who a driver is: name, UUID, since when. Rows are never deleted, so that one that comes back is the same.
 */
#pragma once

#include "store/store.h"

typedef struct Identity {
        char *name; /* canonical module name: the key */
        char *uuid;
        char *package;
        int64_t first_seen_us; /* µs since the epoch */
        int64_t removed_at_us; /* 0 while the driver is there */
} Identity;

typedef struct IdentityList {
        Identity *items; /* by name */
        size_t count;
} IdentityList;

int store_identities(Store *store, IdentityList *ret) WARN_UNUSED NONNULL(1, 2);
void identity_list_done(IdentityList *list) NONNULL(1);

/* Adds the driver, or marks it as present again: a known one keeps its UUID and first-seen time. */
int store_identity_seen(Store *store, const char *name, const char *uuid, const char *package,
                int64_t now_us) WARN_UNUSED NONNULL(1, 2, 3, 4);
int store_identity_removed(Store *store, const char *name, int64_t now_us) WARN_UNUSED NONNULL(1, 2);
