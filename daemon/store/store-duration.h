/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How long the steps of a job take: an estimate, and nothing depends on it. */
#pragma once

#include "store/store.h"

/* Those that wait for a transaction to be written in: they aren't worth one of their own, which is synced.
 */
typedef struct DurationList {
        struct Duration *items;
        size_t count;
} DurationList;

void duration_list_done(DurationList *list) NONNULL(1);
/* 0 or -ENOMEM. */
int duration_list_add(DurationList *list, const char *step, uint64_t usec) WARN_UNUSED NONNULL(1, 2);

/* Adds each to the moving average of its step. */
int store_durations_add(Store *store, const DurationList *list) WARN_UNUSED NONNULL(1, 2);
/* -ENOENT if it was never measured. */
int store_duration_get(Store *store, const char *step, uint64_t *ret_usec) WARN_UNUSED NONNULL(1, 2, 3);
