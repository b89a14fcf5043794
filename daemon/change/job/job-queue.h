/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The jobs that wait and run. One batch runs at a time; all that wait when it starts are in it, so that ten
 * selections cost one run of each tool. It knows no store and no bus. */
#pragma once

#include "change/job/job.h"
#include "change/tool/apply.h"

typedef struct JobQueue JobQueue;

typedef struct JobQueueOperations {
        /* Puts the disk back as it was before the job. 0, or -ECANCELED with a refusal that says why it
         * could not. */
        int (*undo)(void *userdata, Job *job, Refusal *refusal);
        /* The job has left the queue. ERROR is NULL or a sentence. */
        void (*finished)(void *userdata, Job *job, JobResult result, const char *error);
        /* The facts as last read; borrowed until the next call. */
        const Facts *(*facts)(void *userdata);
        /* The driver value of a canonical name, or NULL. Borrowed likewise. */
        const Driver *(*driver)(void *userdata, const char *name);
        /* What a new initramfs holds, for the facts. */
        void (*image)(void *userdata, InitramfsImage *image);
        /* See job-progress.h. */
        uint64_t (*expected)(void *userdata, const char *tool);
        void (*took)(void *userdata, const char *tool, uint64_t usec);
        /* apply_start(); a test counts the calls. */
        int (*start)(sd_event *event, const HostRoot *root, const Config *config, const StringSet *releases,
                        const ApplyObserver *observer, Apply **ret);
        void *userdata;
} JobQueueOperations;

int job_queue_new(sd_event *event, const HostRoot *root, const Config *config,
                const JobQueueOperations *operations, JobQueue **ret) WARN_UNUSED NONNULL(1, 2, 3, 4, 5);
JobQueue *job_queue_free(JobQueue *queue);
DEFINE_CLEANUP(JobQueue, job_queue_free)

/* Takes a reference. It starts when the event loop has nothing else to do, so that what comes in one go runs
 * in one go. A job that is undone already has only its tools run; FAILURE is why. 0 or a negative errno. */
int job_queue_add(JobQueue *queue, Job *job, const char *failure) WARN_UNUSED NONNULL(1, 2);

/* Takes a job back, waiting or running. -EALREADY if that is no longer possible, -ENOENT if it isn't here.
 */
int job_queue_cancel(JobQueue *queue, Job *job) WARN_UNUSED NONNULL(1, 2);

/* From now on links and index are all that is dealt with: no initramfs, no devices. */
void job_queue_index_only(JobQueue *queue) NONNULL(1);

/* In order of their arrival. Borrowed. */
size_t job_queue_count(const JobQueue *queue) NONNULL(1);
Job *job_queue_at(const JobQueue *queue, size_t position) NONNULL(1);
