/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a plan changes, in words for people. Pure. */
#pragma once

#include "change/plan/plan-text.h"
#include "change/plan/plan.h"

/* One line for each thing that changes: those of the parts; for each kernel release that depmod runs for;
 * and for each of IMAGES, paths, that is rebuilt. 0 or -ENOMEM. */
int plan_describe(const Plan *plan, const StringSet *images, PlanText *ret) WARN_UNUSED NONNULL(1, 2, 3);
