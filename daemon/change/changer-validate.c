/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* All that can be refused before anything is touched: unknown names, findings of the preflight, modules that
 * a job has. */

#include <errno.h>
#include <string.h>

#include "change/changer-internal.h"
#include "change/tool/depmod.h"

static int look_up_driver(Changer *changer, const char *name, const Driver **ret, Refusal *refusal)
{
        const Driver *driver = changer->host.driver(changer->host.userdata, name);

        if (!driver)
                return refuse(refusal, REFUSAL_NO_SUCH_DRIVER,
                                "No driver %s is installed in several versions. `hostdriverctl list` shows "
                                "those that are.",
                                name);
        *ret = driver;
        return 0;
}

/* --- the plan ----------------------------------------------------------------------------------------- */

/* The first module of both sets, or NULL. */
static const char *find_common(const StringSet *a, const StringSet *b)
{
        for (size_t i = 0; i < a->count; i++)
                if (string_set_contains(b, a->items[i]))
                        return a->items[i];
        return NULL;
}

static int refuse_busy(const Changer *changer, const Plan *plan, Refusal *refusal)
{
        StringSet modules CLEANUP_STRING_SET = { 0 };
        int r = plan_modules(plan, &modules);

        for (size_t i = 0; r >= 0 && i < changer->job_count; i++) {
                StringSet taken CLEANUP_STRING_SET = { 0 };
                const Job *job = changer->jobs[i];
                const char *module;

                if (job->state == JOB_DONE)
                        continue;
                r = plan_modules(job->plan, &taken);
                module = r >= 0 ? find_common(&modules, &taken) : NULL;
                if (module)
                        return refuse(refusal, REFUSAL_BUSY,
                                        "The module %s is being changed by job %u. Wait for it or "
                                        "cancel it.",
                                        module, job->id);
        }
        return r;
}

int changer_refuse_stopping(const Changer *changer, Refusal *refusal)
{
        return changer->stopping ? refuse(refusal, REFUSAL_FAILED, "The service is about to end. Try again.")
                                 : 0;
}

int changer_check_plan(const Changer *changer, const Plan *plan, Refusal *refusal)
{
        int r = changer_refuse_stopping(changer, refusal);

        if (r < 0)
                return r;
        if (!depmod_path())
                return refuse(refusal, REFUSAL_NOT_SUPPORTED,
                                "There is no depmod, which makes a selection effective. Install kmod.");
        return refuse_busy(changer, plan, refusal);
}

static int make_plan(Changer *changer, const ChangeTarget *targets, size_t target_count,
                const StringSet *kernels, Plan **ret, Refusal *refusal)
{
        PlanTarget *looked_up CLEANUP_FREE = calloc(target_count + 1, sizeof(*looked_up));

        if (!looked_up)
                return -ENOMEM;
        for (size_t i = 0; i < target_count; i++) {
                int r = look_up_driver(changer, targets[i].driver, &looked_up[i].driver, refusal);

                if (r < 0)
                        return r;
                looked_up[i].version = targets[i].version;
        }
        return plan_new(changer->host.facts(changer->host.userdata), looked_up, target_count, kernels, ret,
                        refusal);
}

static const Operation *operation_of(const ChangeTarget *targets, size_t target_count)
{
        for (size_t i = 0; i < target_count; i++)
                if (targets[i].version[0] != '\0')
                        return &operation_table[OPERATION_SELECT];
        return &operation_table[OPERATION_DESELECT];
}

int changer_make_plan(Changer *changer, const ChangeTarget *targets, size_t target_count,
                const ChangeOptions *options, Plan **ret, Refusal *refusal)
{
        Plan *plan CLEANUP(plan_freep) = NULL;
        int r = make_plan(changer, targets, target_count, options->kernels, &plan, refusal);

        if (r < 0)
                return r;
        plan->operation = options->operation ? options->operation : operation_of(targets, target_count);
        *ret = STEAL(plan);
        return 0;
}

int changer_plan(Changer *changer, const ChangeTarget *targets, size_t target_count,
                const ChangeOptions *options, Plan **ret, Refusal *refusal)
{
        ProblemList problems CLEANUP_PROBLEM_LIST = { 0 };
        Plan *plan CLEANUP(plan_freep) = NULL;
        int r = changer_make_plan(changer, targets, target_count, options, &plan, refusal);

        changer->plan_count++;
        if (r >= 0)
                r = changer_check_plan(changer, plan, refusal);
        /* What is selected already needs no permission to be so. */
        if (r >= 0 && !plan_is_empty(plan))
                r = changer_preflight(changer, plan, &problems);
        if (r >= 0)
                r = changer_refuse_errors(&problems, options->ignore, refusal);
        if (r < 0)
                return r;
        *ret = STEAL(plan);
        return 0;
}

unsigned changer_plan_count(const Changer *changer)
{
        return changer->plan_count;
}

int changer_check(Changer *changer, const char *driver, const char *version, const StringSet *releases,
                ProblemList *ret, Refusal *refusal)
{
        ChangeTarget target = { .driver = driver, .version = version };
        ProblemList problems CLEANUP_PROBLEM_LIST = { 0 };
        Plan *plan CLEANUP(plan_freep) = NULL;
        int r = make_plan(changer, &target, 1, releases, &plan, refusal);

        /* What Select would refuse as a conflict is a finding here. */
        if (r == -ECANCELED && refusal->kind == REFUSAL_CONFLICT)
                r = problem_list_add(&problems, SEVERITY_ERROR, "not-regular", "%s", refusal->sentence);
        else if (r >= 0)
                r = changer_preflight(changer, plan, &problems);
        if (r < 0)
                return r;
        *ret = problems;
        problems = (ProblemList){ 0 };
        return 0;
}
