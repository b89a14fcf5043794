/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Rebuilds initramfs images on request, without any selection. */

#include <errno.h>
#include <string.h>

#include "change/changer-internal.h"
#include "change/initramfs/initramfs-rebuild.h"
#include "host/initramfs/initramfs-find.h"

static int check_release(const Changer *changer, const Facts *facts, const char *release, Refusal *refusal)
{
        char *path CLEANUP_FREE = NULL;
        FileStamp stamp;
        int r;

        if (!catalogue_release(facts->catalogue, release))
                return refuse(refusal, REFUSAL_INVALID_ARGS,
                                "The kernel release %s is not installed: there is no /lib/modules/%s.",
                                release, release);
        r = initramfs_find(changer->root, release, &path, &stamp);
        if (r != -ENOENT)
                return r;
        return refuse(refusal, REFUSAL_NOT_SUPPORTED,
                        "The kernel release %s has no initramfs where generators put it. Build the first one "
                        "with the generator itself.",
                        release);
}

int changer_check_rebuild(Changer *changer, const StringSet *releases, Refusal *refusal)
{
        const Facts *facts = changer->host.facts(changer->host.userdata);
        const char *obstacle = initramfs_rebuild_obstacle(changer->root, facts->generator);
        int r = 0;

        if (changer->stopping)
                return refuse(refusal, REFUSAL_FAILED, "The service is about to end. Try again.");
        if (obstacle)
                return refuse(refusal, REFUSAL_NOT_SUPPORTED, "%s", obstacle);
        for (size_t i = 0; r >= 0 && i < releases->count; i++)
                r = check_release(changer, facts, releases->items[i], refusal);
        return r;
}

static int name_images(const Changer *changer, const StringSet *releases, Job *job)
{
        const Catalogue *catalogue = changer->host.facts(changer->host.userdata)->catalogue;
        int r = string_set_add_all(&job->images, releases);

        job->images_forced = releases->count > 0;
        for (size_t i = 0; r >= 0 && !job->images_forced && i < catalogue->release_count; i++)
                r = string_set_add(&job->images, catalogue->releases[i].release);
        return r;
}

static int start(Changer *changer, const StringSet *releases, uid_t uid, Job **ret)
{
        Plan *plan CLEANUP(plan_freep) = calloc(1, sizeof(*plan));
        Job *job;
        int r;

        if (!plan)
                return -ENOMEM;
        plan->operation = &operation_table[OPERATION_REBUILD];
        r = changer_add_job(changer, STEAL(plan), 0, uid, &job);
        if (r < 0)
                return r;
        r = name_images(changer, releases, job);
        if (r >= 0)
                r = job_queue_add(changer->queue, job, NULL);
        if (r < 0)
                changer_end_job(changer, job, JOB_RESULT_FAILED, strerror(-r));
        else
                *ret = job;
        return r;
}

int changer_rebuild(Changer *changer, const StringSet *releases, uid_t uid, Job **ret_job, Refusal *refusal)
{
        int r = changer_check_rebuild(changer, releases, refusal);

        if (r >= 0)
                r = changer_prepare(changer, refusal);
        if (r >= 0)
                r = start(changer, releases, uid, ret_job);
        if (r < 0)
                changer_unlock(changer);
        return r;
}
