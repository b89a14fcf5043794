/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Dry runs: jobs that say what would be done, and do nothing. */
#pragma once

#include "change/changer.h"

/* Makes a job of PLAN that does nothing; SATISFIED: all is as the plan wants it. Refused is what the change
 * would be refused for, but for what only shows when something is written: that another program has the
 * host's lock, that a disk is full. *ret_job as for proposal_commit(); it is done already unless images have
 * to be read first. 0, -ECANCELED with a refusal, or a negative errno. */
int dry_run_start(Changer *changer, Plan *plan_taken, bool satisfied, uid_t uid, Job **ret_job,
                Refusal *refusal) WARN_UNUSED NONNULL(1, 2, 5, 6);
