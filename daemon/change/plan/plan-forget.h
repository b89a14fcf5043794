/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The plan that takes away what was selected in a kernel release that goes. Pure. */
#pragma once

#include "change/plan/plan.h"

/* Plans that every override line of RELEASE goes, with the link beside it. The release need not be installed
 * any more. Nothing becomes blocked, and the index is expected to say nothing. The plan is empty if nothing
 * was selected there. 0 or -ENOMEM. */
int plan_forget(const Facts *facts, const char *release, Plan **ret) WARN_UNUSED NONNULL(1, 2, 3);
