/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Ranks the files that a module will have by the rules of depmod. */

#include "change/checks/read-order.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "host/index/candidates.h"
#include "host/name.h"
#include "model/depmod-rank.h"
#include "util/text-format.h"

static bool goes(const Plan *plan, const PlanFile *file, const char *path)
{
        if (strcmp(path, file->inside) == 0)
                return true;
        for (size_t i = 0; i < plan->change_count; i++) {
                const PlanChange *change = &plan->changes[i];

                if (change->before.link && strcmp(change->release, file->release) == 0 &&
                                strncmp(path, "updates/", strlen("updates/")) == 0 &&
                                strcmp(path + strlen("updates/"), change->before.link) == 0)
                        return true;
        }
        return false;
}

/* What is there of MODULE afterwards: LIST without what goes, with what comes. The strings are borrowed. */
static int foresee(const Plan *plan, const PlanFile *file, const CandidateList *list, CandidateList *ret)
{
        Candidate *items = calloc(list->count + 1, sizeof(*items));
        bool found = false;

        if (!items)
                return -ENOMEM;
        *ret = (CandidateList){ .items = items };
        for (size_t i = 0; i < list->count; i++) {
                if (strcmp(list->items[i].path, file->outside) != 0 && goes(plan, file, list->items[i].path))
                        continue;
                found = found || strcmp(list->items[i].path, file->outside) == 0;
                items[ret->count++] = list->items[i];
        }
        if (found)
                for (size_t i = 0; i < ret->count; i++)
                        if (strcmp(items[i].path, file->outside) == 0 && !file->kept)
                                items[i].kind = CANDIDATE_FILE;
        if (!found)
                items[ret->count++] = (Candidate){
                        .kind = CANDIDATE_FILE, .path = file->outside, .target = (char *) ""
                };
        return 0;
}

static int judge(const HostRoot *root, const KmodFormats *formats, const Plan *plan, const PlanFile *file,
                const DepmodConfig *config, char **ret)
{
        CandidateList list CLEANUP_CANDIDATE_LIST = { 0 }, then = { 0 };
        char *module CLEANUP_FREE = NULL;
        DepmodRank *ranks CLEANUP_FREE = NULL;
        Candidate *items CLEANUP_FREE = NULL;
        int r = module_name_from_file(strrchr(file->outside, '/') + 1, &module);

        if (r >= 0)
                r = candidates_read_module(root, file->release, module, config, formats, &list);
        if (r >= 0)
                r = foresee(plan, file, &list, &then);
        items = then.items;
        ranks = r < 0 ? NULL : calloc(then.count, sizeof(*ranks));
        if (r < 0 || !ranks)
                return r < 0 ? r : -ENOMEM;
        for (size_t i = 0; i < then.count; i++)
                depmod_rank(config, &then.items[i], &ranks[i]);
        if (depmod_rank_winner(config, &then, ranks) != DEPMOD_WINNER_UNKNOWN)
                return 0;
        r = text_format(ret,
                        "In kernel release %s several files of %s would count alike, and which one is "
                        "loaded would depend on the order in which depmod reads directories. "
                        "`hostdriverctl why %s` lists them: move away all but %s, then try again.",
                        file->release, module, module, file->outside);
        return r < 0 ? r : 1;
}

int read_order_decides(const HostRoot *root, const KmodFormats *formats, const Plan *plan,
                const char *release, const HostRoot *stage, char **ret)
{
        DepmodConfig config CLEANUP_DEPMOD_CONFIG = { 0 };
        int r = depmod_config_read(stage, release, &config);

        for (size_t i = 0; r == 0 && i < plan->file_count; i++)
                if (!plan->files[i].after && strcmp(plan->files[i].release, release) == 0)
                        r = judge(root, formats, plan, &plan->files[i], &config, ret);
        return r;
}
