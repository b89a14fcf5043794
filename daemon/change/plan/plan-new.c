/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the targets of a request mean: which releases, which modules, which file for each. Pure. */

#include "change/plan/plan-new.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "change/plan/plan-build.h"

/* One target, looked up. */
typedef struct Wish {
        const Driver *driver;
        const DriverVersion *version; /* NULL to deselect */
        StringSet releases;
        StringSet modules; /* all that the package ships, in any version and release */
} Wish;

static void wish_done(Wish *wish)
{
        string_set_done(&wish->releases);
        string_set_done(&wish->modules);
}

static int refuse_version(const Driver *driver, const char *id, Refusal *refusal)
{
        char *known CLEANUP_FREE = NULL;
        size_t size = 0;
        FILE *stream = open_memstream(&known, &size);

        if (!stream)
                return -ENOMEM;
        for (size_t i = 0; i < driver->version_count; i++)
                (void) fprintf(stream, "%s%s", i > 0 ? ", " : "", driver->versions[i].id);
        if (fclose(stream) != 0)
                return -ENOMEM;
        return refuse(refusal, REFUSAL_NO_SUCH_VERSION, "%s has no version %s. It has: %s.", driver->name,
                        id, known);
}

static int scope_deselect(const Facts *facts, const StringSet *named, Wish *wish, Refusal *refusal)
{
        if (named)
                return refuse(refusal, REFUSAL_INVALID_ARGS,
                                "%s can't be deselected for some kernel releases only: modprobe.d, which "
                                "keeps a deselected driver from loading, has no notion of kernel releases. "
                                "Deselect it without naming any, or select the version \"kernel\".",
                                wish->driver->name);
        for (size_t i = 0; i < facts->catalogue->release_count; i++) {
                int r = string_set_add(&wish->releases, facts->catalogue->releases[i].release);

                if (r < 0)
                        return r;
        }
        return 0;
}

static int scope_select(const Facts *facts, const StringSet *named, Wish *wish, Refusal *refusal)
{
        for (size_t i = 0; named && i < named->count; i++) {
                if (!catalogue_release(facts->catalogue, named->items[i]))
                        return refuse(refusal, REFUSAL_INVALID_ARGS,
                                        "The kernel release %s is not installed: there is no "
                                        "/lib/modules/%s.",
                                        named->items[i], named->items[i]);
                if (!string_set_contains(&wish->version->releases, named->items[i]))
                        return refuse(refusal, REFUSAL_NO_SUCH_VERSION,
                                        "%s has no version %s for kernel release %s. Install it there, or "
                                        "name other releases.",
                                        wish->driver->name, wish->version->id, named->items[i]);
        }
        if (named && named->count == 0)
                return refuse(refusal, REFUSAL_INVALID_ARGS, "The list of kernel releases is empty.");
        return string_set_add_all(&wish->releases, named ? named : &wish->version->releases);
}

/* Modules of PACKAGE; of the one in TREE, if two trees have a package of that name. */
static int package_modules(const Facts *facts, const char *package, const Tree *tree, StringSet *ret)
{
        for (size_t i = 0; i < facts->catalogue->release_count; i++) {
                const CatalogueRelease *release = &facts->catalogue->releases[i];
                size_t count;
                const uint32_t *positions = catalogue_package(release, package, &count);

                for (size_t j = 0; j < count; j++) {
                        const CatalogueFile *file = &release->files[positions[j]];
                        int r;

                        if (!file->tree->has_packages || (tree && file->tree != tree))
                                continue;
                        r = string_set_add(ret, file->module);
                        if (r < 0)
                                return r;
                }
        }
        return 0;
}

int plan_target_modules(const Facts *facts, const PlanTarget *target, StringSet *ret)
{
        const DriverVersion *version = driver_version(target->driver, target->version);
        /* The kernel tree has no package: then it is the one that the driver belongs to now. */
        bool of_package = version && version->tree->has_packages;
        int r = package_modules(facts, of_package ? version->package : target->driver->package,
                        of_package ? version->tree : NULL, ret);

        r = r < 0 ? r : string_set_add(ret, target->driver->name);
        return r < 0 ? r : 0;
}

