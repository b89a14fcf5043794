/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The plan that takes away what was selected in a kernel release that goes. Pure. */

#include "change/plan/plan-forget.h"

#include <errno.h>
#include <string.h>

#include "change/plan/plan-build.h"
#include "host/name.h"

static bool is_selected_by_link(const UpdateEntry *entry)
{
        return entry->kind == UPDATE_VERSION || entry->kind == UPDATE_DANGLING;
}

static int copy(const char *text, char **ret)
{
        *ret = text ? strdup(text) : NULL;
        return !text || *ret ? 0 : -ENOMEM;
}

static int append(Plan *plan, const OverrideEntry *override, const char *module, const UpdateEntry *link)
{
        PlanChange *changes = reallocarray(plan->changes, plan->change_count + 1, sizeof(*changes));
        PlanChange *change;
        int r;

        if (!changes)
                return -ENOMEM;
        plan->changes = changes;
        change = &changes[plan->change_count++];
        *change = (PlanChange){ 0 };
        r = copy(override->release, &change->release);
        if (r >= 0)
                r = copy(module, &change->module);
        if (r >= 0)
                r = copy(override->directory, &change->before.directory);
        if (r >= 0)
                r = copy(override->module, &change->before.spelling);
        if (r >= 0 && link)
                r = copy(link->file, &change->before.link);
        return r < 0 || !link ? r : copy(link->target, &change->before.target);
}

/* The version that a line's directory is of, as far as it says: "1.6.4" of "xenserver/intel-ice/1.6.4". */
static int version_of(const char *directory, char **ret)
{
        const char *package = strchr(directory, '/');
        const char *version = package ? strchr(package + 1, '/') : NULL;

        if (strcmp(directory, "kernel") == 0 || strncmp(directory, "kernel/", strlen("kernel/")) == 0)
                *ret = strdup("kernel");
        else
                *ret = version ? strndup(version + 1, strcspn(version + 1, "/")) : strdup("");
        return *ret ? 0 : -ENOMEM;
}

/* The line, and the link beside it. A link without a line was made by another program, whose it stays. */
static int add_override(Plan *plan, const ReleaseSelection *selection, const OverrideEntry *override)
{
        const UpdateEntry *link = NULL;
        char *module CLEANUP_FREE = NULL, *version CLEANUP_FREE = NULL;
        int r = module_name_canonical(override->module, &module);

        if (r < 0)
                return r;
        for (size_t i = 0; selection && !link && i < selection->update_count; i++)
                if (strcmp(selection->updates[i].module, module) == 0 &&
                                is_selected_by_link(&selection->updates[i]))
                        link = &selection->updates[i];
        r = append(plan, override, module, link);
        if (r >= 0)
                r = version_of(override->directory, &version);
        return r < 0 ? r : plan_add_subject(plan, module, override->release, version, "");
}

int plan_forget(const Facts *facts, const char *release, Plan **ret)
{
        const ReleaseSelection *selection = selection_release(facts->selection, release);
        const OverrideList *overrides = &facts->selection->overrides;
        Plan *plan CLEANUP(plan_freep) = calloc(1, sizeof(*plan));
        int r = 0;

        if (!plan)
                return -ENOMEM;
        for (size_t i = 0; r >= 0 && i < overrides->count; i++)
                if (strcmp(overrides->items[i].release, release) == 0)
                        r = add_override(plan, selection, &overrides->items[i]);
        if (r < 0)
                return r;
        *ret = STEAL(plan);
        return 0;
}
