/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What modprobe will go by in one release once a change is made: modprobe.d without the blocks that the
 * change ends, and the soft dependencies of the files that it selects. It reads only. */
#pragma once

#include "change/checks/preflight-dependents.h"
#include "model/preflight.h"

/* Made once for a change in a release; zeros: not made yet. */
typedef struct ModprobePlan {
        bool is_made;
        ModprobeRules common, own; /* as modprobe_rules_read(), modprobe_rules_read_release() */
} ModprobePlan;

void modprobe_plan_done(ModprobePlan *plan) NONNULL(1);

/* Fills the load of FACTS, whose file the index need not know, and the device for which udev would load
 * others. What is found belongs to the plan. 0 or a negative errno. */
int preflight_gather_modprobe(const ReleaseChange *change, ModprobePlan *plan,
                PreflightFacts *facts) WARN_UNUSED NONNULL(1, 2, 3);
