/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One running apply as a value that the bus can show. job_set_*() are the only places that change and
 * announce it. */
#pragma once

#include <stdint.h>
#include <sys/types.h>

#include "change/plan/plan.h"

typedef enum JobState { JOB_WAITING, JOB_RUNNING, JOB_DONE } JobState;
typedef enum JobResult {
        JOB_RESULT_NONE,
        JOB_RESULT_DONE,
        JOB_RESULT_FAILED,
        JOB_RESULT_CANCELED
} JobResult;

typedef enum JobChange {
        JOB_STATE = 1 << 0,
        JOB_STEP = 1 << 1,
        JOB_PROGRESS = 1 << 2,
        JOB_CANCELABLE = 1 << 3,
        JOB_RESULT_AND_ERROR = 1 << 4,
        JOB_PLAN = 1 << 5,
} JobChange;

typedef struct Job Job;

/* Told of what happens to jobs. `changed` gets a set of JobChange. */
typedef struct JobObserver {
        void (*added)(void *userdata, Job *job);
        void (*changed)(void *userdata, Job *job, unsigned what);
        void (*removed)(void *userdata, Job *job); /* exactly once, after its result was set */
        void *userdata;
} JobObserver;

struct Job {
        unsigned references;
        uint32_t id;  /* from 1 on */
        char *driver; /* the first subject's driver */
        Plan *plan;
        StringSet images; /* kernel releases whose initramfs is rebuilt if it is stale for any driver, or */
        const struct StageFiles *files; /* what an import copies; borrowed while it is queued */
        bool images_forced;             /* whatever it holds */
        StringSet rebuilt; /* those of them that were rebuilt, or were about to be when it failed */
        int64_t journal_id;
        uid_t uid;
        JobState state;
        const char *step; /* static: "", "copy", "depmod", "verify", "initramfs", "devices", "undo" */
        double progress;  /* 0…1 */
        double prepared;  /* how much of that comes before the queue */
        bool cancelable;
        JobResult result;
        char *error;        /* "" unless failed */
        bool undone;        /* what the plan did was taken back: only the tools have to run again */
        bool recorded;      /* its end is in the store: what was wanted is what the plan selected */
        bool unsettled;     /* taking it back failed: the journal keeps it for the next attempt */
        bool recovered;     /* an earlier run of the service began it */
        bool dry_run;       /* it does nothing: its plan is what it is for */
        bool satisfied;     /* all was as the plan wants it, so that nothing is done */
        StringSet foreseen; /* of a dry run: paths of the images that would be rebuilt */
        const JobObserver *observer;
        Job *next_in_run; /* of a stage: see stage.h */
};

int job_new(uint32_t id, Plan *plan_taken, int64_t journal_id, uid_t uid, const JobObserver *observer,
                Job **ret) WARN_UNUSED NONNULL(2, 5, 6);
Job *job_ref(Job *job);
Job *job_unref(Job *job);
DEFINE_CLEANUP(Job, job_unref)

void job_set_state(Job *job, JobState state) NONNULL(1);
void job_set_step(Job *job, const char *step_static, double progress) NONNULL(1, 2);
void job_set_cancelable(Job *job, bool cancelable) NONNULL(1);
/* What else a dry run would do. 0 or -ENOMEM. */
int job_foresee(Job *job, const StringSet *images) WARN_UNUSED NONNULL(1, 2);
/* Sets state done and the result, once; ERROR NULL means "". */
void job_finish(Job *job, JobResult result, const char *error) NONNULL(1);

/* "waiting", "running", "done"; "", "done", "failed", "canceled". Static. */
const char *job_state_text(JobState state);
const char *job_result_text(JobResult result);
