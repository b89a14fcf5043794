/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A file that is adopted gets a second name, in the tree, and its first one becomes a link. */

#include "change/plan/plan-adopt.h"

#include <errno.h>
#include <string.h>

#include "change/plan/plan-build.h"
#include "util/text-format.h"

static int add_file(Plan *plan, const AdoptableFile *file, const char *inside, bool adopted)
{
        PlanFile *files = reallocarray(plan->files, plan->file_count + 1, sizeof(*files));
        PlanFile *added;

        if (!files)
                return -ENOMEM;
        plan->files = files;
        added = &files[plan->file_count++];
        *added = (PlanFile){ .release = strdup(file->release),
                .outside = strdup(file->outside),
                .inside = strdup(inside),
                .kept = file->kept,
                .before = !adopted,
                .after = adopted };
        return added->release && added->outside && added->inside ? 0 : -ENOMEM;
}

/* A link of XenServer's driver-tool is a selection, though another file may win over it; one that leads
 * nowhere may be about to get its file. Ours would take its place, and nobody would know what it was. */
static int refuse_link(const Facts *facts, const char *module, const AdoptableFile *file, Refusal *refusal)
{
        const ReleaseSelection *selection = selection_release(facts->selection, file->release);
        const UpdateEntry *entry = selection ? update_entry_next(selection, module, NULL) : NULL;

        while (entry && *entry->target == '\0')
                entry = update_entry_next(selection, module, entry);
        if (!entry)
                return 0;
        return refuse(refusal, REFUSAL_CONFLICT,
                        "/lib/modules/%s/updates/%s is a link to %s, though %s is what is loaded; it would be "
                        "replaced. Remove it, then try again.",
                        file->release, entry->file, entry->target, file->outside);
}

/* What is selected by other means than this file must stay what it is. */
static int refuse_selected(
                const Facts *facts, const char *module, const AdoptableFile *file, Refusal *refusal)
{
        const char *selected = adoptable_selected_instead(facts, module, file);

        if (string_set_contains(&facts->selection->blocked, module))
                return refuse(refusal, REFUSAL_CONFLICT,
                                "%s is deselected, and adopting its file would select it. Remove " BLOCK_DIRECTORY
                                "/hostdriver-%s.conf first, if that is what you want.",
                                module, module);
        if (selected)
                return refuse(refusal, REFUSAL_CONFLICT,
                                "In kernel release %s a version of %s is selected already, in %s, so %s is "
                                "not what is loaded. To have that as a version, too, run `hostdriverctl import "
                                "/lib/modules/%s/%s`, and select it then.",
                                file->release, module, selected, file->outside, file->release,
                                file->outside);
        return refuse_link(facts, module, file, refusal);
}

static int refuse_existing(const Facts *facts, const char *module, const VersionName *name,
                const char *release, Refusal *refusal)
{
        const CatalogueRelease *found = catalogue_release(facts->catalogue, release);
        size_t count = 0;
        const CatalogueFile *files = found ? catalogue_find(found, module, &count) : NULL;

        for (size_t i = 0; files && i < count; i++)
                if (files[i].tree == tree_writable() && strcmp(files[i].package, name->package) == 0 &&
                                strcmp(files[i].version, name->version) == 0)
                        return refuse(refusal, REFUSAL_CONFLICT,
                                        "The package %s has a version %s of %s already, for kernel release "
                                        "%s. Choose another name for this one.",
                                        name->package, name->version, module, release);
        return 0;
}

static int adopt_file(Plan *plan, const Facts *facts, const Driver *driver, const char *module,
                const VersionName *name, const AdoptableFile *file, Refusal *refusal)
{
        const DriverRelease *now = driver ? driver_release(driver, file->release) : NULL;
        char *inside CLEANUP_FREE = NULL, *id CLEANUP_FREE = NULL;
        CatalogueFile version = { .tree = tree_writable(), .module = (char *) module };
        int r = refuse_selected(facts, module, file, refusal);

        if (r >= 0)
                r = refuse_existing(facts, module, name, file->release, refusal);
        if (r >= 0)
                r = version_name_id(facts, module, tree_writable(), name, &id);
        if (r < 0)
                return r;
        if (text_format(&inside, "%s/%s/%s%s", name->tree, name->package, name->version,
                            strrchr(file->outside, '/')) < 0)
                return -ENOMEM;
        version.path = inside;
        r = add_file(plan, file, inside, true);
        if (r >= 0)
                r = plan_add_change(plan, facts, file->release, module, &version, refusal);
        return r < 0 ? r : plan_add_subject(plan, module, file->release, now ? now->selected : "", id);
}

int plan_adopt(const Facts *facts, const Driver *driver, const char *module, const VersionName *name,
                const AdoptableList *files, Plan **ret, Refusal *refusal)
{
        Plan *plan CLEANUP(plan_freep) = calloc(1, sizeof(*plan));
        int r = plan ? version_name_check(name, refusal) : -ENOMEM;

        for (size_t i = 0; r >= 0 && i < files->count; i++)
                r = adopt_file(plan, facts, driver, module, name, &files->items[i], refusal);
        if (r >= 0)
                r = plan_complete(plan, facts, refusal);
        if (r < 0)
                return r;
        *ret = STEAL(plan);
        return 0;
}

static int restore_file(Plan *plan, const Facts *facts, const Driver *driver, const AdoptableFile *file,
                Refusal *refusal)
{
        const DriverRelease *now = driver_release(driver, file->release);
        int r = add_file(plan, file, file->inside, false);

        /* Neither blocked nor an expected file: the plain file counts again, as depmod sees it. */
        if (r >= 0)
                r = plan_add_change(plan, facts, file->release, driver->name, NULL, refusal);
        return r < 0 ? r : plan_add_subject(plan, driver->name, file->release, now ? now->selected : "", "");
}

int plan_unadopt(const Facts *facts, const Driver *driver, const AdoptableList *files, Plan **ret,
                Refusal *refusal)
{
        Plan *plan CLEANUP(plan_freep) = calloc(1, sizeof(*plan));
        int r = plan ? 0 : -ENOMEM;

        for (size_t i = 0; r >= 0 && i < files->count; i++)
                r = restore_file(plan, facts, driver, &files->items[i], refusal);
        if (r < 0)
                return r;
        *ret = STEAL(plan);
        return 0;
}
