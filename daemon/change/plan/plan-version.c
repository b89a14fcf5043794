/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How versions are called, and plans for version directories that come and go. Pure. */

#include "change/plan/plan-version.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "change/plan/plan-build.h"
#include "host/name.h"
#include "util/text-format.h"

/* --- names ------------------------------------------------------------------------------------------------
 */

/* Valid names that are given to no version and no package. A package of somebody else's may have them. */
static const struct {
        const char *text;
        bool whole; /* else its first character */
        const char *why;
} unfit[] = {
        { ".", false, "begins with a dot" },
        { "-", false, "begins with a dash, so that commands would take it for an option" },
        /* kmod's depmod looks into no directory of these names, at whatever depth. */
        { "build", true, "is a name that depmod passes over" },
        { "source", true, "is a name that depmod passes over" },
        { KERNEL_VERSION_ID, true, "is what the kernel's own version is called" },
};

static int check_part(const char *what, const char *name, Refusal *refusal)
{
        NameDefect defect = name_check(name);
        const char *why = defect != NAME_VALID ? name_defect_text(defect) : NULL;
        char *printable CLEANUP_FREE = NULL;

        for (size_t i = 0; !why && i < ELEMENTSOF(unfit); i++)
                if (unfit[i].whole ? strcmp(name, unfit[i].text) == 0 : name[0] == unfit[i].text[0])
                        why = unfit[i].why;
        if (!why)
                return 0;
        printable = name_escape(name);
        if (!printable)
                return -ENOMEM;
        return refuse(refusal, REFUSAL_INVALID_ARGS, "\"%s\" can't be the name of a %s: it %s.", printable,
                        what, why);
}

int version_name_check(const VersionName *name, Refusal *refusal)
{
        int r = check_part("package", name->package, refusal);

        if (r >= 0)
                r = check_part("version", name->version, refusal);
        if (r < 0)
                return r;
        if (name->tree[0] == '\0')
                return refuse(refusal, REFUSAL_NOT_SUPPORTED,
                                "The tree that versions would be added to is switched off: "
                                "/etc/hostdriver/hostdriver.conf says so with XenServer=.");
        return 0;
}

int version_name_id(const Facts *facts, const char *module, const Tree *tree, const VersionName *name,
                char **ret)
{
        /* The bare word belongs to the kernel's own. */
        bool with_package = strcmp(name->version, KERNEL_VERSION_ID) == 0, with_tree = false;

        for (size_t i = 0; i < facts->catalogue->release_count; i++) {
                size_t count = 0;
                const CatalogueFile *files = catalogue_find(&facts->catalogue->releases[i], module, &count);

                for (size_t j = 0; files && j < count; j++) {
                        bool same = strcmp(files[j].package, name->package) == 0;

                        if (!files[j].tree->has_packages)
                                continue;
                        with_package = with_package || !same;
                        with_tree = with_tree || (same && files[j].tree != tree);
                }
        }
        if (with_tree)
                return text_format(ret, "%s/%s/%s", tree->name, name->package, name->version);
        return text_format(ret, "%s%s%s", with_package ? name->package : "", with_package ? "/" : "",
                        name->version);
}

/* What the history says of a module of the version. */
static int add_subject(Plan *plan, const Facts *facts, const char *release, const char *module,
                const Tree *tree, const VersionName *name, bool after)
{
        char *id CLEANUP_FREE = NULL;
        int r = version_name_id(facts, module, tree, name, &id);

        return r < 0 ? r : plan_add_subject(plan, module, release, after ? "" : id, after ? id : "");
}

/* --- directories ------------------------------------------------------------------------------------------
 */

int plan_aside(const char *aside, size_t position, char **ret)
{
        return text_format(ret, "%s-%zu", aside, position);
}

static int add_directory(
                Plan *plan, const char *release, const VersionName *name, const char *aside, bool after)
{
        PlanDirectory *directories =
                        reallocarray(plan->directories, plan->directory_count + 1, sizeof(*directories));
        PlanDirectory *added;

        if (!directories)
                return -ENOMEM;
        plan->directories = directories;
        added = &directories[plan->directory_count++];
        *added = (PlanDirectory){ .release = strdup(release), .before = !after, .after = after };
        if (!added->release || plan_aside(aside, plan->directory_count - 1, &added->aside) < 0)
                return -ENOMEM;
        return text_format(&added->place, "%s/%s/%s", name->tree, name->package, name->version);
}

