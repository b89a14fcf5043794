/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The plan of a request to select or deselect. Pure. */
#pragma once

#include "change/plan/plan.h"
#include "host/facts.h"
#include "model/driver.h"

typedef struct PlanTarget {
        const Driver *driver;
        const char *version; /* id; "" to deselect */
} PlanTarget;

/* Plans all targets at once. Each takes all modules of the version's package with it: a package switches as
 * a whole. A module of the package that the version doesn't ship goes to the kernel tree's file, and is
 * deselected if there is none. RELEASES NULL: those that have the version (to deselect: all). Two targets
 * that want different things of one module are refused. 0, -ECANCELED with a refusal, or -ENOMEM. */
int plan_new(const Facts *facts, const PlanTarget *targets, size_t target_count, const StringSet *releases,
                Plan **ret, Refusal *refusal) WARN_UNUSED NONNULL(1, 2, 5, 6);
/* The modules that a target is about: all of the package, in any version and release. 0 or -ENOMEM. */
int plan_target_modules(const Facts *facts, const PlanTarget *target, StringSet *ret) WARN_UNUSED
                NONNULL(1, 2, 3);
