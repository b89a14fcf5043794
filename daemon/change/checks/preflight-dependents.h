/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which modules outside a change would no longer load with it: those that import from what is switched. It
 * reads only. */
#pragma once

#include "change/checks/symbol-sources.h"
#include "host/facts.h"
#include "model/problem.h"

/* A change in one release. Borrowed. */
typedef struct ReleaseChange {
        const HostRoot *root;
        const Facts *facts;
        const char *release;
        const CatalogueRelease *installed; /* NULL: it isn't */
        PlannedFiles planned;
        SymbolSources *sources; /* NULL if it isn't installed */
} ReleaseChange;

/* As preflight_check_dependents(). */
int dependents_check(const ReleaseChange *change, ProblemList *ret) WARN_UNUSED NONNULL(1, 2);
