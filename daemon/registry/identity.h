/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Who the host and its drivers are: UUIDs that outlive restarts, removals and a lost database. */
#pragma once

#include "host/root.h"
#include "model/problem.h"
#include "store/store-identity.h"
#include "store/store.h"
#include "util/string-set.h"

/* The host's UUID; the caller frees *ret. It is derived from /etc/machine-id, which must stay private
 * (machine-id(5)). Where that is missing, a random UUID is remembered in the store, and PROBLEMS says so.
 * STORE NULL: it isn't remembered. */
int identity_host(const HostRoot *root, Store *store, ProblemList *problems, char **ret) WARN_UNUSED
                NONNULL(1, 3, 4);

/* The UUID of a driver of that host, the same whenever it is asked for; the caller frees *ret. */
int identity_derive(const char *host_id, const char *name, char **ret) WARN_UNUSED NONNULL(1, 2, 3);

/* The remembered identity of NAME; NULL if there is none, or if its UUID is none. */
const Identity *identity_find(const IdentityList *list, const char *name) NONNULL(1, 2);

/* The names of the drivers that were there when the store was last told. */
int identity_present(const IdentityList *list, StringSet *ret) WARN_UNUSED NONNULL(1, 2);
