/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a plan changes, in words for people. Pure. */
#pragma once

#include "change/plan/plan.h"

/* Lines in the order of what happens. Usable as a strv. */
typedef struct PlanText {
        char **lines; /* NULL at the end; NULL if there are none */
        size_t count;
} PlanText;

/* One line for each thing that changes: version directory, module file, link, override line, modprobe.d
 * file; for each kernel release that depmod runs for; and for each of IMAGES, paths, that is rebuilt. 0 or
 * -ENOMEM. */
int plan_describe(const Plan *plan, const StringSet *images, PlanText *ret) WARN_UNUSED NONNULL(1, 2, 3);
void plan_text_done(PlanText *text) NONNULL(1);
#define CLEANUP_PLAN_TEXT CLEANUP(plan_text_done)
