/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The preflight of a whole plan: every module that it selects, in every release, and room for all of it. */

#include <errno.h>
#include <string.h>

#include "change/changer-internal.h"
#include "change/disk/space.h"
#include "change/preflight/preflight.h"

/* The version that a file of the catalogue belongs to, as its driver sees it. */
static const DriverVersion *version_of(const Driver *driver, const CatalogueFile *file)
{
        for (size_t i = 0; i < driver->version_count; i++) {
                const DriverVersion *version = &driver->versions[i];

                if (version->tree == file->tree && strcmp(version->directory, file->version) == 0 &&
                                (!file->tree->has_packages || strcmp(version->package, file->package) == 0))
                        return version;
        }
        return NULL;
}

const CatalogueFile *changer_file_of(const Facts *facts, const PlanChange *change)
{
        const CatalogueRelease *release = catalogue_release(facts->catalogue, change->release);

        if (!release || !change->expected)
                return NULL;
        return catalogue_file_at(release,
                        change->after.target ? change->after.target + strlen("../") : change->expected);
}

const DriverVersion *changer_version_of(Changer *changer, const PlanChange *change)
{
        const Driver *driver = changer->host.driver(changer->host.userdata, change->module);
        const CatalogueFile *file = changer_file_of(changer->host.facts(changer->host.userdata), change);

        return driver && file ? version_of(driver, file) : NULL;
}

static bool is_known(const ProblemList *problems, const Problem *problem)
{
        for (size_t i = 0; i < problems->count; i++)
                if (strcmp(problems->items[i].code, problem->code) == 0 &&
                                strcmp(problems->items[i].sentence, problem->sentence) == 0)
                        return true;
        return false;
}

static bool is_subject(const Plan *plan, const char *module)
{
        for (size_t i = 0; i < plan->subject_count; i++)
                if (strcmp(plan->subjects[i].driver, module) == 0)
                        return true;
        return false;
}

/* Hardware is asked for the drivers that were named: what else their package ships comes along anyway.
 * MODULE is what was asked about; NULL: the findings say so themselves. */
static int adopt(ProblemList *found, const Plan *plan, const char *module, ProblemList *ret)
{
        bool named = module && is_subject(plan, module);

        for (size_t i = 0; i < found->count; i++) {
                const Problem *problem = &found->items[i];
                int r;

                if (is_known(ret, problem) || (!named && strcmp(problem->code, "no-hardware") == 0))
                        continue;
                r = problem_list_add(ret, problem->severity, problem->code, "%s", problem->sentence);
                if (r >= 0 && (module || problem->module))
                        r = problem_list_name_module(ret, module ? module : problem->module);
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
                const CatalogueFile *file = strcmp(change->release, release) == 0
                                                            ? changer_file_of(facts, change)
                                                            : NULL;

                if (file)
                        ret->files[ret->count++] = file;
        }
        return 0;
}

static void planned_done(PlannedFiles *planned)
{
        free(planned->files);
}

static int check_change(Changer *changer, const Plan *plan, const PlanChange *change,
                const PlannedFiles *planned, ProblemList *ret)
{
        const Facts *facts = changer->host.facts(changer->host.userdata);
        const Driver *driver = changer->host.driver(changer->host.userdata, change->module);
        const CatalogueFile *file = changer_file_of(facts, change);
        const DriverVersion *version = driver && file ? version_of(driver, file) : NULL;
        ProblemList found CLEANUP_PROBLEM_LIST = { 0 };
        int r;

        if (!version)
                return 0;
        r = preflight_check(changer->root, facts, driver, version, change->release, planned, &found);
        return r < 0 ? r : adopt(&found, plan, change->module, ret);
}

static int check_release(Changer *changer, const Plan *plan, const char *release, ProblemList *ret)
{
        const Facts *facts = changer->host.facts(changer->host.userdata);
        PlannedFiles planned CLEANUP(planned_done) = { 0 };
        ProblemList found CLEANUP_PROBLEM_LIST = { 0 };
        int r = take_planned(facts, plan, release, &planned);

        for (size_t i = 0; r >= 0 && i < plan->change_count; i++)
                if (strcmp(plan->changes[i].release, release) == 0)
                        r = check_change(changer, plan, &plan->changes[i], &planned, ret);
        if (r >= 0)
                r = preflight_check_dependents(changer->root, facts, release, &planned, &found);
        return r < 0 ? r : adopt(&found, plan, NULL, ret);
}

int changer_preflight(Changer *changer, const Plan *plan, ProblemList *ret)
{
        StringSet releases CLEANUP_STRING_SET = { 0 };
        int r = plan_releases(plan, &releases);

        for (size_t i = 0; r >= 0 && i < releases.count; i++)
                r = check_release(changer, plan, releases.items[i], ret);
        return r < 0 ? r : space_check(changer->root, &releases, 0, ret);
}
