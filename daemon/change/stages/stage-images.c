/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the jobs of a run add up to as one rebuild of images, and which of them go down with it. */

#include "change/stages/stage-images.h"

#include "change/initramfs/initramfs-rebuild.h"
#include "host/initramfs/initramfs-generator.h"

/* For the history of the jobs that are about images. Without memory they have none. */
static void note_rebuilt(StageRun *run)
{
        StringSet releases CLEANUP_STRING_SET = { 0 };
        int r = initramfs_rebuild_releases(run->data, &releases);

        for (Job *job = run->jobs; r >= 0 && job; job = job->next_in_run) {
                string_set_done(&job->rebuilt);
                r = string_set_intersection(&job->images, &releases, &job->rebuilt);
        }
}

/* Those that are known to hold one of the modules. */
static size_t guess_images(const StageRun *run, const char **ret_tool)
{
        const Facts *facts = run->host->facts(run->host->userdata);
        StringSet modules CLEANUP_STRING_SET = { 0 };
        size_t count = 0;
        int r = 0;

        *ret_tool = initramfs_generator_text(facts->generator);
        for (Job *job = run->jobs; r >= 0 && job; job = job->next_in_run)
                r = plan_modules(job->plan, &modules);
        for (size_t i = 0; facts->images && i < facts->catalogue->release_count; i++)
                for (size_t j = 0; facts->images[i] && j < modules.count; j++)
                        if (initramfs_image_module(facts->images[i], modules.items[j])) {
                                count++;
                                break;
                        }
        return count;
}

static int collect_requests(StageRun *run, RebuildRequests *ret)
{
        const StringSet *all = &run->host->facts(run->host->userdata)->catalogue->modules;
        int r = 0;

        for (Job *job = run->jobs; r >= 0 && job; job = job->next_in_run) {
                r = rebuild_requests_add_plan(ret, job->plan);
                if (r >= 0 && !job->undone && job->images.count > 0)
                        r = rebuild_requests_add_all(ret, &job->images, all, job->images_forced);
        }
        return r;
}

static int start(StageRun *run, Refusal *refusal)
{
        RebuildRequests requests CLEANUP(rebuild_requests_done) = { 0 };
        InitramfsRebuild *rebuild = NULL;
        int r = collect_requests(run, &requests);

        if (r >= 0 && requests.count > 0)
                r = initramfs_rebuild_start(run->host, &requests, &run->observer, &rebuild);
        run->data = rebuild;
        /* Without memory even to look at them, an image that is stale is told as a problem. */
        return r >= 0 && rebuild ? 1 : 0;
}

static bool concerns(const StageRun *run, const Job *job)
{
        return job->images.count > 0 || (run->data && initramfs_rebuild_concerns(run->data, job->plan));
}

/* What is being built may hold the canceled version: then it begins once more, without it. */
static void cancel(StageRun *run, const Job *job, bool last)
{
        if (concerns(run, job))
                initramfs_rebuild_cancel(run->data);
}

static void free_run(StageRun *run)
{
        note_rebuilt(run);
        run->data = initramfs_rebuild_free(run->data);
}

const Stage stage_images = {
        .id = STAGE_IMAGES,
        .step = "initramfs",
        .stale = "The initramfs is not up to date: ",
        .undo = STAGE_UNDO_IF_DONE,
        .progress = guess_images,
        .start = start,
        .concerns = concerns,
        .cancel = cancel,
        .free = free_run,
};
