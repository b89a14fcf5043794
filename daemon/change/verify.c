/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Compares what a plan expects with what libkmod resolves. */

#include "change/verify.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "host/module-index.h"

static int say(char **ret, const PlanChange *change, const char *found)
{
        int n;

        if (found)
                n = asprintf(ret,
                                "In kernel release %s the module %s still resolves to %s instead of %s. "
                                "Another line in depmod.d or another tool's module comes first.",
                                change->release, change->module, found, change->expected);
        else
                n = asprintf(ret,
                                "In kernel release %s the module index has no %s, though %s was selected: "
                                "depmod could not use that file.",
                                change->release, change->module, change->expected);
        return n < 0 ? -ENOMEM : 0;
}

static int verify_change(ModuleIndex *index, const PlanChange *change, char **ret_sentence)
{
        char *path CLEANUP_FREE = NULL;
        int r = module_index_resolve(index, change->module, &path);

        if (r < 0 && r != -ENOENT)
                return r;
        if (r >= 0 && strcmp(path, change->expected) == 0)
                return 1;
        return say(ret_sentence, change, r >= 0 ? path : NULL);
}

static int verify_release(const HostRoot *root, const Plan *plan, const char *release, char **ret_sentence)
{
        ModuleIndex *index CLEANUP(module_index_freep) = NULL;
        int r = 1, opened = module_index_open(root, release, &index);

        if (opened < 0 && opened != -ENOENT)
                return opened;
        for (size_t i = 0; r == 1 && i < plan->change_count; i++) {
                const PlanChange *change = &plan->changes[i];

                if (!change->expected || strcmp(change->release, release) != 0)
                        continue;
                r = index ? verify_change(index, change, ret_sentence) : say(ret_sentence, change, NULL);
        }
        return r;
}

int plan_verify(const HostRoot *root, const Plan *plan, char **ret_sentence)
{
        StringSet releases CLEANUP_STRING_SET = { 0 };
        int r = plan_releases(plan, &releases);

        if (r < 0)
                return r;
        r = 1;
        for (size_t i = 0; r == 1 && i < releases.count; i++)
                r = verify_release(root, plan, releases.items[i], ret_sentence);
        return r;
}
