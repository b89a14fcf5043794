/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The list of jobs that wait, the batch that runs, and jobs that are not that far yet: each in a batch of
 * its own. */

#include "change/job/job-queue.h"

#include <errno.h>
#include <string.h>

#include "util/array.h"

struct JobQueue {
        StageHost host;
        JobOwner owner;
        const Stage *const *stages;
        JobEntry *waiting;
        JobBatch *batch;
        JobBatch **alone;
        size_t alone_count;
        sd_event_source *starter;
};

/* --- the end of a batch ----------------------------------------------------------------------------- */

static int start_later(JobQueue *queue)
{
        return sd_event_source_set_enabled(queue->starter, SD_EVENT_ONESHOT);
}

static void finish(JobQueue *queue, JobEntry *entry_taken)
{
        JobEntry *entry CLEANUP(job_entry_freep) = entry_taken;
        JobResult result = JOB_RESULT_DONE;

        if (entry->job->undone)
                result = entry->failure ? JOB_RESULT_FAILED : JOB_RESULT_CANCELED;
        queue->owner.finished(queue->owner.userdata, entry->job, result, entry->failure);
}

static void on_batch_ended(void *userdata, JobBatch *batch)
{
        JobQueue *queue = userdata;
        JobEntry *next;

        for (JobEntry *entry = job_batch_take(batch); entry; entry = next) {
                next = entry->next;
                finish(queue, entry);
        }
        if (queue->waiting)
                (void) start_later(queue);
}

/* All is there: from here on it is a change like others. */
static void place(JobQueue *queue, JobEntry *entry_taken)
{
        JobEntry *entry CLEANUP(job_entry_freep) = entry_taken;
        Refusal refusal CLEANUP_REFUSAL = { 0 };
        int r = queue->owner.place(queue->owner.userdata, entry->job, &refusal);

        if (r < 0) {
                queue->owner.finished(queue->owner.userdata, entry->job, JOB_RESULT_FAILED,
                                refusal.sentence ? refusal.sentence : strerror(-r));
                return;
        }
        job_set_cancelable(entry->job, true);
        job_entry_append(&queue->waiting, STEAL(entry));
        (void) start_later(queue);
}

static void on_alone_ended(void *userdata, JobBatch *ended)
{
        JobQueue *queue = userdata;
        JobBatch *batch CLEANUP(job_batch_freep) = ended;
        JobEntry *entry = job_batch_take(batch);
        size_t position = 0;

        while (queue->alone[position] != batch)
                position++;
        queue->alone[position] = queue->alone[--queue->alone_count];
        job_set_cancelable(entry->job, false);
        if (entry->job->undone)
                finish(queue, entry);
        else
                place(queue, entry);
}

/* --- life ------------------------------------------------------------------------------------------- */

static int on_start(sd_event_source *source, void *userdata)
{
        JobQueue *queue = userdata;

        if (queue->waiting && !job_batch_entries(queue->batch))
                (void) !job_batch_start(queue->batch, queue->stages, STEAL(queue->waiting));
        return 0;
}

JobQueue *job_queue_free(JobQueue *queue)
{
        if (!queue)
                return NULL;
        for (size_t i = 0; i < queue->alone_count; i++)
                (void) job_batch_free(queue->alone[i]);
        free(queue->alone);
        (void) job_batch_free(queue->batch);
        job_entries_free(queue->waiting);
        (void) sd_event_source_disable_unref(queue->starter);
        (void) sd_event_unref(queue->host.event);
        free(queue);
        return NULL;
}

int job_queue_new(const StageHost *host, const JobOwner *owner, const Stage *const *stages, JobQueue **ret)
{
        JobQueue *queue CLEANUP(job_queue_freep) = calloc(1, sizeof(*queue));
        int r;

        if (!queue)
                return -ENOMEM;
        *queue = (JobQueue){ .host = *host, .owner = *owner, .stages = stages };
        (void) sd_event_ref(host->event);
        r = job_batch_new(&queue->host, &queue->owner, on_batch_ended, queue, &queue->batch);
        if (r >= 0)
                r = sd_event_add_defer(host->event, &queue->starter, on_start, queue);
        if (r >= 0)
                r = sd_event_source_set_enabled(queue->starter, SD_EVENT_OFF);
        if (r >= 0)
                r = sd_event_source_set_priority(queue->starter, SD_EVENT_PRIORITY_IDLE);
        if (r < 0)
                return r;
        *ret = STEAL(queue);
        return 0;
}

/* --- in and out ------------------------------------------------------------------------------------- */

/* The stages that JOB needs: once it is in the journal, those before are over. */
static unsigned stages_due(const JobQueue *queue, const Job *job)
{
        unsigned due = 0;

        for (const Stage *const *stage = queue->stages; *stage; stage++)
                if (!(*stage)->alone || job->journal_id == 0)
                        due |= (*stage)->id & job->plan->operation->stages;
        return due;
}

static int start_alone(JobQueue *queue, JobEntry *entry_taken)
{
        JobEntry *entry CLEANUP(job_entry_freep) = entry_taken;
        JobBatch *batch CLEANUP(job_batch_freep) = NULL;
        JobBatch **items = array_grow(queue->alone, queue->alone_count, sizeof(JobBatch *));
        Job *job = entry->job;
        int r;

        if (!items)
                return -ENOMEM;
        queue->alone = items;
        r = job_batch_new(&queue->host, &queue->owner, on_alone_ended, queue, &batch);
        if (r >= 0)
                r = job_batch_start(batch, queue->stages, entry);
        if (r < 0)
                return r;
        entry = NULL;
        queue->alone[queue->alone_count++] = STEAL(batch);
        job_set_cancelable(job, true);
        return 0;
}

int job_queue_add(JobQueue *queue, Job *job, const char *failure)
{
        JobEntry *entry CLEANUP(job_entry_freep) = calloc(1, sizeof(*entry));
        int r;

        if (!entry)
                return -ENOMEM;
        entry->job = job_ref(job);
        entry->failure = failure ? strdup(failure) : NULL;
        if (failure && !entry->failure)
                return -ENOMEM;
        entry->due = stages_due(queue, job);
        if (queue->stages[0]->alone && (entry->due & queue->stages[0]->id))
                return start_alone(queue, STEAL(entry));
        r = start_later(queue);
        if (r < 0)
                return r;
        job_entry_append(&queue->waiting, STEAL(entry));
        job_set_cancelable(job, !job->undone);
        return 0;
}

static JobEntry *find(JobEntry *entries, const Job *job)
{
        while (entries && entries->job != job)
                entries = entries->next;
        return entries;
}

int job_queue_cancel(JobQueue *queue, Job *job)
{
        JobEntry *entry = find(queue->waiting, job);

        if (entry) {
                if (job->undone)
                        return -EALREADY;
                entry->canceled = true;
                job_entry_undo(entry, &queue->owner, queue->stages);
                return 0;
        }
        entry = find(job_batch_entries(queue->batch), job);
        if (entry)
                return job_batch_cancel(queue->batch, entry);
        for (size_t i = 0; i < queue->alone_count; i++) {
                entry = find(job_batch_entries(queue->alone[i]), job);
                if (entry)
                        return job_batch_cancel(queue->alone[i], entry);
        }
        return -ENOENT;
}

void job_queue_set_stages(JobQueue *queue, const Stage *const *stages)
{
        queue->stages = stages;
}

void job_queue_stop(JobQueue *queue)
{
        for (size_t i = 0; i < queue->alone_count; i++)
                job_batch_stop(queue->alone[i]);
}
