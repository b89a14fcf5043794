/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Finds what a growing plan already says of a module in a release. A value; no I/O. */
#pragma once

#include "util/macros.h"

typedef struct PlanIndexEntry {
        const char *name; /* borrowed, as the release is */
        const char *release;
        size_t position; /* in the array that is indexed */
} PlanIndexEntry;

typedef struct PlanIndex {
        PlanIndexEntry *items; /* by name, then release; of equal ones the first that was added comes first
                                */
        size_t count;
} PlanIndex;

/* 0 or -ENOMEM. */
int plan_index_add(PlanIndex *index, const char *name, const char *release, size_t position) WARN_UNUSED
                NONNULL(1, 2, 3);
/* The first entry of NAME in RELEASE, or NULL. */
const PlanIndexEntry *plan_index_find(const PlanIndex *index, const char *name, const char *release)
                NONNULL(1, 2, 3);
/* The entries of NAME in any release: *ret_count of them from the returned one. */
const PlanIndexEntry *plan_index_find_all(const PlanIndex *index, const char *name, size_t *ret_count)
                NONNULL(1, 2, 3);
void plan_index_done(PlanIndex *index) NONNULL(1);
