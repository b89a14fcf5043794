/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The jobs of all changes, from their announcement to their end, and what else is under way. How a change
 * comes about is proposal.h's. */
#pragma once

#include "change/context.h"
#include "change/job/job.h"
#include "model/problem.h"

typedef struct Changer Changer;
typedef struct JobQueue JobQueue;

int changer_new(sd_event *event, const HostRoot *root, const Config *config, Store *store,
                const ChangerHost *host, const JobObserver *observer, Changer **ret) WARN_UNUSED
                NONNULL(1, 2, 3, 4, 5, 6, 7);
Changer *changer_free(Changer *changer);
DEFINE_CLEANUP(Changer, changer_free)

/* What it was made with. Borrowed. */
const ChangeContext *changer_context(const Changer *changer) NONNULL(1);

/* Cancels a waiting or cancelable job: its links go back. Refused with InUse if it is past that point. */
int changer_cancel(Changer *changer, Job *job, Refusal *refusal) WARN_UNUSED NONNULL(1, 2, 3);

/* The jobs that wait or run, oldest first. Borrowed. */
size_t changer_job_count(const Changer *changer) NONNULL(1);
Job *changer_job_at(const Changer *changer, size_t position) NONNULL(1);
/* The job that changes this module, or NULL. */
Job *changer_job_of(const Changer *changer, const char *module) NONNULL(1, 2);

/* Adds the releases for which jobs that haven't ended are about to settle what the driver MODULE loads:
 * until then, index and images differ from what is selected there. 0 or -ENOMEM. */
int changer_settling(const Changer *changer, const char *module, StringSet *ret) WARN_UNUSED
                NONNULL(1, 2, 3);

/* Stops taking requests and finishes or undoes what runs; `done` is called from the event loop, at the
 * latest after the running tool's deadline. */
int changer_stop(Changer *changer, void (*done)(void *userdata), void *userdata) WARN_UNUSED NONNULL(1, 2);

/* --- for the other files of change/ -------------------------------------------------------------------- */

/* A job in two steps: the caller may alter it before anybody sees it. The first one takes PLAN, the second
 * the job. 0 or a negative errno. */
int changer_new_job(Changer *changer, Plan *plan_taken, int64_t journal_id, uid_t uid, Job **ret) WARN_UNUSED
                NONNULL(1, 2, 5);
int changer_announce_job(Changer *changer, Job *job_taken, Job **ret) WARN_UNUSED NONNULL(1, 2, 3);
/* The second step for a job that is done already; it is removed when the caller has had a look at it. */
int changer_finish_at_once(Changer *changer, Job *job_taken, Job **ret) WARN_UNUSED NONNULL(1, 2, 3);
/* The second step for one whose plan is on disk, and queues it; on failure that is taken back. The caller's
 * reference stays its own. */
int changer_start_job(Changer *changer, Job *job, Job **ret) WARN_UNUSED NONNULL(1, 2, 3);
/* Sets the result, announces that the job is gone, and gives it up. */
void changer_end_job(Changer *changer, Job *job, JobResult result, const char *error) NONNULL(1, 2);
/* Where they wait and run. Borrowed. */
JobQueue *changer_queue(const Changer *changer) NONNULL(1);

/* Takes the host's lock, unless there is a job that has it. 0, -ECANCELED with a refusal, or a negative
 * errno. */
int changer_lock(Changer *changer, Refusal *refusal) WARN_UNUSED NONNULL(1, 2);
/* Gives it up if no job needs it, and the mark if the journal is empty. */
void changer_unlock(Changer *changer) NONNULL(1);

/* It is early in the boot: links and index are all that is dealt with, and entries of the journal are
 * neither ended nor taken back. */
void changer_be_early(Changer *changer) NONNULL(1);
bool changer_is_early(const Changer *changer) NONNULL(1);

/* Refuses while the service ends. */
int changer_refuse_stopping(const Changer *changer, Refusal *refusal) WARN_UNUSED NONNULL(1, 2);
/* Ends the service's wait, if it is about to end and nothing runs any more. */
int changer_stop_if_idle(Changer *changer) WARN_UNUSED NONNULL(1);

/* What is under way beside the queue of jobs: the changer ends it when the service does. */
typedef struct ChangerWork ChangerWork;

typedef struct ChangerWorkKind {
        /* The service ends: it is to come to its end soon, or does so here. */
        void (*stop)(ChangerWork *work);
        /* Frees what was dropped already, with all that it is a part of; no job ends by it. */
        void (*free)(ChangerWork *work);
} ChangerWorkKind;

/* The first member of whatever it is. */
struct ChangerWork {
        ChangerWork *next;
        const ChangerWorkKind *kind;
        Changer *changer;
};

/* Of WORK's changer. The last one that was added is the last in the list. */
void changer_add_work(ChangerWork *work) NONNULL(1);
void changer_drop_work(ChangerWork *work) NONNULL(1);
ChangerWork *changer_works(const Changer *changer) NONNULL(1);
