/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The first part of the job of an import: its files are copied by a process of its own, so that nobody waits
 * for a slow disk. For the changer's own files. */
#pragma once

#include "change/changer.h"
#include "change/parts/version-stage.h"
#include "change/tool/child.h"

/* Makes a job of PLAN, which copies FILES to where the plan's directories stand aside. Then the plan is done
 * as by changer_execute(). The caller has called changer_prepare(); FILES may go when this returns. *ret_job
 * as for changer_change(). 0 or a negative errno; then nothing is left of it. */
int changer_copy_start(Changer *changer, Plan *plan_taken, const StageFiles *files, uid_t uid,
                Job **ret_job) WARN_UNUSED NONNULL(1, 2, 3, 5);

/* Ends the copying of JOB, which then ends as canceled. 1, 0 if it isn't being copied for, or -EALREADY. */
int changer_copy_cancel(Changer *changer, const Job *job) WARN_UNUSED NONNULL(1, 2);

/* The sentence for a process that had to do with an import's files and ended badly. VERB: "copied". */
int changer_copy_refuse(ChildOutcome outcome, const char *last_lines, const char *verb,
                Refusal *refusal) WARN_UNUSED NONNULL(2, 3, 4);

/* Ends all copying, since the service does: its jobs fail. */
void changer_copy_stop(Changer *changer) NONNULL(1);

/* Kills what copies. No job ends by it. */
void changer_copy_free(Changer *changer) NONNULL(1);
