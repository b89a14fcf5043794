/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How long the steps of a job take: an estimate, and nothing depends on it. */
#pragma once

#include "store/store.h"

/* Adds one to the moving average of STEP. */
int store_duration_add(Store *store, const char *step, uint64_t usec) WARN_UNUSED NONNULL(1, 2);
/* -ENOENT if it was never measured. */
int store_duration_get(Store *store, const char *step, uint64_t *ret_usec) WARN_UNUSED NONNULL(1, 2, 3);
