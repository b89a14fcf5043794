/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The second half of a batch: the images that are stale are rebuilt, and the jobs that needed those that
 * could not be are taken back. */

#include "change/initramfs/rebuild-requests.h"
#include "change/job/job-queue-internal.h"
#include "host/initramfs/initramfs-generator.h"

/* Where images begin that nobody had expected. */
#define IMAGES_FROM 0.5

/* Whether the batch's images are about the job: not if it was taken back before they began. */
static bool takes_part(const QueueEntry *entry)
{
        return entry->in_batch && (!entry->job->undone || entry->undone_before);
}

static const Facts *facts_for_images(void *userdata)
{
        const JobQueue *queue = userdata;

        return queue->operations.facts(queue->operations.userdata);
}

static void on_images_progress(void *userdata, double fraction, double run)
{
        JobQueue *queue = userdata;

        double share = queue->clock.tools_share < 1 ? queue->clock.tools_share : IMAGES_FROM;
        const Facts *facts = facts_for_images(queue);

        queue->step = "initramfs";
        progress_clock_begin(&queue->clock, initramfs_generator_text(facts->generator),
                        share + fraction * (1 - share), share + (fraction + run) * (1 - share));
}

static void on_images_replacing(void *userdata)
{
        JobQueue *queue = userdata;

        queue->committed = true;
        for (size_t i = 0; i < queue->count; i++)
                if (queue->entries[i]->in_batch)
                        job_set_cancelable(queue->entries[i]->job, false);
}

static void on_image(void *userdata, InitramfsImage *image)
{
        JobQueue *queue = userdata;

        queue->operations.image(queue->operations.userdata, image);
}

/* Whether the job goes down with images that could not be rebuilt. */
static bool needs_images(const JobQueue *queue, const Job *job)
{
        return job->images.count > 0 || initramfs_rebuild_concerns(queue->images, job->plan);
}

/* Whether the job stays; if not, it was canceled, or why is in entry->failure. */
static bool judge_images(const JobQueue *queue, QueueEntry *entry, bool failed, const char *failure)
{
        if (entry->canceled)
                return false;
        if (!failed || !needs_images(queue, entry->job))
                return true;
        queue_add_failure(entry, "", failure);
        return false;
}

/* For the history of the jobs that were about images. Without memory they have none. */
static void note_rebuilt(JobQueue *queue)
{
        StringSet releases CLEANUP_STRING_SET = { 0 };
        int r = initramfs_rebuild_releases(queue->images, &releases);

        for (size_t i = 0; r >= 0 && i < queue->count; i++) {
                Job *job = queue->entries[i]->job;

                if (!queue->entries[i]->in_batch || job->images.count == 0)
                        continue;
                string_set_done(&job->rebuilt);
                r = string_set_intersection(&job->images, &releases, &job->rebuilt);
        }
}

static void on_images_done(void *userdata, RebuildOutcome outcome, const char *failure)
{
        JobQueue *queue = userdata;
        StringSet again CLEANUP_STRING_SET = { 0 };
        bool failed = outcome == REBUILD_FAILED && !queue->images_aborted, any = false;
        int r = 0;

        progress_clock_end(&queue->clock, outcome == REBUILD_DONE);
        note_rebuilt(queue);
        for (size_t i = 0; i < queue->count; i++) {
                QueueEntry *entry = queue->entries[i];

                if (!takes_part(entry))
                        continue;
                if (entry->job->undone) {
                        if (failed)
                                queue_add_failure(entry, "The initramfs is not up to date: ", failure);
                } else if (!judge_images(queue, entry, failed, failure)) {
                        queue_undo(queue, entry);
                        any = true;
                        if (r >= 0)
                                r = plan_releases(entry->job->plan, &again);
                }
        }
        queue->images = initramfs_rebuild_free(queue->images);
        queue->images_over = failed || queue->images_over;
        if (any)
                queue_run_tools_again(queue, &again, r);
        else
                queue_settle_batch(queue);
}

static int run_images(JobQueue *queue)
{
        const RebuildObserver observer = {
                .facts = facts_for_images,
                .progress = on_images_progress,
                .replacing = on_images_replacing,
                .image = on_image,
                .done = on_images_done,
                .userdata = queue,
        };
        RebuildRequests requests CLEANUP(rebuild_requests_done) = { 0 };
        int r = 0;

        for (size_t i = 0; r >= 0 && i < queue->count; i++) {
                const QueueEntry *entry = queue->entries[i];

                if (!takes_part(entry))
                        continue;
                r = rebuild_requests_add_plan(&requests, entry->job->plan);
                if (r >= 0 && !entry->job->undone && entry->job->images.count > 0)
                        r = rebuild_requests_add_all(&requests, &entry->job->images,
                                        &facts_for_images(queue)->catalogue->modules,
                                        entry->job->images_forced);
        }
        if (r < 0 || requests.count == 0)
                return r;
        queue->images_aborted = false;
        r = initramfs_rebuild_start(
                        queue->event, queue->root, queue->config, &requests, &observer, &queue->images);
        return r < 0 ? r : 1;
}

void queue_start_images(JobQueue *queue)
{
        if (queue->index_only || queue->images_over || run_images(queue) <= 0)
                queue_settle_batch(queue);
}

void queue_cancel_images(JobQueue *queue, const QueueEntry *entry)
{
        if (!queue->images || !needs_images(queue, entry->job))
                return;
        /* What is being built holds the canceled version: it begins anew without it. */
        queue->images_aborted = true;
        initramfs_rebuild_cancel(queue->images);
}
