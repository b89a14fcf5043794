/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads a plan driver by driver: a package's neighbours change along with the drivers that were named. */

#include "change/changed.h"

#include <errno.h>

#include "change/plan/plan-change.h"
#include "util/array.h"

typedef struct Search {
        const ChangeContext *context;
        StringSet known; /* drivers that are in the list */
        ChangedList *list;
} Search;

/* VERSION: its id, of which DRIVER has to be, or "". */
static int add(Search *search, const char *name, const char *version)
{
        const Driver *driver = context_driver(search->context, name);
        const DriverVersion *found = driver ? driver_version(driver, version) : NULL;
        ChangedDriver *items = array_grow(search->list->items, search->list->count, sizeof(*items));
        int r = items ? string_set_add(&search->known, name) : -ENOMEM;

        if (items)
                search->list->items = items;
        if (r <= 0)
                return r;
        items[search->list->count++] = (ChangedDriver){
                .driver = name,
                .package = found && *found->package ? found->package : (driver ? driver->package : ""),
                .version = version,
                .from = driver ? driver->selected : "",
        };
        return 0;
}

/* The id of the kernel's own version; "" if it has none. */
static const char *fallback_of(const Search *search, const char *module)
{
        const Driver *driver = context_driver(search->context, module);

        for (size_t i = 0; driver && i < driver->version_count; i++)
                if (driver->versions[i].tree->is_fallback)
                        return driver->versions[i].id;
        return "";
}

/* The id of the version that a change leaves its module with, also of a change that takes another one back
 * and doesn't say what it expects. */
static const char *version_after(const Search *search, const PlanChange *change)
{
        PlanChange told = *change;
        const DriverVersion *version;

        if (!told.expected)
                told.expected = told.after.target; /* that is looked at if both are there */
        version = change_version(search->context, &told);
        if (version)
                return version->id;
        /* Of the kernel's own file only the directory is told. */
        return change->after.directory && !change->after.link ? fallback_of(search, change->module) : "";
}

static int add_change(Search *search, const PlanChange *change)
{
        return plan_change_does_anything(change) ? add(search, change->module, version_after(search, change))
                                                 : 0;
}

int plan_changed(const ChangeContext *context, const Plan *plan, ChangedList *ret)
{
        Search search = { .context = context, .list = ret };
        int r = 0;

        for (size_t i = 0; r >= 0 && i < plan->subject_count; i++)
                r = add(&search, plan->subjects[i].driver, plan->subjects[i].to);
        for (size_t i = 0; r >= 0 && i < plan->change_count; i++)
                r = add_change(&search, &plan->changes[i]);
        for (size_t i = 0; r >= 0 && i < plan->block_count; i++)
                if (plan->blocks[i].before != plan->blocks[i].after)
                        r = add(&search, plan->blocks[i].module, "");
        string_set_done(&search.known);
        return r;
}

void changed_list_done(ChangedList *list)
{
        free(list->items);
        *list = (ChangedList){ 0 };
}