static bool is_of(const CatalogueFile *file, const Tree *tree, const VersionName *name)
{
        return file->tree == tree && strcmp(file->package, name->package) == 0 &&
               strcmp(file->version, name->version) == 0;
}

static int refuse_existing(
                const CatalogueRelease *release, const Tree *tree, const VersionName *name, Refusal *refusal)
{
        for (size_t i = 0; i < release->count; i++)
                if (is_of(&release->files[i], tree, name))
                        return refuse(refusal, REFUSAL_CONFLICT,
                                        "The package %s has a version %s already, for kernel release %s. "
                                        "Choose another name, or remove that one first.",
                                        name->package, name->version, release->release);
        return 0;
}

int plan_import(const Facts *facts, const StringSet *modules, const VersionName *name,
                const StringSet *releases, const char *aside, Plan **ret, Refusal *refusal)
{
        Plan *plan CLEANUP(plan_freep) = calloc(1, sizeof(*plan));
        int r = version_name_check(name, refusal);

        if (!plan)
                return -ENOMEM;
        for (size_t i = 0; r >= 0 && i < releases->count; i++) {
                const CatalogueRelease *release = catalogue_release(facts->catalogue, releases->items[i]);

                if (!release)
                        return refuse(refusal, REFUSAL_INVALID_ARGS,
                                        "The kernel release %s is not installed: there is no "
                                        "/lib/modules/%s.",
                                        releases->items[i], releases->items[i]);
                r = refuse_existing(release, tree_writable(), name, refusal);
                if (r >= 0)
                        r = add_directory(plan, release->release, name, aside, true);
                for (size_t j = 0; r >= 0 && j < modules->count; j++)
                        r = add_subject(plan, facts, release->release, modules->items[j], tree_writable(),
                                        name, true);
        }
        if (r < 0)
                return r;
        *ret = STEAL(plan);
        return 0;
}

/* Adds the directory of that release, if it has one. */
static int remove_in(Plan *plan, const Facts *facts, const CatalogueRelease *release, const Tree *tree,
                const VersionName *name, const char *aside)
{
        bool found = false;
        int r = 0;

        for (size_t i = 0; r >= 0 && i < release->count; i++) {
                const CatalogueFile *file = &release->files[i];

                if (!is_of(file, tree, name))
                        continue;
                if (!found)
                        r = add_directory(plan, release->release, name, aside, false);
                found = true;
                if (r >= 0)
                        r = add_subject(plan, facts, release->release, file->module, tree, name, false);
        }
        return r;
}

int plan_remove(const Facts *facts, const Tree *tree, const VersionName *name, const StringSet *releases,
                const char *aside, Plan **ret, Refusal *refusal)
{
        Plan *plan CLEANUP(plan_freep) = calloc(1, sizeof(*plan));
        int r = 0;

        if (!plan)
                return -ENOMEM;
        for (size_t i = 0; r >= 0 && i < facts->catalogue->release_count; i++) {
                const CatalogueRelease *release = &facts->catalogue->releases[i];
                size_t count = plan->directory_count;

                if (releases && !string_set_contains(releases, release->release))
                        continue;
                r = remove_in(plan, facts, release, tree, name, aside);
                if (r >= 0 && releases && plan->directory_count == count)
                        return refuse(refusal, REFUSAL_NO_SUCH_VERSION,
                                        "The package %s has no version %s for kernel release %s.",
                                        name->package, name->version, release->release);
        }
        for (size_t i = 0; r >= 0 && releases && i < releases->count; i++)
                if (!catalogue_release(facts->catalogue, releases->items[i]))
                        return refuse(refusal, REFUSAL_INVALID_ARGS,
                                        "The kernel release %s is not installed: there is no "
                                        "/lib/modules/%s.",
                                        releases->items[i], releases->items[i]);
        if (r < 0)
                return r;
        *ret = STEAL(plan);
        return 0;
}
