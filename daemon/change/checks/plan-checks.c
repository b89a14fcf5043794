/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The preflight of a whole plan: every module that it selects, in every release, and room for all of it. */

#include "change/checks/plan-checks.h"

#include <errno.h>
#include <string.h>

#include "change/checks/index-foresight.h"
#include "change/checks/preflight.h"
#include "change/checks/space.h"
#include "change/proposal.h"
#include "util/text-format.h"

/* What is found of one plan. */
typedef struct Findings {
        StringSet subjects; /* the drivers that were named */
        StringSet known;    /* code and sentence of each finding */
        ProblemList *problems;
} Findings;

static void findings_done(Findings *findings)
{
        string_set_done(&findings->subjects);
        string_set_done(&findings->known);
}

/* 1 if nobody has found that before. */
static int remember(Findings *findings, const Problem *problem)
{
        char *key CLEANUP_FREE = NULL;

        if (text_format(&key, "%s %s", problem->code, problem->sentence) < 0)
                return -ENOMEM;
        return string_set_add(&findings->known, key);
}

/* Hardware is asked for the drivers that were named: what else their package ships comes along anyway.
 * MODULE is what was asked about; NULL: the findings say so themselves. */
static int adopt(ProblemList *found, const char *module, Findings *findings)
{
        bool named = module && string_set_contains(&findings->subjects, module);

        for (size_t i = 0; i < found->count; i++) {
                const Problem *problem = &found->items[i];
                int r;

                if (!named && strcmp(problem->code, "no-hardware") == 0)
                        continue;
                r = remember(findings, problem);
                if (r == 0)
                        continue;
                if (r > 0)
                        r = problem_list_add(findings->problems, problem->severity, problem->code, "%s",
                                        problem->sentence);
                if (r >= 0 && (module || problem->module))
                        r = problem_list_name_module(findings->problems, module ? module : problem->module);
                if (r < 0)
                        return r;
        }
        return 0;
}

/* The files that all modules of the plan have in RELEASE afterwards. */
static int take_planned(const Facts *facts, const Plan *plan, const char *release, PlannedFiles *ret)
{
        ret->files = calloc(plan->change_count + 1, sizeof(*ret->files));
        if (!ret->files)
                return -ENOMEM;
        for (size_t i = 0; i < plan->change_count; i++) {
                const PlanChange *change = &plan->changes[i];
                const CatalogueFile *file =
                                strcmp(change->release, release) == 0 ? change_file(facts, change) : NULL;

                if (file)
                        ret->files[ret->count++] = file;
        }
        return 0;
}

static void planned_done(PlannedFiles *planned)
{
        free(planned->files);
}

static int check_change(const ChangeContext *context, Preflight *preflight, const PlanChange *change,
                Findings *findings)
{
        const Facts *facts = context_facts(context);
        const Driver *driver = context_driver(context, change->module);
        const CatalogueFile *file = change_file(facts, change);
        const DriverVersion *version = driver && file ? driver_version_of_file(driver, file) : NULL;
        ProblemList found CLEANUP_PROBLEM_LIST = { 0 };
        int r;

        if (!version)
                return 0;
        r = preflight_check(preflight, driver, version, &found);
        return r < 0 ? r : adopt(&found, change->module, findings);
}

static int check_release(
                const ChangeContext *context, const Plan *plan, const char *release, Findings *findings)
{
        const Facts *facts = context_facts(context);
        PlannedFiles planned CLEANUP(planned_done) = { 0 };
        Preflight *preflight CLEANUP(preflight_freep) = NULL;
        ProblemList found CLEANUP_PROBLEM_LIST = { 0 };
        int r = take_planned(facts, plan, release, &planned);

        if (r >= 0)
                r = preflight_new(context->root, facts, release, &planned, &preflight);
        for (size_t i = 0; r >= 0 && i < plan->change_count; i++)
                if (strcmp(plan->changes[i].release, release) == 0)
                        r = check_change(context, preflight, &plan->changes[i], findings);
        if (r >= 0)
                r = preflight_check_dependents(preflight, &found);
        return r < 0 ? r : adopt(&found, NULL, findings);
}

int preflight_plan(const ChangeContext *context, const Plan *plan, ProblemList *ret)
{
        Findings findings CLEANUP(findings_done) = { .problems = ret };
        StringSet releases CLEANUP_STRING_SET = { 0 };
        int r = plan_releases(plan, &releases);

        for (size_t i = 0; r >= 0 && i < plan->subject_count; i++)
                r = string_set_add(&findings.subjects, plan->subjects[i].driver);
        for (size_t i = 0; r >= 0 && i < releases.count; i++)
                r = check_release(context, plan, releases.items[i], &findings);
        if (r >= 0)
                r = index_foresight_check(context, plan, ret);
        return r < 0 ? r : space_check(context->root, &releases, 0, ret);
}

int space_check_plan(const ChangeContext *context, Proposal *proposal)
{
        StringSet releases CLEANUP_STRING_SET = { 0 };
        int r = plan_releases(proposal->plan, &releases);

        return r < 0 ? r : space_check(context->root, &releases, 0, &proposal->findings);
}
