/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The list of jobs, and the way in and out of it. What a batch does lies in job-batch.c. */

#include "change/job/job-queue.h"

#include <errno.h>
#include <string.h>

#include "change/job/job-queue-internal.h"

QueueEntry *queue_entry_free(QueueEntry *entry)
{
        if (!entry)
                return NULL;
        (void) job_unref(entry->job);
        free(entry->failure);
        free(entry);
        return NULL;
}

JobQueue *job_queue_free(JobQueue *queue)
{
        if (!queue)
                return NULL;
        (void) apply_free(queue->apply);
        (void) initramfs_rebuild_free(queue->images);
        (void) child_free(queue->udevadm);
        (void) sd_event_source_disable_unref(queue->starter);
        progress_clock_done(&queue->clock);
        for (size_t i = 0; i < queue->count; i++)
                (void) queue_entry_free(queue->entries[i]);
        free(queue->entries);
        (void) sd_event_unref(queue->event);
        free(queue);
        return NULL;
}

static uint64_t expected_usec(void *userdata, const char *tool)
{
        const JobQueue *queue = userdata;

        return queue->operations.expected(queue->operations.userdata, tool);
}

static void on_took(void *userdata, const char *tool, uint64_t usec)
{
        const JobQueue *queue = userdata;

        queue->operations.took(queue->operations.userdata, tool, usec);
}

static int on_start(sd_event_source *source, void *userdata)
{
        queue_start_batch(userdata);
        return 0;
}

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
        r = progress_clock_init(&queue->clock, event,
                        &(ProgressSource){ expected_usec, on_took, queue_show_progress, queue });
        if (r >= 0)
                r = sd_event_add_defer(event, &queue->starter, on_start, queue);
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
        QueueEntry *entry CLEANUP(queue_entry_freep) = calloc(1, sizeof(*entry));
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
        if (!queue->busy) {
                int r = sd_event_source_set_enabled(queue->starter, SD_EVENT_ONESHOT);

                if (r < 0)
                        return r;
        }
        entry->job = job_ref(job);
        entry->undone_before = job->undone;
        queue->entries[queue->count++] = STEAL(entry);
        job_set_cancelable(job, !job->undone);
        return 0;
}

int job_queue_cancel(JobQueue *queue, Job *job)
{
        for (size_t i = 0; i < queue->count; i++) {
                QueueEntry *entry = queue->entries[i];

                if (entry->job != job)
                        continue;
                if (job->undone || (entry->in_batch && queue->committed))
                        return -EALREADY;
                entry->canceled = true;
                if (entry->in_batch)
                        queue_cancel_in_batch(queue, entry);
                else
                        queue_undo(queue, entry);
                return 0;
        }
        return -ENOENT;
}

void job_queue_index_only(JobQueue *queue)
{
        queue->index_only = true;
}

size_t job_queue_count(const JobQueue *queue)
{
        return queue->count;
}

Job *job_queue_at(const JobQueue *queue, size_t position)
{
        return queue->entries[position]->job;
}
