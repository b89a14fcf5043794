/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads what depmod would read, and changes it as the plan would. What depmod makes of it, the model says.
 */

#include "change/checks/index-foresight.h"

#include <errno.h>
#include <string.h>

#include "change/parts/override-file.h"
#include "model/depmod-reason.h"
#include "util/text-format.h"

/* The text of our override file afterwards; "" if there is to be none. */
static int read_lines(const HostRoot *root, const Plan *plan, char **ret)
{
        OverrideList list CLEANUP(override_list_done) = { 0 };
        char *text CLEANUP_FREE = NULL;
        bool foreign;
        size_t size;
        int r = host_root_read(root, OVERRIDE_FILE_PATH, OVERRIDE_FILE_SIZE_MAX, &text, &size);

        /* One that can't be read, or isn't ours, is refused elsewhere. */
        if (r >= 0)
                r = override_list_parse(text, size, &list, NULL, &foreign);
        if (r < 0 && r != -ENOMEM)
                r = 0;
        if (r >= 0)
                r = override_file_set_lines(plan, &list);
        if (r < 0)
                return r;
        if (list.count > 0)
                return override_list_format(&list, ret);
        *ret = strdup("");
        return *ret ? 0 : -ENOMEM;
}

static int set_link(const PlanChange *change, const char *link, const char *target, CandidateList *list)
{
        char *path CLEANUP_FREE = text_new("updates/%s", link);

        return path ? candidates_set_link(list, change->module, path, target) : -ENOMEM;
}

/* What the plan does to the files of one release. */
static int change_candidates(const Plan *plan, const char *release, CandidateList *list)
{
        int r = 0;

        for (size_t i = 0; r >= 0 && i < plan->change_count; i++)
                if (strcmp(plan->changes[i].release, release) == 0 && plan->changes[i].before.link)
                        r = set_link(&plan->changes[i], plan->changes[i].before.link, NULL, list);
        for (size_t i = 0; r >= 0 && i < plan->change_count; i++) {
                const PlanChange *change = &plan->changes[i];

                if (strcmp(change->release, release) == 0 && change->after.link)
                        r = set_link(change, change->after.link, change->after.target + strlen("../"), list);
        }
        return r;
}

static int judge(const PlanChange *change, const DepmodConfig *config, const CandidateList *list,
                ProblemList *ret)
{
        const CandidateList own = candidates_of(list, change->module);
        char *sentence CLEANUP_FREE = NULL;
        int r = depmod_foresee(config, &own, change->expected, &sentence);

        if (r != 0)
                return r;
        r = problem_list_add(ret, SEVERITY_ERROR, "not-effective",
                        "In kernel release %s, %s Settle that first: the selection would come to nothing.",
                        change->release, sentence);
        return r < 0 ? r : problem_list_name_module(ret, change->module);
}

static int check_release(const ChangeContext *context, const Plan *plan, const char *release,
                const char *text, ProblemList *ret)
{
        DepmodConfig config CLEANUP_DEPMOD_CONFIG = { 0 };
        CandidateList list CLEANUP_CANDIDATE_LIST = { 0 };
        StringSet modules CLEANUP_STRING_SET = { 0 }, judged CLEANUP_STRING_SET = { 0 };
        int r = 0;

        for (size_t i = 0; r >= 0 && i < plan->change_count; i++)
                if (plan->changes[i].expected && strcmp(plan->changes[i].release, release) == 0)
                        r = string_set_add(&modules, plan->changes[i].module);
        if (r < 0 || modules.count == 0)
                return r;
        r = depmod_config_foresee(context->root, release, text, &config);
        if (r >= 0)
                r = candidates_read(context->root, release, &modules, &config,
                                &context_facts(context)->formats, &list);
        if (r >= 0)
                r = change_candidates(plan, release, &list);
        for (size_t i = 0; r >= 0 && i < plan->change_count; i++) {
                const PlanChange *change = &plan->changes[i];

                if (!change->expected || strcmp(change->release, release) != 0)
                        continue;
                r = string_set_add(&judged, change->module);
                if (r > 0)
                        r = judge(change, &config, &list, ret);
        }
        return r < 0 ? r : 0;
}

int index_foresight_check(const ChangeContext *context, const Plan *plan, ProblemList *ret)
{
        StringSet releases CLEANUP_STRING_SET = { 0 };
        char *text CLEANUP_FREE = NULL;
        int r = plan_releases(plan, &releases);

        if (r >= 0)
                r = read_lines(context->root, plan, &text);
        for (size_t i = 0; r >= 0 && i < releases.count; i++)
                r = check_release(context, plan, releases.items[i], text, ret);
        return r;
}
