/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One batch of jobs: run the tools once for all, verify each, take back what failed, run the tools again.
 * The images come after that: see job-images.c. */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "change/job/job-queue-internal.h"
#include "change/tool/verify.h"
#include "host/initramfs/initramfs-generator.h"

/* How much of a job's progress tools and images are; the rest is reading back and recording. */
#define TOOLS_PART 0.95

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

void queue_finish_batch(JobQueue *queue)
{
        QueueEntry *next;

        queue->busy = false;
        while ((next = take_from_batch(queue))) {
                QueueEntry *entry CLEANUP(queue_entry_freep) = next;
                JobResult result = JOB_RESULT_DONE;

                if (entry->job->undone)
                        result = entry->failure ? JOB_RESULT_FAILED : JOB_RESULT_CANCELED;
                queue->operations.finished(queue->operations.userdata, entry->job, result, entry->failure);
        }
        if (queue->count > 0)
                (void) sd_event_source_set_enabled(queue->starter, SD_EVENT_ONESHOT);
}

/* --- taking back ------------------------------------------------------------------------------------- */

void queue_add_failure(QueueEntry *entry, const char *intro, const char *sentence)
{
        char *longer = NULL;

        if (asprintf(&longer, "%s%s%s%s", entry->failure ? entry->failure : "", entry->failure ? " " : "",
                            intro, sentence) < 0)
                return;
        free(entry->failure);
        entry->failure = longer;
}

void queue_undo(JobQueue *queue, QueueEntry *entry)
{
        Refusal refusal CLEANUP_REFUSAL = { 0 };
        Job *job = entry->job;

        job->undone = true;
        job_set_cancelable(job, false);
        job_set_step(job, "undo", job->progress);
        if (!plan_has_parts(job->plan)) /* it was about images alone */
                return;
        if (queue->operations.undo(queue->operations.userdata, job, &refusal) < 0)
                queue_add_failure(entry, "Taking it back failed too, and will be tried again: ",
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
                queue_add_failure(entry, "", tools_failure);
                return false;
        }
        if (entry->job->undone)
                return true;
        job_set_step(entry->job, "verify", entry->job->progress);
        r = plan_verify(queue->root, entry->job->plan, &sentence);
        if (r > 0)
                return true;
        queue_add_failure(entry, r < 0 ? "The module index could not be read: " : "",
                        r < 0 ? strerror(-r) : sentence);
        return false;
}

/* --- rounds ------------------------------------------------------------------------------------------ */

static int run_tools(JobQueue *queue, const StringSet *releases);

void queue_run_tools_again(JobQueue *queue, const StringSet *releases, int r)
{
        queue->undo_round = true;
        if (r >= 0)
                r = run_tools(queue, releases);
        if (r < 0)
                queue_settle_batch(queue);
}

static void on_tools_done(void *userdata, const char *failure)
{
        JobQueue *queue = userdata;
        StringSet again CLEANUP_STRING_SET = { 0 };
        bool any = false;
        int r = 0;

        progress_clock_end(&queue->clock, !failure);
        for (size_t i = 0; i < queue->count; i++) {
                QueueEntry *entry = queue->entries[i];

                if (!entry->in_batch)
                        continue;
                if (entry->job->undone) {
                        if (failure)
                                queue_add_failure(entry, "The module index is not up to date: ", failure);
                } else if (!judge(queue, entry, failure)) {
                        queue_undo(queue, entry);
                        any = true;
                        if (r >= 0)
                                r = plan_releases(entry->job->plan, &again);
                }
        }
        queue->apply = apply_free(queue->apply);
        if (any)
                queue_run_tools_again(queue, &again, r);
        else
                queue_start_images(queue);
}

void queue_show_progress(void *userdata, double fraction)
{
        JobQueue *queue = userdata;

        for (size_t i = 0; i < queue->count; i++) {
                Job *job = queue->entries[i]->job;

                if (queue->entries[i]->in_batch)
                        job_set_step(job, job->undone ? "undo" : queue->step,
                                        job->prepared + fraction * TOOLS_PART * (1 - job->prepared));
        }
}

static void on_tools_progress(void *userdata, const char *step, double fraction)
{
        JobQueue *queue = userdata;
        double share = queue->clock.tools_share;
        double run = queue->indexes > 0 ? share / (double) queue->indexes : share;

        queue->step = step;
        progress_clock_begin(&queue->clock, step, fraction * share, fraction * share + run);
}

/* How many images the batch will probably rebuild: those that are known to hold one of its modules. */
static size_t guess_images(const JobQueue *queue, const StringSet *modules, const char **ret_generator)
{
        const Facts *facts = queue->operations.facts(queue->operations.userdata);
        size_t count = 0;

        *ret_generator = initramfs_generator_text(facts->generator);
        for (size_t i = 0; facts->images && i < facts->catalogue->release_count; i++)
                for (size_t j = 0; facts->images[i] && j < modules->count; j++)
                        if (initramfs_image_module(facts->images[i], modules->items[j])) {
                                count++;
                                break;
                        }
        return count;
}

static int run_tools(JobQueue *queue, const StringSet *releases)
{
        const ApplyObserver observer = {
                .progress = on_tools_progress, .done = on_tools_done, .userdata = queue
        };

        queue->indexes = releases->count;
        return queue->operations.start(
                        queue->event, queue->root, queue->config, releases, &observer, &queue->apply);
}

/* --- begin and cancel -------------------------------------------------------------------------------- */

void queue_start_batch(JobQueue *queue)
{
        StringSet releases CLEANUP_STRING_SET = { 0 }, modules CLEANUP_STRING_SET = { 0 };
        const char *generator;
        size_t images;
        int r = 0;

        if (queue->busy || queue->count == 0)
                return;
        for (size_t i = 0; i < queue->count; i++) {
                queue->entries[i]->in_batch = true;
                if (r >= 0)
                        r = plan_releases(queue->entries[i]->job->plan, &releases);
                if (r >= 0)
                        r = plan_modules(queue->entries[i]->job->plan, &modules);
        }
        images = guess_images(queue, &modules, &generator);
        progress_clock_plan(&queue->clock, releases.count, images, generator);
        for (size_t i = 0; i < queue->count; i++)
                job_set_state(queue->entries[i]->job, JOB_RUNNING);
        queue->busy = true;
        queue->undo_round = queue->images_aborted = queue->images_over = queue->committed = false;
        if (r >= 0)
                r = run_tools(queue, &releases);
        if (r >= 0)
                return;
        for (size_t i = 0; i < queue->count; i++) {
                if (!queue->entries[i]->in_batch || queue->entries[i]->job->undone)
                        continue;
                queue_add_failure(queue->entries[i], "The tools could not be started: ", strerror(-r));
                queue_undo(queue, queue->entries[i]);
        }
        queue_settle_batch(queue);
}

static bool all_canceled(const JobQueue *queue)
{
        for (size_t i = 0; i < queue->count; i++)
                if (queue->entries[i]->in_batch && !queue->entries[i]->canceled)
                        return false;
        return true;
}

void queue_cancel_in_batch(JobQueue *queue, const QueueEntry *entry)
{
        if (queue->apply && all_canceled(queue))
                apply_cancel(queue->apply);
        queue_cancel_images(queue, entry);
}
