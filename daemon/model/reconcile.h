/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What came, went and stayed: set arithmetic over names. Pure. */
#pragma once

#include "util/string-set.h"

typedef struct Reconciliation {
        StringSet removed; /* remembered − found */
        StringSet added;   /* found − remembered */
        StringSet updated; /* in both */
} Reconciliation;

int reconcile(const StringSet *remembered, const StringSet *found, Reconciliation *ret) WARN_UNUSED
                NONNULL(1, 2, 3);
void reconciliation_done(Reconciliation *reconciliation) NONNULL(1);
