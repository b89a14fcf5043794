/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Finds the targets of a large change that keep it from being made. It decides nothing about them. */

#include "change/misfits.h"

#include <errno.h>
#include <string.h>

#include "change/checks/findings.h"
#include "change/checks/plan-checks.h"
#include "change/plan/plan-new.h"
#include "util/array.h"

typedef struct Search {
        Changer *changer;
        const Facts *facts;
        const Request *request;
        StringSet *modules; /* of each target */
        Proposal proposal;
        MisfitList found;
} Search;

void misfit_list_done(MisfitList *list)
{
        for (size_t i = 0; i < list->count; i++)
                free(list->items[i].sentence);
        free(list->items);
        *list = (MisfitList){ 0 };
}

static void search_done(Search *search)
{
        for (size_t i = 0; search->modules && i < search->request->target_count; i++)
                string_set_done(&search->modules[i]);
        free(search->modules);
        proposal_done(&search->proposal);
        misfit_list_done(&search->found);
}

static int add_misfit(MisfitList *list, size_t target, bool breaks, const char *sentence)
{
        Misfit *items;

        for (size_t i = 0; i < list->count; i++)
                if (list->items[i].target == target)
                        return 0;
        items = array_grow(list->items, list->count, sizeof(*items));
        if (!items)
                return -ENOMEM;
        list->items = items;
        items[list->count] = (Misfit){ target, breaks, strdup(sentence) };
        return items[list->count++].sentence ? 0 : -ENOMEM;
}

/* --- targets that can't be planned together ----------------------------------------------------------- */

/* The first target that those before it leave no room for. */
static int find_conflict(Search *search)
{
        Request part = *search->request;
        int r = -ECANCELED;

        if (search->facts->selection->override_file_foreign)
                return r;
        for (size_t i = 0; i < search->request->target_count; i++) {
                Proposal proposal CLEANUP_PROPOSAL = { 0 };
                Refusal about CLEANUP_REFUSAL = { 0 };

                part.target_count = i + 1;
                r = proposal_plan(search->changer, &part, &proposal, &about);
                if (r == -ECANCELED)
                        return add_misfit(&search->found, i, false, about.sentence);
                if (r < 0)
                        return r;
        }
        return -ECANCELED;
}

/* --- findings of the preflight ------------------------------------------------------------------------ */

/* The target that brought MODULE, or their number. */
static size_t target_of(const Search *search, const char *module)
{
        size_t i = 0;

        while (i < search->request->target_count && !string_set_contains(&search->modules[i], module))
                i++;
        return i;
}

static int take_findings(Search *search, const ProblemList *problems, bool breaks, Refusal *refusal)
{
        const StringSet *ignore = search->request->ignore;

        for (size_t i = 0; i < problems->count; i++) {
                const Problem *problem = &problems->items[i];
                size_t target;
                int r;

                if (!finding_refuses(problem, ignore) ||
                                (strcmp(problem->code, "dependent-breaks") == 0) != breaks)
                        continue;
                target = problem->module ? target_of(search, problem->module)
                                         : search->request->target_count;
                if (target == search->request->target_count)
                        return findings_refuse(&(ProblemList){ .items = &problems->items[i], .count = 1 },
                                        ignore, refusal);
                r = add_misfit(&search->found, target, breaks, problem->sentence);
                if (r < 0)
                        return r;
        }
        return 0;
}

/* --- who needs whom ----------------------------------------------------------------------------------- */

/* 1 if a module of target A says that it needs one of target B. */
static int needs(const Search *search, size_t a, size_t b)
{
        for (size_t i = 0; i < search->proposal.plan->change_count; i++) {
                const PlanChange *change = &search->proposal.plan->changes[i];
                const CatalogueFile *file = change_file(search->facts, change);
                StringSet needed CLEANUP_STRING_SET = { 0 }, common CLEANUP_STRING_SET = { 0 };
                int r;

                if (!file || !string_set_contains(&search->modules[a], change->module))
                        continue;
                r = module_file_dependencies(file->file, &needed);
                if (r >= 0)
                        r = string_set_intersection(&needed, &search->modules[b], &common);
                if (r < 0 || common.count > 0)
                        return r < 0 ? r : 1;
        }
        return 0;
}

static int waits_for_another(const Search *search, size_t position)
{
        const MisfitList *found = &search->found;
        int r = 0;

        for (size_t i = 0; i < found->count && r == 0; i++)
                if (i != position)
                        r = needs(search, found->items[position].target, found->items[i].target);
        return r;
}

/* Leaves out those that need another misfit; all stay if each does, in a ring. */
static int keep_needed(Search *search, MisfitList *ret)
{
        MisfitList kept CLEANUP_MISFIT_LIST = { 0 };
        int r = 0;

        for (size_t i = 0; i < search->found.count && r >= 0; i++) {
                const Misfit *misfit = &search->found.items[i];

                r = waits_for_another(search, i);
                if (r == 0)
                        r = add_misfit(&kept, misfit->target, misfit->breaks, misfit->sentence);
        }
        if (r < 0)
                return r;
        *ret = kept.count > 0 ? kept : search->found;
        *(kept.count > 0 ? &kept : &search->found) = (MisfitList){ 0 };
        return 0;
}

/* --- the whole ---------------------------------------------------------------------------------------- */

static int look_up_modules(Search *search)
{
        const Request *request = search->request;
        int r = 0;

        search->modules = calloc(request->target_count + 1, sizeof(*search->modules));
        if (!search->modules)
                return -ENOMEM;
        for (size_t i = 0; i < request->target_count && r >= 0; i++) {
                const PlanTarget target = { context_driver(changer_context(search->changer),
                                                            request->targets[i].driver),
                        request->targets[i].version };

                r = target.driver ? plan_target_modules(search->facts, &target, &search->modules[i]) : 0;
        }
        return r;
}

static int check(Search *search, Refusal *refusal)
{
        ProblemList problems CLEANUP_PROBLEM_LIST = { 0 };
        const Plan *plan = search->proposal.plan;
        int r = proposal_refuse_busy(search->changer, plan, refusal);

        if (r >= 0 && !plan_is_empty(plan))
                r = preflight_plan(changer_context(search->changer), plan, &problems);
        if (r >= 0)
                r = look_up_modules(search);
        if (r >= 0)
                r = take_findings(search, &problems, false, refusal);
        if (r >= 0 && search->found.count == 0)
                r = take_findings(search, &problems, true, refusal);
        return r;
}

int misfits_find(Changer *changer, const Request *request, MisfitList *ret, Refusal *refusal)
{
        Search search CLEANUP(search_done) = {
                .changer = changer, .facts = context_facts(changer_context(changer)), .request = request
        };
        int r = proposal_plan(changer, request, &search.proposal, refusal);

        if (r == -ECANCELED) {
                r = find_conflict(&search);
                if (r < 0)
                        return r;
                refusal_done(refusal);
                *ret = search.found;
                search.found = (MisfitList){ 0 };
                return 0;
        }
        if (r >= 0)
                r = check(&search, refusal);
        return r < 0 ? r : keep_needed(&search, ret);
}
