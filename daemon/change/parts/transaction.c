/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Walks the table of parts. It knows none of them. */

#include "change/parts/transaction.h"

#include <errno.h>

#include "change/parts/parts.h"

/* A kernel release that is gone has nothing in the way and nothing to bring back, and must not keep recovery
 * from its end. Where something was to be selected in it, reading back the index says so. */
static int run_in(
                const HostRoot *root, const Plan *plan, const char *release, PartStep step, Refusal *refusal)
{
        int modules_fd CLEANUP_FD = host_root_open_modules(root, release);
        const PartSite site = { root, plan, release, modules_fd };

        if (modules_fd < 0)
                return modules_fd == -ENOENT
                                       ? 0
                                       : refusal_blame(refusal, modules_fd, "/lib/modules/%s", release);
        return step(&site, refusal);
}

static int run(const HostRoot *root, const Plan *plan, const StringSet *releases, const Part *part,
                PartStep step, Refusal *refusal)
{
        const PartSite site = { root, plan, NULL, -1 };
        int r = 0;

        if (!step)
                return 0;
        if (!part->per_release)
                return step(&site, refusal);
        for (size_t i = 0; r >= 0 && i < releases->count; i++)
                r = run_in(root, plan, releases->items[i], step, refusal);
        return r;
}

static int check(const HostRoot *root, const Plan *plan, const StringSet *releases, Refusal *refusal)
{
        int r = 0;

        for (size_t i = 0; r >= 0 && i < PART_COUNT; i++)
                r = run(root, plan, releases, parts[i], parts[i]->check, refusal);
        return r;
}

int transaction_check(const HostRoot *root, const Plan *plan, Refusal *refusal)
{
        StringSet releases CLEANUP_STRING_SET = { 0 };
        int r = plan_releases(plan, &releases);

        return r < 0 ? r : check(root, plan, &releases, refusal);
}

int transaction_apply(const HostRoot *root, const Plan *plan, Refusal *refusal)
{
        StringSet releases CLEANUP_STRING_SET = { 0 };
        int r = plan_releases(plan, &releases);

        if (r >= 0)
                r = check(root, plan, &releases, refusal);
        for (PartPhase phase = 0; phase < PART_PHASE_COUNT; phase++)
                for (size_t i = 0; r >= 0 && i < PART_COUNT; i++) {
                        const Part *part = parts[phase == PART_TAKE ? PART_COUNT - 1 - i : i];

                        r = run(root, plan, &releases, part, part->steps[phase], refusal);
                }
        return r;
}

int transaction_discard(const HostRoot *root, const Plan *plan)
{
        int r = 0;

        for (size_t i = 0; i < PART_COUNT; i++) {
                int discarded = parts[i]->discard ? parts[i]->discard(root, plan) : 0;

                if (r >= 0)
                        r = discarded;
        }
        return r;
}
