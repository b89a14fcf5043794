/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The operations that change which version is selected: select, deselect, carry-over, heal. */
#pragma once

#include "change/context.h"
#include "model/problem.h"

/* All targets at once, each with its package: see plan_new(). */
int select_plan(const ChangeContext *context, const Request *request, Proposal *proposal,
                Refusal *refusal) WARN_UNUSED NONNULL(1, 2, 3, 4);

/* The preflight of all that is selected. */
int select_check(const ChangeContext *context, Proposal *proposal) WARN_UNUSED NONNULL(1, 2);
