/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Finds the targets of a large change that keep it from being made. It decides nothing about them. */

#include "change/changer-misfits.h"

#include <errno.h>
#include <string.h>

#include "change/changer-internal.h"
#include "util/array.h"

typedef struct Search {
        Changer *changer;
        const Facts *facts;
        const ChangeOptions *options;
        StringSet *modules; /* of each target */
        size_t target_count;
        Plan *plan;
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
        for (size_t i = 0; search->modules && i < search->target_count; i++)
                string_set_done(&search->modules[i]);
        free(search->modules);
        (void) plan_free(search->plan);
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
static int find_conflict(Search *search, const ChangeTarget *targets, Refusal *refusal)
{
        int r = -ECANCELED;

        if (search->facts->selection->override_file_foreign)
                return r;
        for (size_t i = 0; i < search->target_count; i++) {
                Plan *plan CLEANUP(plan_freep) = NULL;
                Refusal about CLEANUP_REFUSAL = { 0 };

                r = changer_make_plan(search->changer, targets, i + 1, search->options, &plan, &about);
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

        while (i < search->target_count && !string_set_contains(&search->modules[i], module))
                i++;
        return i;
}

static int take_findings(Search *search, const ProblemList *problems, bool breaks, Refusal *refusal)
{
        const StringSet *ignore = search->options->ignore;

        for (size_t i = 0; i < problems->count; i++) {
                const Problem *problem = &problems->items[i];
                size_t target;
                int r;

                if (!changer_is_refused(problem, ignore) ||
                                (strcmp(problem->code, "dependent-breaks") == 0) != breaks)
                        continue;
                target = problem->module ? target_of(search, problem->module) : search->target_count;
                if (target == search->target_count)
                        return changer_refuse_errors(
                                        &(ProblemList){ .items = &problems->items[i], .count = 1 }, ignore,
                                        refusal);
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
        for (size_t i = 0; i < search->plan->change_count; i++) {
                const PlanChange *change = &search->plan->changes[i];
                const CatalogueFile *file = changer_file_of(search->facts, change);
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

static int look_up_modules(Search *search, const ChangeTarget *targets)
{
        const ChangerHost *host = &search->changer->host;
        int r = 0;

        search->modules = calloc(search->target_count + 1, sizeof(*search->modules));
        if (!search->modules)
                return -ENOMEM;
        for (size_t i = 0; i < search->target_count && r >= 0; i++) {
                const PlanTarget target = { host->driver(host->userdata, targets[i].driver),
                        targets[i].version };

                r = target.driver ? plan_target_modules(search->facts, &target, &search->modules[i]) : 0;
        }
        return r;
}

static int check(Search *search, const ChangeTarget *targets, Refusal *refusal)
{
        ProblemList problems CLEANUP_PROBLEM_LIST = { 0 };
        int r = changer_check_plan(search->changer, search->plan, refusal);

        if (r >= 0 && !plan_is_empty(search->plan))
                r = changer_preflight(search->changer, search->plan, &problems);
        if (r >= 0)
                r = look_up_modules(search, targets);
        if (r >= 0)
                r = take_findings(search, &problems, false, refusal);
        if (r >= 0 && search->found.count == 0)
                r = take_findings(search, &problems, true, refusal);
        return r;
}

int changer_find_misfits(Changer *changer, const ChangeTarget *targets, size_t target_count,
                const ChangeOptions *options, MisfitList *ret, Refusal *refusal)
{
        Search search CLEANUP(search_done) = { .changer = changer,
                .facts = changer->host.facts(changer->host.userdata),
                .options = options,
                .target_count = target_count };
        int r = changer_make_plan(changer, targets, target_count, options, &search.plan, refusal);

        if (r == -ECANCELED) {
                r = find_conflict(&search, targets, refusal);
                if (r < 0)
                        return r;
                refusal_done(refusal);
                *ret = search.found;
                search.found = (MisfitList){ 0 };
                return 0;
        }
        if (r >= 0)
                r = check(&search, targets, refusal);
        return r < 0 ? r : keep_needed(&search, ret);
}