static int look_up(const Facts *facts, const PlanTarget *target, const StringSet *named, Wish *ret,
                Refusal *refusal)
{
        int r;

        ret->driver = target->driver;
        if (target->version[0] != '\0') {
                ret->version = driver_version(target->driver, target->version);
                if (!ret->version)
                        return refuse_version(target->driver, target->version, refusal);
        }
        r = ret->version ? scope_select(facts, named, ret, refusal)
                         : scope_deselect(facts, named, ret, refusal);
        return r < 0 ? r : plan_target_modules(facts, target, &ret->modules);
}

static bool file_is_of(const CatalogueFile *file, const DriverVersion *version)
{
        return file->tree == version->tree && strcmp(file->package, version->package) == 0 &&
               strcmp(file->version, version->directory) == 0;
}

/* The file of a module in that version; else the kernel tree's; else none, which deselects it. */
static const CatalogueFile *file_for(
                const Facts *facts, const Wish *wish, const char *release, const char *module)
{
        const CatalogueRelease *found = catalogue_release(facts->catalogue, release);
        const CatalogueFile *files, *in_tree = NULL;
        size_t count = 0;

        if (!wish->version || !found)
                return NULL;
        files = catalogue_find(found, module, &count);
        for (size_t i = 0; files && i < count; i++) {
                if (!wish->version->tree->is_fallback && file_is_of(&files[i], wish->version))
                        return &files[i];
                if (files[i].tree->is_fallback && !in_tree)
                        in_tree = &files[i];
        }
        return in_tree;
}

static int add_wish(Plan *plan, const Facts *facts, const Wish *wish, Refusal *refusal)
{
        for (size_t i = 0; i < wish->releases.count; i++) {
                const char *release = wish->releases.items[i];
                const DriverRelease *now = driver_release(wish->driver, release);
                int r = plan_add_subject(plan, wish->driver->name, release, now ? now->selected : "",
                                wish->version ? wish->version->id : "");

                for (size_t j = 0; r >= 0 && j < wish->modules.count; j++) {
                        const char *module = wish->modules.items[j];

                        r = plan_add_change(plan, facts, release, module,
                                        file_for(facts, wish, release, module), refusal);
                }
                if (r < 0)
                        return r;
        }
        return 0;
}

static int add_target(Plan *plan, const Facts *facts, const PlanTarget *target, const StringSet *named,
                Refusal *refusal)
{
        Wish wish CLEANUP(wish_done) = { 0 };
        int r = look_up(facts, target, named, &wish, refusal);

        return r < 0 ? r : add_wish(plan, facts, &wish, refusal);
}

int plan_new(const Facts *facts, const PlanTarget *targets, size_t target_count, const StringSet *releases,
                Plan **ret, Refusal *refusal)
{
        Plan *plan CLEANUP(plan_freep) = NULL;
        int r = 0;

        if (target_count == 0)
                return refuse(refusal, REFUSAL_INVALID_ARGS, "No driver was named.");
        if (facts->selection->override_file_foreign)
                return refuse(refusal, REFUSAL_CONFLICT,
                                OVERRIDE_FILE_PATH
                                " holds lines that hostdriver did not write, and it would "
                                "overwrite them. Move them to another file of that "
                                "directory, then select again.");
        plan = calloc(1, sizeof(*plan));
        if (!plan)
                return -ENOMEM;
        for (size_t i = 0; r >= 0 && i < target_count; i++)
                r = add_target(plan, facts, &targets[i], releases, refusal);
        if (r >= 0)
                r = plan_complete(plan, facts, refusal);
        if (r < 0)
                return r;
        *ret = STEAL(plan);
        return 0;
}
