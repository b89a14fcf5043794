/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the queue and its batches share. Nobody else includes it. */
#pragma once

#include "change/initramfs/initramfs-rebuild.h"
#include "change/job/job-progress.h"
#include "change/job/job-queue.h"
#include "change/tool/child.h"

typedef struct QueueEntry {
        Job *job;
        bool in_batch;
        bool canceled;
        bool undone_before; /* it came undone, after a crash that may have left new images */
        char *failure;      /* why it was undone; NULL if it was canceled, or wasn't undone */
} QueueEntry;

struct JobQueue {
        sd_event *event;
        const HostRoot *root;
        const Config *config;
        JobQueueOperations operations;
        QueueEntry **entries;
        size_t count;
        sd_event_source *starter;
        ProgressClock clock;
        const char *step;         /* static: of the jobs that go on */
        bool index_only;          /* links and index are all that is dealt with */
        bool busy;                /* a batch runs, and of it */
        Apply *apply;             /* the tools, or */
        InitramfsRebuild *images; /* the images, or */
        Child *udevadm;           /* the word to udev */
        size_t indexes;           /* releases that the tools run for */
        bool undo_round;          /* the tools run again because something was taken back */
        bool images_aborted;      /* their rebuild was ended since a job was canceled */
        bool images_over;         /* it has failed: there is no second attempt in this batch */
        bool committed;           /* images are replaced: nothing can be canceled any more */
};

QueueEntry *queue_entry_free(QueueEntry *entry);
DEFINE_CLEANUP(QueueEntry, queue_entry_free)

/* Why the job fails, once more. Without memory the first sentence has to do. */
void queue_add_failure(QueueEntry *entry, const char *intro, const char *sentence) NONNULL(1, 2, 3);

/* Takes the job's change back. */
void queue_undo(JobQueue *queue, QueueEntry *entry) NONNULL(1, 2);

/* The owner's side of the clock: shows all jobs of the batch how far it is. */
void queue_show_progress(void *queue, double fraction) NONNULL(1);

/* Makes a batch of all that waits, and runs it to its end. */
void queue_start_batch(JobQueue *queue) NONNULL(1);

/* The index still has what was taken back in RELEASES, so the tools run once more. Each such round takes
 * back at least one job, so that they come to an end. R: an error that has come before. */
void queue_run_tools_again(JobQueue *queue, const StringSet *releases, int r) NONNULL(1, 2);

/* Once the index is right: rebuilds the batch's images, if there are any, and settles it. Without memory
 * even to look at them, the jobs are done: an image that is stale is told as a problem. */
void queue_start_images(JobQueue *queue) NONNULL(1);
/* Ends the building of images that hold what ENTRY, which was canceled, had changed. */
void queue_cancel_images(JobQueue *queue, const QueueEntry *entry) NONNULL(1, 2);

/* The last steps of a batch, which fail nothing, and then its end. */
void queue_settle_batch(JobQueue *queue) NONNULL(1);
/* The jobs of the batch leave the queue. */
void queue_finish_batch(JobQueue *queue) NONNULL(1);

/* Ends what runs if nobody needs it any more: ENTRY, a part of the batch, was canceled. */
void queue_cancel_in_batch(JobQueue *queue, const QueueEntry *entry) NONNULL(1, 2);
