/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is remembered in /var/lib/hostdriver/hostdriver.db. Only this room knows SQL; nothing here reads the
 * host. */
#pragma once

#include <stdint.h>

#include "util/macros.h"

typedef struct Store Store;

Store *store_free(Store *store);
DEFINE_CLEANUP(Store, store_free)

/* Proves that a write would be durable now, by writing: 0, -EROFS, -ENOSPC, … For those who do much before
 * they write. */
int store_check_writable(Store *store) WARN_UNUSED NONNULL(1);
/* The same as far as it is known without writing: a full disk is not. */
int store_known_refusal(const Store *store) WARN_UNUSED NONNULL(1);

/* Several writes as one: all the calls between are in one transaction. */
int store_begin(Store *store) WARN_UNUSED NONNULL(1);
int store_commit(Store *store) WARN_UNUSED NONNULL(1);
void store_rollback(Store *store) NONNULL(1);
