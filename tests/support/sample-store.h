/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A store that must be found as expected, and its database past our own code. */
#pragma once

#include "store/store-open.h"
#include "store/store.h"
#include "temp-dir.h"

/* Opens the one in DIRECTORY, which must be in that CONDITION, and say something of it where it is odd. */
Store *sample_store_open(const char *directory, StoreCondition condition) WARN_UNUSED NONNULL(1);

/* Runs SQL on the database below DIR, which nobody else may have open. */
void sample_store_run_sql(const TempDir *dir, const char *name, const char *sql) NONNULL(1, 2, 3);
