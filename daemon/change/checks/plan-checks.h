/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The preflight of a whole plan: every module that it selects, in every release, and room for all of it. */
#pragma once

#include "change/context.h"
#include "model/problem.h"

/* Appends what speaks against the plan, each finding once. 0 or a negative errno. */
int preflight_plan(const ChangeContext *context, const Plan *plan, ProblemList *ret) WARN_UNUSED
                NONNULL(1, 2, 3);

/* For Operation.check: whether there is room for what is proposed, and it may be written. */
int space_check_plan(const ChangeContext *context, Proposal *proposal) WARN_UNUSED NONNULL(1, 2);
