/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The jobs that wait and run. One batch runs at a time; all that wait when it starts are in it, so that ten
 * selections cost one run of each tool. It knows no store and no bus. */
#pragma once

#include "change/job/job-batch.h"

typedef struct JobQueue JobQueue;

/* STAGES: all that there are, borrowed. */
int job_queue_new(const StageHost *host, const JobOwner *owner, const Stage *const *stages,
                JobQueue **ret) WARN_UNUSED NONNULL(1, 2, 3, 4);
JobQueue *job_queue_free(JobQueue *queue);
DEFINE_CLEANUP(JobQueue, job_queue_free)

/* Takes a reference. It starts when the event loop has nothing else to do, so that what comes in one go runs
 * in one go; stages before its change is on disk start at once. A job that is undone already only has to be
 * made so everywhere; FAILURE is why. 0 or a negative errno. */
int job_queue_add(JobQueue *queue, Job *job, const char *failure) WARN_UNUSED NONNULL(1, 2);

/* Takes a job back, waiting or running. -EALREADY if that is no longer possible, -ENOENT if it isn't here.
 */
int job_queue_cancel(JobQueue *queue, Job *job) WARN_UNUSED NONNULL(1, 2);

/* Other STAGES, before any job is added. */
void job_queue_set_stages(JobQueue *queue, const Stage *const *stages) NONNULL(1, 2);

/* The service ends: jobs of which nothing is on disk yet have failed. The others run on. */
void job_queue_stop(JobQueue *queue) NONNULL(1);
