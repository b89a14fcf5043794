/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the files of the changer share. Nobody else includes it. */
#pragma once

#include "change/changer-work.h"
#include "change/job/job-queue.h"
#include "store/store-journal.h"

typedef struct ChangerDryRun ChangerDryRun;

struct Changer {
        ChangeContext context; /* as the next five are, which go */
        sd_event *event;
        const HostRoot *root;
        const Config *config;
        Store *store;
        ChangerHost host;
        const JobObserver *observer;
        JobQueue *queue;
        Job **jobs; /* all that are announced and not removed, oldest first */
        size_t job_count;
        ChangerDryRun *dry_runs; /* of changer-dry-run.c: jobs that are in no queue */
        ChangerWork *works;
        uint32_t last_id;
        unsigned plan_count;      /* of proposals */
        int lock_fd;              /* while there is a job that changes the host, else -1 */
        sd_event_source *remover; /* ends jobs that were done when they were made */
        sd_event_source *stopper;
        bool index_only; /* journal entries are neither ended nor taken back */
        bool stopping;
        void (*stopped)(void *userdata);
        void *stopped_userdata;
};

/* --- changer.c: the list of jobs --- */

/* Takes PLAN and announces the job. Borrowed. 0 or a negative errno. */
int changer_add_job(Changer *changer, Plan *plan_taken, int64_t journal_id, uid_t uid, Job **ret) WARN_UNUSED
                NONNULL(1, 2, 5);
/* The same in two steps: the caller may alter the job before anybody sees it. The first one takes PLAN, the
 * second the job. */
int changer_new_job(Changer *changer, Plan *plan_taken, int64_t journal_id, uid_t uid, Job **ret) WARN_UNUSED
                NONNULL(1, 2, 5);
int changer_announce_job(Changer *changer, Job *job_taken, Job **ret) WARN_UNUSED NONNULL(1, 2, 3);
/* The second step for a job that is done already; it is removed when the caller has had a look at it. */
int changer_finish_at_once(Changer *changer, Job *job_taken, Job **ret) WARN_UNUSED NONNULL(1, 2, 3);
/* Sets the result, announces that the job is gone, and gives it up. */
void changer_end_job(Changer *changer, Job *job, JobResult result, const char *error) NONNULL(1, 2);

/* Gives up the host's lock if no job needs it, and the mark if the journal is empty. */
void changer_unlock(Changer *changer) NONNULL(1);

/* --- proposal.c --- */

/* Whether everything is as PLAN wants it, on disk and in the index. 1, 0 or a negative errno. */
int changer_nothing_to_do(const Changer *changer, const Plan *plan) WARN_UNUSED NONNULL(1, 2);

/* Takes the host's lock, proves that the journal can be written, and deals with what an earlier change left.
 * 0, -ECANCELED with a refusal, or a negative errno; changer_unlock() is for the caller in each case. */
int changer_prepare(Changer *changer, Refusal *refusal) WARN_UNUSED NONNULL(1, 2);

/* The refusal for a database that can't be written, with that negative errno. */
int changer_refuse_database(int error, Refusal *refusal) WARN_UNUSED NONNULL(2);

/* The links, between two journal entries. When it returns 0 they are durable. */
int changer_make_durable(Changer *changer, const Plan *plan, uid_t uid, int64_t *ret_id,
                Refusal *refusal) WARN_UNUSED NONNULL(1, 2, 4, 5);

/* Announces JOB, whose plan is on disk, and queues it; else takes all back. *ret is borrowed. */
int changer_start_job(Changer *changer, Job *job, Job **ret) WARN_UNUSED NONNULL(1, 2, 3);

/* --- changer-queue.c --- */

/* Makes CHANGER's queue, once all else of it is filled in. 0 or a negative errno. */
int changer_new_queue(Changer *changer) WARN_UNUSED NONNULL(1);

/* Makes a job of PLAN, which first copies FILES to where the plan's directories stand aside, and then is a
 * change like others. The caller has called changer_prepare(); FILES may go when this returns. *ret_job as
 * for changer_change(). 0 or a negative errno; then nothing is left of it. */
int changer_queue_import(Changer *changer, Plan *plan_taken, const struct StageFiles *files, uid_t uid,
                Job **ret_job) WARN_UNUSED NONNULL(1, 2, 3, 5);

/* --- changer-journal.c --- */

/* Writes down durably what is about to be done. */
int changer_journal_begin(Changer *changer, const Plan *plan, uid_t uid, int64_t *ret_id,
                Refusal *refusal) WARN_UNUSED NONNULL(1, 2, 4, 5);

/* Makes the disk be as it was before the plan, and says so in the journal. On failure, the entry stays. */
int changer_take_back(Changer *changer, const Plan *plan, int64_t journal_id, Refusal *refusal) WARN_UNUSED
                NONNULL(1, 2, 4);

/* One history entry for each subject of the plan, and what is wanted from now on. */
int changer_add_history(Changer *changer, const Plan *plan, uid_t uid, JobResult result,
                const char *error) WARN_UNUSED NONNULL(1, 2);

/* Closes the journal entry of a finished job and writes the history, in one. Logs if that fails: the job's
 * result stands. 0 or a negative errno. */
int changer_journal_end(Changer *changer, Job *job, JobResult result, const char *error) WARN_UNUSED
                NONNULL(1, 2);

/* Selected without anything to do: remembers that it is wanted. A store that can't be written is left alone.
 */
void changer_remember(Changer *changer, const Plan *plan) NONNULL(1, 2);

/* Removes the mark if nothing is under way. For whoever holds the host's lock. */
void changer_clear_mark(Changer *changer) NONNULL(1);

/* Closes the journal entry (0: there is none) of a kernel release that was forgotten, and writes the
 * history. ERROR is NULL, or why it was taken back. */
int changer_end_forgetting(Changer *changer, const Plan *plan, int64_t journal_id, uid_t uid,
                const char *error) WARN_UNUSED NONNULL(1, 2);

/* --- recovery.c --- */

/* Deals with journal entries that no job stands for, before something new begins: an end that could not be
 * written down, or a change that could not be taken back. 0, or -ECANCELED with a refusal. */
int changer_settle(Changer *changer, Refusal *refusal) WARN_UNUSED NONNULL(1, 2);
