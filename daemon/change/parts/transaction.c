/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Walks the table of parts. It knows none of them. */

#include "change/parts/transaction.h"

#include <errno.h>
#include <string.h>

#include "change/parts/parts.h"

static bool is_in(const Part *part, const PartSite *site)
{
        return strcmp(*(char *const *) ((const char *) site->item + part->release_offset), site->release) ==
               0;
}

/* A kernel release that is gone has nothing in the way and nothing to bring back, and must not keep recovery
 * from its end. Where something was to be selected in it, reading back the index says so. */
static int run_in(PartSite site, const Part *part, PartStep step, Refusal *refusal)
{
        int modules_fd CLEANUP_FD = host_root_open_modules(site.root, site.release);
        int r = 0;

        if (modules_fd == -ENOENT)
                return 0;
        if (modules_fd < 0)
                return refusal_blame(refusal, modules_fd, "/lib/modules/%s", site.release);
        site.modules_fd = modules_fd;
        if (part->scope == PART_OF_RELEASE)
                return step(&site, refusal);
        for (size_t i = 0; r >= 0 && (site.item = part_item(part, site.plan, i)); i++)
                if (is_in(part, &site))
                        r = step(&site, refusal);
        return r;
}

static int run(const HostRoot *root, const Plan *plan, const StringSet *releases, const Part *part,
                PartStep step, Refusal *refusal)
{
        PartSite site = { root, plan, NULL, -1, NULL };
        int r = 0;

        if (!step)
                return 0;
        if (part->scope == PART_OF_HOST)
                return step(&site, refusal);
        for (size_t i = 0; r >= 0 && i < releases->count; i++) {
                site.release = releases->items[i];
                r = run_in(site, part, step, refusal);
        }
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

static int run_phase(const HostRoot *root, const Plan *plan, const StringSet *releases, PartPhase phase,
                Refusal *refusal)
{
        int r = 0;

        for (size_t i = 0; r >= 0 && i < PART_COUNT; i++) {
                const Part *part = parts[phase == PART_TAKE ? PART_COUNT - 1 - i : i];

                r = run(root, plan, releases, part, part->steps[phase], refusal);
        }
        return r;
}

int transaction_apply(const HostRoot *root, const Plan *plan, Refusal *refusal)
{
        StringSet releases CLEANUP_STRING_SET = { 0 };
        int r = plan_releases(plan, &releases);

        if (r >= 0)
                r = check(root, plan, &releases, refusal);
        for (PartPhase phase = 0; r >= 0 && phase < PART_LAST; phase++)
                r = run_phase(root, plan, &releases, phase, refusal);
        return r;
}

int transaction_finish(const HostRoot *root, const Plan *plan, Refusal *refusal)
{
        StringSet releases CLEANUP_STRING_SET = { 0 };
        int r = plan_releases(plan, &releases);

        return r < 0 ? r : run_phase(root, plan, &releases, PART_LAST, refusal);
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
