/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Places plans on the host between two entries of the journal, so that a crash can be undone, takes them
 * back, and writes down how they ended: the history, and what is wanted from then on. */
#pragma once

#include "change/context.h"
#include "change/job/job.h"
#include "store/store-duration.h"

/* Refuses if the journal can't be written: nothing could be undone then. 0, -ECANCELED with a refusal, or a
 * negative errno. */
int journal_check(const ChangeContext *context, Refusal *refusal) WARN_UNUSED NONNULL(1, 2);
/* The same, as far as it is known without writing. */
int journal_check_known(const ChangeContext *context, Refusal *refusal) WARN_UNUSED NONNULL(1, 2);

/* Brings the disk to PLAN. When it returns 0 that is durable, and *ret_id is the open entry; else all is as
 * it was, or will be when recovery_settle() could take it back. -ECANCELED with a refusal, or a negative
 * errno. */
int journal_place(const ChangeContext *context, const Plan *plan, uid_t uid, int64_t *ret_id,
                Refusal *refusal) WARN_UNUSED NONNULL(1, 2, 4, 5);

/* Brings the disk to PLAN once more, for whoever finds its entry: what journal_place() does there. 0,
 * -ECANCELED with a refusal, or a negative errno. */
int journal_redo(const ChangeContext *context, const Plan *plan, Refusal *refusal) WARN_UNUSED
                NONNULL(1, 2, 3);

/* Makes the disk be as it was before the plan, and says so in the journal. On failure, which is logged, the
 * entry stays. */
int journal_take_back(const ChangeContext *context, const Plan *plan, int64_t journal_id,
                Refusal *refusal) WARN_UNUSED NONNULL(1, 2, 4);

/* What has to follow each of these three when depmod has run: drivers that the plan lets load again (or, if
 * it was TAKEN_BACK, let load before) are blocked until then. Plans for which depmod isn't run need it not.
 * WELL: the module index is right, as far as is known; else it is looked at, and what it doesn't name stays
 * blocked. 0, -ECANCELED with a refusal, or a negative errno. */
int journal_finish(const ChangeContext *context, const Plan *plan, bool taken_back, bool well,
                Refusal *refusal) WARN_UNUSED NONNULL(1, 2, 5);

/* Takes back a plan of which nothing but the disk knows yet, and closes its entry; on failure that stays. */
void journal_abandon(const ChangeContext *context, const Plan *plan, int64_t journal_id) NONNULL(1, 2);

/* Closes the journal entry of a finished job and writes the history, and how long tools TOOK, in one. Logs
 * if that fails: the job's result stands. 0 or a negative errno. */
int journal_end(const ChangeContext *context, Job *job, JobResult result, const char *error,
                const DurationList *took) WARN_UNUSED NONNULL(1, 2, 5);

/* The same for a kernel release that was forgotten, which has no job; 0: it has no entry either. ERROR is
 * NULL, or why it was taken back. */
int journal_end_forgotten(const ChangeContext *context, const Plan *plan, int64_t journal_id, uid_t uid,
                const char *error) WARN_UNUSED NONNULL(1, 2);

/* Selected without anything to do: remembers that it is wanted. A store that can't be written is left alone.
 */
void journal_remember(const ChangeContext *context, const Plan *plan) NONNULL(1, 2);

/* Removes the mark if nothing is under way. For whoever holds the host's lock. */
void journal_clear_mark(const ChangeContext *context) NONNULL(1);
