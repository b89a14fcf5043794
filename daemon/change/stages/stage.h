/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a stage is: one step of running jobs, which makes effective what stands on disk, as a constant row. A
 * batch walks the rows (job-batch.h); a row knows neither the batch nor other rows. */
#pragma once

#include <systemd/sd-event.h>

#include "change/job/job.h"
#include "change/refusal.h"
#include "host/config.h"
#include "host/facts.h"

/* What stages see of the host. */
typedef struct StageHost {
        sd_event *event;
        const HostRoot *root;
        const Config *config;
        /* The facts as last read; borrowed until the next call. */
        const Facts *(*facts)(void *userdata);
        /* The driver value of a canonical name, or NULL. Borrowed likewise. */
        const Driver *(*driver)(void *userdata, const char *name);
        /* What a new initramfs holds, for the facts. */
        void (*image)(void *userdata, InitramfsImage *image);
        void *userdata;
} StageHost;

typedef enum StageOutcome {
        STAGE_DONE,
        STAGE_FAILED,   /* with a sentence */
        STAGE_CANCELED, /* cancel() ended it: whoever still needs it has it run once more */
} StageOutcome;

/* What a run tells. */
typedef struct StageObserver {
        /* TOOL begins, which leads from FROM to TO of the stage, 0…1. NULL: something that takes no time. */
        void (*progress)(void *userdata, const char *tool, double from, double to);
        /* What follows can't be canceled. */
        void (*commit)(void *userdata);
        /* The last call, exactly once, and never from inside start(). The run may be freed in it. */
        void (*done)(void *userdata, StageOutcome outcome, const char *failure);
        void *userdata;
} StageObserver;

/* A stage at work, once for all jobs of a batch that need it. */
typedef struct StageRun {
        const StageHost *host;
        Job *jobs; /* by next_in_run; of those that are undone, nothing is to be effective any more */
        StageObserver observer;
        void *data; /* the stage's own */
} StageRun;

/* When a job that was taken back from the disk needs the stage once more, which undoes what it did. */
typedef enum StageUndo {
        STAGE_UNDO_NEVER,
        STAGE_UNDO_IF_DONE, /* what fails puts everything back by itself */
        STAGE_UNDO_ALWAYS,
} StageUndo;

typedef struct Stage {
        OperationStage id;
        const char *step; /* Job.Step while it runs */
        bool alone; /* each job by itself, at once, and before anything of it is on disk or in the journal */
        const char *stopped; /* the failure of a job that the service's end finds alone */
        const char *stale;   /* before the failure to undo; NULL: it never fails */
        StageUndo undo;
        bool completes; /* what the change keeps back on disk is done after it: JobOwner.complete() */

        /* How often it will probably run *ret_tool (static), for the estimate; NULL: it takes no time. */
        size_t (*progress)(const StageRun *run, const char **ret_tool);
        /* 1: it runs; 0: that was all, or there is nothing to do; -ECANCELED with a refusal, or a negative
         * errno: it has failed. */
        int (*start)(StageRun *run, Refusal *refusal);
        /* Whether JOB goes down with a run that has failed; NULL: yes. */
        bool (*concerns)(const StageRun *run, const Job *job);
        /* Whether JOB has got what it wants, after its own run and each later one; if not, *ret_sentence
         * says why (NULL: no memory). NULL: yes. */
        bool (*check)(const StageRun *run, Job *job, char **ret_sentence);
        /* JOB was canceled; LAST: and all others of the batch. Ends what runs if it is of no use any more;
         * done() still comes. NULL: no job can be canceled from here on. */
        void (*cancel)(StageRun *run, const Job *job, bool last);
        /* Kills what runs; no word afterwards. */
        void (*free)(StageRun *run);
} Stage;
