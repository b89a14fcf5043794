/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Batches of jobs: run the tools once for all, verify each, take back what failed, run the tools again. */

#include "change/job-queue.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "change/verify.h"

/* How much of a job's progress the tools are; the rest is reading back and recording. */
#define TOOLS_SHARE 0.9

typedef struct QueueEntry {
        Job *job;
        bool in_batch;
        bool canceled;
        char *failure; /* why it was undone; NULL if it was canceled, or wasn't undone */
} QueueEntry;

struct JobQueue {
        sd_event *event;
        const HostRoot *root;
        const Config *config;
        JobQueueOperations operations;
        QueueEntry **entries;
        size_t count;
        sd_event_source *starter;
        Apply *apply;
        bool undo_round; /* the tools run again because something was taken back */
};

static QueueEntry *entry_free(QueueEntry *entry)
{
        if (!entry)
                return NULL;
        (void) job_unref(entry->job);
        free(entry->failure);
        free(entry);
        return NULL;
}

DEFINE_CLEANUP(QueueEntry, entry_free)

JobQueue *job_queue_free(JobQueue *queue)
{
        if (!queue)
                return NULL;
        (void) apply_free(queue->apply);
        (void) sd_event_source_disable_unref(queue->starter);
        for (size_t i = 0; i < queue->count; i++)
                (void) entry_free(queue->entries[i]);
        free(queue->entries);
        (void) sd_event_unref(queue->event);
        free(queue);
        return NULL;
}

/* --- the end of a batch ------------------------------------------------------------------------------ */

static QueueEntry *take_from_batch(JobQueue *queue)
{
        for (size_t i = 0; i < queue->count; i++) {
                QueueEntry *entry = queue->entries[i];

                if (!entry->in_batch)
                        continue;
                memmove(&queue->entries[i], &queue->entries[i + 1],
                                (queue->count - i - 1) * sizeof(*queue->entries));
                queue->count--;
                return entry;
        }
        return NULL;
}

static void finish_batch(JobQueue *queue)
{
        QueueEntry *next;

        while ((next = take_from_batch(queue))) {
                QueueEntry *entry CLEANUP(entry_freep) = next;
                JobResult result = JOB_RESULT_DONE;

                if (entry->job->undone)
                        result = entry->failure ? JOB_RESULT_FAILED : JOB_RESULT_CANCELED;
                queue->operations.finished(queue->operations.userdata, entry->job, result, entry->failure);
        }
        if (queue->count > 0)
                (void) sd_event_source_set_enabled(queue->starter, SD_EVENT_ONESHOT);
}

/* --- taking back ------------------------------------------------------------------------------------- */

/* Without memory the first sentence has to do. */
static void add_failure(QueueEntry *entry, const char *intro, const char *sentence)
{
        char *longer = NULL;

        if (asprintf(&longer, "%s%s%s%s", entry->failure ? entry->failure : "", entry->failure ? " " : "",
                            intro, sentence) < 0)
                return;
        free(entry->failure);
        entry->failure = longer;
}

static void undo(JobQueue *queue, QueueEntry *entry)
{
        Refusal refusal CLEANUP_REFUSAL = { 0 };
        Job *job = entry->job;

        job->undone = true;
        job_set_cancelable(job, false);
        job_set_step(job, "undo", job->progress);
        if (queue->operations.undo(queue->operations.userdata, job, &refusal) < 0)
                add_failure(entry, "Taking it back failed too, and will be tried again: ",
                                refusal.sentence ? refusal.sentence : "there is no memory.");
}

/* Whether the job stays; if not, why is in entry->failure, or it was canceled. */
static bool judge(JobQueue *queue, QueueEntry *entry, const char *tools_failure)
{
        char *sentence CLEANUP_FREE = NULL;
        int r;

        if (entry->canceled)
                return false;
        if (tools_failure && !queue->undo_round) {
                add_failure(entry, "", tools_failure);
                return false;
        }
        if (entry->job->undone)
                return true;
        job_set_step(entry->job, "verify", TOOLS_SHARE);
        r = plan_verify(queue->root, entry->job->plan, &sentence);
        if (r > 0)
                return true;
        add_failure(entry, r < 0 ? "The module index could not be read: " : "",
                        r < 0 ? strerror(-r) : sentence);
        return false;
}

/* --- rounds ------------------------------------------------------------------------------------------ */

static int run_tools(JobQueue *queue, const StringSet *releases);

static void on_tools_done(void *userdata, const char *failure)
{
        JobQueue *queue = userdata;
        StringSet again CLEANUP_STRING_SET = { 0 };
        bool any = false;
        int r = 0;

        for (size_t i = 0; i < queue->count; i++) {
                QueueEntry *entry = queue->entries[i];

                if (!entry->in_batch)
                        continue;
                if (entry->job->undone) {
                        if (failure)
                                add_failure(entry, "The module index is not up to date: ", failure);
                } else if (!judge(queue, entry, failure)) {
                        undo(queue, entry);
                        any = true;
                        if (r >= 0)
                                r = plan_releases(entry->job->plan, &again);
                }
        }
        queue->apply = apply_free(queue->apply);
        if (!any) {
                finish_batch(queue);
                return;
        }
        /* The index still has what was taken back, so the tools run once more. Each such round takes back
         * at least one job, so that they come to an end. */
        queue->undo_round = true;
        if (r >= 0)
                r = run_tools(queue, &again);
        if (r < 0)
                finish_batch(queue);
}

