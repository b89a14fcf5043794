/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Says whether images can be rebuilt, and makes the job that does it. */

#include "change/operations/rebuild.h"

#include <errno.h>
#include <string.h>

#include "change/initramfs/initramfs-rebuild.h"
#include "host/initramfs/initramfs-find.h"

static int check_release(
                const ChangeContext *context, const Facts *facts, const char *release, Refusal *refusal)
{
        char *path CLEANUP_FREE = NULL;
        FileStamp stamp;
        int r;

        if (!catalogue_release(facts->catalogue, release))
                return refuse(refusal, REFUSAL_INVALID_ARGS,
                                "The kernel release %s is not installed: there is no /lib/modules/%s.",
                                release, release);
        r = initramfs_find(context->root, release, &path, &stamp);
        if (r != -ENOENT)
                return r;
        return refuse(refusal, REFUSAL_NOT_SUPPORTED,
                        "The kernel release %s has no initramfs where generators put it. Build the first one "
                        "with the generator itself.",
                        release);
}

int rebuild_plan(const ChangeContext *context, const Request *request, Proposal *proposal, Refusal *refusal)
{
        const Facts *facts = context_facts(context);
        const char *obstacle = initramfs_rebuild_obstacle(context->root, facts->generator);
        int r = 0;

        if (obstacle)
                return refuse(refusal, REFUSAL_NOT_SUPPORTED, "%s", obstacle);
        for (size_t i = 0; r >= 0 && request->kernels && i < request->kernels->count; i++)
                r = check_release(context, facts, request->kernels->items[i], refusal);
        if (r >= 0 && request->kernels)
                r = string_set_add_all(&proposal->kernels, request->kernels);
        proposal->forced = proposal->kernels.count > 0;
        for (size_t i = 0; r >= 0 && !proposal->forced && i < facts->catalogue->release_count; i++)
                r = string_set_add(&proposal->kernels, facts->catalogue->releases[i].release);
        if (r < 0)
                return r;
        proposal->plan = calloc(1, sizeof(*proposal->plan));
        return proposal->plan ? 0 : -ENOMEM;
}

int rebuild_commit(Changer *changer, Proposal *proposal, uid_t uid, Job **ret_job, Refusal *refusal)
{
        Job *job CLEANUP(job_unrefp) = NULL;
        int r = changer_new_job(changer, STEAL(proposal->plan), 0, uid, &job);

        if (r < 0)
                return r;
        job->images = proposal->kernels;
        job->images_forced = proposal->forced;
        proposal->kernels = (StringSet){ 0 };
        return changer_start_job(changer, job, ret_job);
}
