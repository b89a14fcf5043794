/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a plan says of one module in one kernel release: two parts share it, the link and the override line.
 */
#pragma once

#include "change/plan/plan-parts.h"
#include "util/record.h"

/* The fields of a PlanChange in a journal; and those of a ModuleState that are the link's, and the line's.
 */
extern const Record plan_change_record;
extern const Record plan_link_record;
extern const Record plan_line_record;

/* Whether before and after differ. */
bool plan_change_does_anything(const PlanChange *change) NONNULL(1);
