/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Plans adopt, unadopt and remove from what stands on the host. It touches nothing. */

#include "change/changer-versions.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "change/adopt/package-owner.h"
#include "change/adopt/rpm-owner.h"
#include "change/changer-internal.h"
#include "change/disk/space.h"
#include "change/disk/version-aside.h"
#include "change/plan/plan-version.h"
#include "util/fs.h"

/* Each takes rpm some 30 ms, for which the service waits. */
#define RPM_FILES_MAX 8

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

/* Busy modules, room, and the service's own end. */
static int check_common(
                const Changer *changer, const Plan *plan, const VersionRequest *request, Refusal *refusal)
{
        ProblemList problems CLEANUP_PROBLEM_LIST = { 0 };
        StringSet releases CLEANUP_STRING_SET = { 0 };
        int r = changer_check_plan(changer, plan, refusal);

        if (r >= 0)
                r = plan_releases(plan, &releases);
        if (r >= 0)
                r = space_check(changer->root, &releases, 0, &problems);
        return r < 0 ? r : changer_refuse_errors(&problems, request->ignore, refusal);
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
        if (r >= 0)
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
        if (r >= 0)
                r = check_common(changer, plan.plan, request, refusal);
        return r < 0 ? r : hand_on(&plan, ret);
}

/* --- remove ------------------------------------------------------------------------------------------- */

static int add_owner(const char *path, const char *owner, ProblemList *ret)
{
        return problem_list_add(ret, SEVERITY_ERROR, "owned-by-package",
                        "%s belongs to the package %s. Remove that with the package manager.", path, owner);
}

/* What rpm tells of one of the version's module files. */
static int ask_rpm(const Changer *changer, const char *path, ProblemList *ret)
{
        char *words CLEANUP_FREE = NULL;
        int r = rpm_owner_find(changer->root, path, &words);

        if (r == 1)
                r = add_owner(path, words, ret);
        else if (r == -EIO && words)
                r = problem_list_add(ret, SEVERITY_ERROR, "owned-by-package",
                                "Whether %s belongs to a package, rpm can't tell: %s. Try again when it can.",
                                path, words);
        return r;
}

/* A package owns all module files of a version or none; some more are asked for, since somebody may have
 * added the first ones by hand. */
static int find_rpm_owner(const Changer *changer, const PlanDirectory *directory, ProblemList *ret)
{
        const Facts *facts = changer->host.facts(changer->host.userdata);
        const CatalogueRelease *release = catalogue_release(facts->catalogue, directory->release);
        size_t size = strlen(directory->place);
        unsigned asked = 0;
        int r = 0;

        for (size_t i = 0;
                        release && i < release->count && asked < RPM_FILES_MAX && ret->count == 0 && r >= 0;
                        i++) {
                const char *file = release->files[i].path;
                char *path CLEANUP_FREE = NULL;

                if (strncmp(file, directory->place, size) != 0 || file[size] != '/')
                        continue;
                if (asprintf(&path, "/lib/modules/%s/%s", directory->release, file) < 0) {
                        path = NULL;
                        return -ENOMEM;
                }
                r = ask_rpm(changer, path, ret);
                asked++;
        }
        return r < 0 ? r : 0;
}

/* The first problem is enough: others would have the same answer. */
static int find_owners(const Changer *changer, const Plan *plan, ProblemList *ret)
{
        for (size_t i = 0; i < plan->directory_count && ret->count == 0; i++) {
                const PlanDirectory *directory = &plan->directories[i];
                char *path CLEANUP_FREE = NULL, *owner CLEANUP_FREE = NULL;
                int r;

                if (asprintf(&path, "/lib/modules/%s/%s", directory->release, directory->place) < 0) {
                        path = NULL;
                        return -ENOMEM;
                }
                r = package_owner_find(changer->root, path, &owner);
                if (r >= 0 && owner)
                        r = add_owner(path, owner, ret);
                else if (r >= 0)
                        r = find_rpm_owner(changer, directory, ret);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int plan_removal(Changer *changer, const DriverVersion *version, const VersionRequest *request,
                VersionPlan *plan, Refusal *refusal)
{
        const Facts *facts = changer->host.facts(changer->host.userdata);
        VersionName name = { config_tree_directory(changer->config, version->tree), version->package,
                version->directory };
        ProblemList problems CLEANUP_PROBLEM_LIST = { 0 };
        char aside[FS_TEMPORARY_NAME_SIZE];
        int r = fs_temporary_name(aside);

        if (r >= 0)
                r = plan_remove(facts, version->tree, &name, request->kernels, aside, &plan->plan, refusal);
        if (r >= 0)
                r = version_aside_choose(changer->root, plan->plan, refusal);
        if (r >= 0)
                r = changer_refuse_in_use(changer, plan->plan, version->tree, version->package,
                                version->directory, refusal);
        if (r >= 0 && !(request->ignore && string_set_contains(request->ignore, "owned-by-package")))
                r = find_owners(changer, plan->plan, &problems);
        if (r >= 0)
                r = changer_refuse_errors(&problems, request->ignore, refusal);
        return r < 0 ? r : check_common(changer, plan->plan, request, refusal);
}

int changer_plan_remove(Changer *changer, const char *driver_name, const char *id,
                const VersionRequest *request, VersionPlan *ret, Refusal *refusal)
{
        const Driver *driver = changer->host.driver(changer->host.userdata, driver_name);
        const DriverVersion *version = driver ? driver_version(driver, id) : NULL;
        VersionPlan plan CLEANUP_VERSION_PLAN = { 0 };
        int r;

        if (!driver)
                return refuse(refusal, REFUSAL_NO_SUCH_DRIVER, "No driver %s is installed in versions.",
                                driver_name);
        if (!version)
                return refuse(refusal, REFUSAL_NO_SUCH_VERSION,
                                "%s has no version %s. `hostdriverctl show %s` lists those that it has.",
                                driver_name, id, driver_name);
        if (version->tree->is_fallback)
                return refuse(refusal, REFUSAL_NOT_SUPPORTED,
                                "The version \"%s\" of %s came with the kernel and goes with it.", id,
                                driver_name);
        plan.package = strdup(version->package);
        plan.version = strdup(version->directory);
        if (!plan.package || !plan.version)
                return -ENOMEM;
        r = plan_removal(changer, version, request, &plan, refusal);
        return r < 0 ? r : hand_on(&plan, ret);
}
