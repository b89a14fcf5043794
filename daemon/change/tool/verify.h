/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads back what the module index resolves to: depmod's exit status says nothing (it is 0 for a dangling
 * link, for an ignored line, for an empty index). It reads only. */
#pragma once

#include "change/plan/plan.h"
#include "host/root.h"

/* Returns 1 if every change of the plan is effective, 0 if not, with a sentence about the first that isn't,
 * which the caller frees; or a negative errno. */
int plan_verify(const HostRoot *root, const Plan *plan, char **ret_sentence) WARN_UNUSED NONNULL(1, 2, 3);

/* The same of those modules alone that the plan is to unblock, of an inverse, too: whether the index names
 * what the plan leaves them with. */
int plan_verify_unblocked(const HostRoot *root, const Plan *plan, char **ret_sentence) WARN_UNUSED
                NONNULL(1, 2, 3);
