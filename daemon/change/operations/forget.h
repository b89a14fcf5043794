/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Forgetting a kernel release that goes. No tool is run: its module index goes with it. */
#pragma once

#include "change/proposal.h"

/* The release in the request's kernels goes: its override lines, the links beside them and what was wanted
 * there. Refused with InUse if it runs, since until the next boot drivers are still loaded by what is
 * selected there; and if it is installed, unless the caller knows that it is leaving. */
int forget_plan(const ChangeContext *context, const Request *request, Proposal *proposal,
                Refusal *refusal) WARN_UNUSED NONNULL(1, 2, 3, 4);

/* There is no job: *ret_job is NULL. */
int forget_commit(Changer *changer, Proposal *proposal, uid_t uid, Job **ret_job,
                Refusal *refusal) WARN_UNUSED NONNULL(1, 2, 4, 5);