static void on_tools_progress(void *userdata, const char *step, double fraction)
{
        JobQueue *queue = userdata;

        for (size_t i = 0; i < queue->count; i++) {
                Job *job = queue->entries[i]->job;

                if (queue->entries[i]->in_batch)
                        job_set_step(job, job->undone ? "undo" : step, fraction * TOOLS_SHARE);
        }
}

static int run_tools(JobQueue *queue, const StringSet *releases)
{
        const ApplyObserver observer = {
                .progress = on_tools_progress, .done = on_tools_done, .userdata = queue
        };

        return queue->operations.start(
                        queue->event, queue->root, queue->config, releases, &observer, &queue->apply);
}

static int start_batch(sd_event_source *source, void *userdata)
{
        JobQueue *queue = userdata;
        StringSet releases CLEANUP_STRING_SET = { 0 };
        int r = 0;

        if (queue->apply || queue->count == 0)
                return 0;
        for (size_t i = 0; i < queue->count; i++) {
                queue->entries[i]->in_batch = true;
                if (r >= 0)
                        r = plan_releases(queue->entries[i]->job->plan, &releases);
        }
        for (size_t i = 0; i < queue->count; i++)
                job_set_state(queue->entries[i]->job, JOB_RUNNING);
        queue->undo_round = false;
        if (r >= 0)
                r = run_tools(queue, &releases);
        if (r >= 0)
                return 0;
        for (size_t i = 0; i < queue->count; i++) {
                if (!queue->entries[i]->in_batch || queue->entries[i]->job->undone)
                        continue;
                add_failure(queue->entries[i], "The tools could not be started: ", strerror(-r));
                undo(queue, queue->entries[i]);
        }
        finish_batch(queue);
        return 0;
}

/* --- from outside ------------------------------------------------------------------------------------ */

int job_queue_new(sd_event *event, const HostRoot *root, const Config *config,
                const JobQueueOperations *operations, JobQueue **ret)
{
        JobQueue *queue CLEANUP(job_queue_freep) = calloc(1, sizeof(*queue));
        int r;

        if (!queue)
                return -ENOMEM;
        *queue = (JobQueue){
                .event = sd_event_ref(event), .root = root, .config = config, .operations = *operations
        };
        r = sd_event_add_defer(event, &queue->starter, start_batch, queue);
        if (r >= 0)
                r = sd_event_source_set_enabled(queue->starter, SD_EVENT_OFF);
        if (r >= 0)
                r = sd_event_source_set_priority(queue->starter, SD_EVENT_PRIORITY_IDLE);
        if (r < 0)
                return r;
        *ret = STEAL(queue);
        return 0;
}

int job_queue_add(JobQueue *queue, Job *job, const char *failure)
{
        QueueEntry *entry CLEANUP(entry_freep) = calloc(1, sizeof(*entry));
        QueueEntry **entries;

        if (!entry)
                return -ENOMEM;
        entry->failure = failure ? strdup(failure) : NULL;
        if (failure && !entry->failure)
                return -ENOMEM;
        entries = reallocarray(queue->entries, queue->count + 1, sizeof(*entries));
        if (!entries)
                return -ENOMEM;
        queue->entries = entries;
        if (!queue->apply) {
                int r = sd_event_source_set_enabled(queue->starter, SD_EVENT_ONESHOT);

                if (r < 0)
                        return r;
        }
        entry->job = job_ref(job);
        queue->entries[queue->count++] = STEAL(entry);
        job_set_cancelable(job, !job->undone);
        return 0;
}

static bool all_canceled(const JobQueue *queue)
{
        for (size_t i = 0; i < queue->count; i++)
                if (queue->entries[i]->in_batch && !queue->entries[i]->canceled)
                        return false;
        return true;
}

int job_queue_cancel(JobQueue *queue, Job *job)
{
        for (size_t i = 0; i < queue->count; i++) {
                QueueEntry *entry = queue->entries[i];

                if (entry->job != job)
                        continue;
                if (job->undone)
                        return -EALREADY;
                entry->canceled = true;
                if (!entry->in_batch)
                        undo(queue, entry);
                else if (all_canceled(queue) && queue->apply)
                        apply_cancel(queue->apply);
                return 0;
        }
        return -ENOENT;
}

size_t job_queue_count(const JobQueue *queue)
{
        return queue->count;
}

Job *job_queue_at(const JobQueue *queue, size_t position)
{
        return queue->entries[position]->job;
}
