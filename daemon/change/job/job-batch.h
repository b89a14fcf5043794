/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Jobs that run together: walks through their stages, each once for all of them, and takes back those that
 * fail or are canceled. */
#pragma once

#include "change/stages/stage.h"

/* What the owner of jobs does for them. */
typedef struct JobOwner {
        /* All that its change needs is there: makes it durable. 0, -ECANCELED with a refusal, or a negative
         * errno; then nothing has changed. */
        int (*place)(void *userdata, Job *job, Refusal *refusal);
        /* Puts the disk back as it was before the job. 0, or -ECANCELED with a refusal that says why it
         * could not. */
        int (*undo)(void *userdata, Job *job, Refusal *refusal);
        /* Does on disk what had to wait for a stage that completes it (stage.h), of the job's change or, if
         * it was undone, of taking that back. WELL: the stage has done what it is for. 0, -ECANCELED with a
         * refusal, or a negative errno. */
        int (*complete)(void *userdata, Job *job, bool well, Refusal *refusal);
        /* The job has left the queue. ERROR is NULL or a sentence. */
        void (*finished)(void *userdata, Job *job, JobResult result, const char *error);
        /* See job-progress.h. */
        uint64_t (*expected)(void *userdata, const char *tool);
        void (*took)(void *userdata, const char *tool, uint64_t usec);
        void *userdata;
} JobOwner;

/* A job on its way through the stages. */
typedef struct JobEntry JobEntry;
struct JobEntry {
        JobEntry *next;
        Job *job;
        unsigned due;  /* the stages that it needs still, and */
        unsigned done; /* those that it has had: sets of OperationStage */
        bool canceled;
        char *failure; /* why it was undone; NULL if it was canceled, or wasn't undone */
};

JobEntry *job_entry_free(JobEntry *entry);
DEFINE_CLEANUP(JobEntry, job_entry_free)
/* Frees all of LIST, which may be NULL. */
void job_entries_free(JobEntry *list);

/* Appends ENTRY to the list at LIST. */
void job_entry_append(JobEntry **list, JobEntry *entry) NONNULL(1, 2);

/* Takes the change of the job, which is on disk, back. STAGES: see below. */
void job_entry_undo(JobEntry *entry, const JobOwner *owner, const Stage *const *stages) NONNULL(1, 2, 3);

typedef struct JobBatch JobBatch;

/* For any number of runs, one after the other. HOST and OWNER are borrowed. ENDED: its entries need no more
 * of what such a batch does, and are to be taken out; it may be freed in it. 0 or a negative errno. */
int job_batch_new(const StageHost *host, const JobOwner *owner,
                void (*ended)(void *userdata, JobBatch *batch), void *userdata, JobBatch **ret) WARN_UNUSED
                NONNULL(1, 2, 3, 5);
/* Ends what runs; no callback afterwards. */
JobBatch *job_batch_free(JobBatch *batch);
DEFINE_CLEANUP(JobBatch, job_batch_free)

/* Takes a list of ENTRIES. STAGES: all that there are, in their order; borrowed. An entry whose first stage
 * is for jobs alone is the only one, and the batch ends before the first stage that isn't. If that can't be
 * started: a negative errno, and the list is the caller's. */
int job_batch_start(JobBatch *batch, const Stage *const *stages, JobEntry *entries_taken) WARN_UNUSED
                NONNULL(1, 2, 3);

/* The list; NULL: it doesn't run. Borrowed. */
JobEntry *job_batch_entries(const JobBatch *batch) NONNULL(1);
/* The same, once it has ended: the caller's. */
JobEntry *job_batch_take(JobBatch *batch) NONNULL(1);

/* -EALREADY if the job of ENTRY can't be canceled any more. */
int job_batch_cancel(JobBatch *batch, JobEntry *entry) WARN_UNUSED NONNULL(1, 2);

/* The service ends: what isn't on disk yet comes to nothing. */
void job_batch_stop(JobBatch *batch) NONNULL(1);
