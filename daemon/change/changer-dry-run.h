/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Dry runs. For the changer's own files. */
#pragma once

#include "change/changer-internal.h"

/* Makes a job of PLAN that does nothing. Refused is what the change would be refused for, but for what only
 * shows when something is written: that another program has the host's lock, that a disk is full. *ret_job
 * as for changer_change(); it is done already unless images have to be read first. 0, -ECANCELED with a
 * refusal, or a negative errno. */
int changer_dry_run(Changer *changer, Plan *plan_taken, uid_t uid, Job **ret_job,
                Refusal *refusal) WARN_UNUSED NONNULL(1, 2, 4, 5);

/* Ends all dry runs, since the service does. */
void changer_dry_run_stop(Changer *changer) NONNULL(1);

/* No job ends by it. */
void changer_dry_run_free(Changer *changer) NONNULL(1);
