/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Plans what adopting changes, and taking that back, from what stands on the host. */

#include "change/operations/adopt.h"

#include <errno.h>
#include <string.h>

#include "change/adopt/version-default.h"
#include "change/plan/plan-adopt.h"
#include "change/plan/plan-version.h"
#include "change/proposal.h"

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

int adopt_plan(const ChangeContext *context, const Request *request, Proposal *proposal, Refusal *refusal)
{
        const Facts *facts = context_facts(context);
        const char *module = request->targets[0].driver;
        AdoptableList files CLEANUP_ADOPTABLE_LIST = { 0 };
        VersionName name = { .tree = config_tree_directory(context->config, tree_writable()) };
        int r = adoptable_find(context->root, facts, module, request->kernels, &files, refusal);

        if (r >= 0 && !request->kernels)
                adoptable_pass_over(facts, module, &files);
        if (r >= 0)
                r = choose_package(facts, module, &files, request->package, &proposal->package);
        if (r >= 0)
                r = choose_version(module, &files, request->version, &proposal->version, refusal);
        if (r < 0)
                return r;
        name.package = proposal->package;
        name.version = proposal->version;
        return plan_adopt(facts, context_driver(context, module), module, &name, &files, &proposal->plan,
                        refusal);
}

/* --- unadopt ------------------------------------------------------------------------------------------ */

/* "PACKAGE" and "VERSION" of "xenserver/PACKAGE/VERSION/ice.ko". */
static int name_from_path(const char *path, Proposal *proposal)
{
        const char *package = strchr(path, '/') + 1;
        const char *version = package + strcspn(package, "/") + 1;

        proposal->package = strndup(package, (size_t) (version - package) - 1);
        proposal->version = strndup(version, strcspn(version, "/"));
        return proposal->package && proposal->version ? 0 : -ENOMEM;
}

int unadopt_plan(const ChangeContext *context, const Request *request, Proposal *proposal, Refusal *refusal)
{
        const Facts *facts = context_facts(context);
        const char *module = request->targets[0].driver;
        const Driver *driver = context_driver(context, module);
        AdoptableList files CLEANUP_ADOPTABLE_LIST = { 0 };
        int r;

        if (!driver)
                return refuse(refusal, REFUSAL_NO_SUCH_DRIVER,
                                "No driver %s is installed in versions, so none was adopted.", module);
        r = adoptable_find_adopted(context->root, facts, module, request->kernels, &files, refusal);
        if (r >= 0)
                r = name_from_path(files.items[0].inside, proposal);
        return r < 0 ? r : plan_unadopt(facts, driver, &files, &proposal->plan, refusal);
}
