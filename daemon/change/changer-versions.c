/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Plans adopt and unadopt from what stands on the host, and what all changes of versions have in common. It
 * touches nothing. */

#include "change/changer-versions.h"
#include "change/findings.h"
#include "change/proposal.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "change/changer-internal.h"
#include "change/parts/version-aside.h"
#include "change/plan/plan-version.h"
#include "change/preflight/space.h"
#include "util/fs.h"

void version_plan_done(VersionPlan *plan)
{
        (void) plan_free(plan->plan);
        free(plan->package);
        free(plan->version);
        *plan = (VersionPlan){ 0 };
}

static int hand_on(VersionPlan *plan, VersionPlan *ret)
{
        *ret = *plan;
        *plan = (VersionPlan){ 0 };
        return 0;
}

int changer_check_versions(Changer *changer, const Plan *plan, const VersionRequest *request,
                ProblemList *problems, Refusal *refusal)
{
        StringSet releases CLEANUP_STRING_SET = { 0 };
        int r = proposal_refuse_busy(changer, plan, refusal);

        if (r >= 0)
                r = plan_releases(plan, &releases);
        if (r >= 0)
                r = space_check(changer->root, &releases, 0, problems);
        return r < 0 ? r : findings_refuse(problems, request->ignore, refusal);
}

static int check_common(Changer *changer, const Plan *plan, const VersionRequest *request, Refusal *refusal)
{
        ProblemList problems CLEANUP_PROBLEM_LIST = { 0 };

        return changer_check_versions(changer, plan, request, &problems, refusal);
}

/* --- adopt -------------------------------------------------------------------------------------------- */

static int choose_package(const Facts *facts, const char *module, const AdoptableList *files,
                const char *asked, char **ret)
{
        if (!asked && files->items[0].package)
                asked = files->items[0].package;
        if (!asked)
                return version_default_package(facts, module, true, ret);
        *ret = strdup(asked);
        return *ret ? 0 : -ENOMEM;
}

static int choose_version(const char *module, const AdoptableList *files, const char *asked, char **ret,
                Refusal *refusal)
{
        char *chosen CLEANUP_FREE = NULL;
        int r;

        if (asked) {
                *ret = strdup(asked);
                return *ret ? 0 : -ENOMEM;
        }
        r = version_default_name(files->items[0].file, &chosen);
        if (r >= 0 && !chosen)
                return refuse(refusal, REFUSAL_INVALID_ARGS,
                                "The module file %s says no version and has no build-id. Name the "
                                "version with --as-version.",
                                files->items[0].outside);
        for (size_t i = 1; r >= 0 && i < files->count; i++) {
                char *other CLEANUP_FREE = NULL;

                r = version_default_name(files->items[i].file, &other);
                if (r >= 0 && (!other || strcmp(other, chosen) != 0))
                        return refuse(refusal, REFUSAL_INVALID_ARGS,
                                        "%s is version %s in kernel release %s, and %s in %s. Adopt one with "
                                        "--kernel, or name one version for all with --as-version.",
                                        module, chosen, files->items[0].release, other ? other : "unknown",
                                        files->items[i].release);
        }
        if (r < 0)
                return r;
        *ret = STEAL(chosen);
        return 0;
}

int changer_plan_adopt(Changer *changer, const char *module, const VersionRequest *request, VersionPlan *ret,
                Refusal *refusal)
{
        const Facts *facts = changer->host.facts(changer->host.userdata);
        const Driver *driver = changer->host.driver(changer->host.userdata, module);
        AdoptableList files CLEANUP_ADOPTABLE_LIST = { 0 };
        VersionPlan plan CLEANUP_VERSION_PLAN = { 0 };
        VersionName name = { .tree = config_tree_directory(changer->config, tree_writable()) };
        int r = adoptable_find(changer->root, facts, module, request->kernels, &files, refusal);

        if (r >= 0 && !request->kernels)
                adoptable_pass_over(facts, module, &files);
        if (r >= 0)
                r = choose_package(facts, module, &files, request->package, &plan.package);
        if (r >= 0)
                r = choose_version(module, &files, request->version, &plan.version, refusal);
        if (r < 0)
                return r;
        name.package = plan.package;
        name.version = plan.version;
        r = plan_adopt(facts, driver, module, &name, &files, &plan.plan, refusal);
        if (r < 0)
                return r;
        plan.plan->operation = &operation_table[OPERATION_ADOPT];
        r = check_common(changer, plan.plan, request, refusal);
        return r < 0 ? r : hand_on(&plan, ret);
}

/* --- unadopt ------------------------------------------------------------------------------------------ */

/* "PACKAGE" and "VERSION" of "xenserver/PACKAGE/VERSION/ice.ko". */
static int name_from_path(const char *path, VersionPlan *plan)
{
        const char *package = strchr(path, '/') + 1;
        const char *version = package + strcspn(package, "/") + 1;

        plan->package = strndup(package, (size_t) (version - package) - 1);
        plan->version = strndup(version, strcspn(version, "/"));
        return plan->package && plan->version ? 0 : -ENOMEM;
}

int changer_plan_unadopt(Changer *changer, const char *module, const VersionRequest *request,
                VersionPlan *ret, Refusal *refusal)
{
        const Facts *facts = changer->host.facts(changer->host.userdata);
        const Driver *driver = changer->host.driver(changer->host.userdata, module);
        AdoptableList files CLEANUP_ADOPTABLE_LIST = { 0 };
        VersionPlan plan CLEANUP_VERSION_PLAN = { 0 };
        int r;

        if (!driver)
                return refuse(refusal, REFUSAL_NO_SUCH_DRIVER,
                                "No driver %s is installed in versions, so none was adopted.", module);
        r = adoptable_find_adopted(changer->root, facts, module, request->kernels, &files, refusal);
        if (r >= 0)
                r = name_from_path(files.items[0].inside, &plan);
        if (r >= 0)
                r = plan_unadopt(facts, driver, &files, &plan.plan, refusal);
        if (r < 0)
                return r;
        plan.plan->operation = &operation_table[OPERATION_UNADOPT];
        r = check_common(changer, plan.plan, request, refusal);
        return r < 0 ? r : hand_on(&plan, ret);
}
