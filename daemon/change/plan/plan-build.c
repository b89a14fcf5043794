/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Grows a plan: what stands for a module now, what shall stand, and which modules become blocked. Pure. */

#include "change/plan/plan-build.h"

#include <errno.h>
#include <string.h>

#include "host/name.h"
#include "util/array.h"
#include "util/text-format.h"

static int grow(void **items, size_t count, size_t size)
{
        void *larger = array_grow(*items, count, size);

        if (!larger)
                return -ENOMEM;
        memset((char *) larger + count * size, 0, size);
        *items = larger;
        return 0;
}

static int duplicate(const char *text, char **ret)
{
        *ret = strdup(text);
        return *ret ? 0 : -ENOMEM;
}

static PlanChange *find_change(const Plan *plan, const char *release, const char *module)
{
        const PlanIndexEntry *entry = plan_index_find(&plan->change_index, module, release);

        return entry ? &plan->changes[entry->position] : NULL;
}

/* An empty change for the module, to be filled in place. */
static int append_change(Plan *plan, const char *release, const char *module, PlanChange **ret)
{
        void *items = plan->changes;

        if (grow(&items, plan->change_count, sizeof(*plan->changes)) < 0)
                return -ENOMEM;
        plan->changes = items;
        *ret = &plan->changes[plan->change_count++];
        if (duplicate(release, &(*ret)->release) < 0 || duplicate(module, &(*ret)->module) < 0)
                return -ENOMEM;
        return plan_index_add(&plan->change_index, (*ret)->module, (*ret)->release, plan->change_count - 1);
}

static int set_before_override(const Facts *facts, PlanChange *change)
{
        const OverrideEntry *entry =
                        override_list_find(&facts->selection->overrides, change->release, change->module);

        if (!entry)
                return 0;
        if (duplicate(entry->directory, &change->before.directory) < 0)
                return -ENOMEM;
        return duplicate(entry->module, &change->before.spelling);
}

/* The override names the version's own directory, so that modinfo -n says the version. Where depmod's
 * configuration can't hold that name, it names updates/, which follows the link. */
static int set_after(PlanChange *change, const CatalogueFile *file)
{
        const char *slash = strrchr(file->path, '/');
        const char *name = slash ? slash + 1 : file->path;

        change->after.directory = strndup(file->path, slash ? (size_t) (slash - file->path) : 0);
        change->after.spelling = strndup(name, module_file_stem(name));
        change->expected = strdup(file->path);
        if (!change->after.directory || !change->after.spelling || !change->expected)
                return -ENOMEM;
        if (!file->tree->is_fallback && !plan_directory_fits_line(change->after.directory)) {
                free(change->after.directory);
                free(change->expected);
                change->expected = NULL;
                change->after.directory = strdup("updates");
                if (!change->after.directory)
                        return -ENOMEM;
                if (text_format(&change->expected, "updates/%s", name) < 0)
                        return -ENOMEM;
        }
        return 0;
}

static int set_after_link(PlanChange *change, const CatalogueFile *file)
{
        const char *slash = strrchr(file->path, '/');

        if (text_format(&change->after.target, "../%s", file->path) < 0)
                return -ENOMEM;
        return duplicate(slash ? slash + 1 : file->path, &change->after.link);
}

static bool is_link(const UpdateEntry *entry)
{
        return entry->target[0] != '\0';
}

/* The entry that the change's link takes the place of: the one of its name, else the first link. */
static const UpdateEntry *entry_replaced(const ReleaseSelection *selection, const PlanChange *change)
{
        const UpdateEntry *first = NULL;

        for (const UpdateEntry *entry = update_entry_next(selection, change->module, NULL); entry;
                        entry = update_entry_next(selection, change->module, entry)) {
                if (!is_link(entry))
                        continue;
                if (change->after.link && strcmp(entry->file, change->after.link) == 0)
                        return entry;
                if (!first)
                        first = entry;
        }
        return first;
}

static int set_before_link(PlanChange *change, const UpdateEntry *entry)
{
        if (duplicate(entry->file, &change->before.link) < 0)
                return -ENOMEM;
        return duplicate(entry->target, &change->before.target);
}

/* A second link of the same module (ice.ko beside ice.ko.xz) would compete with ours, so it goes. */
static int append_other_links(Plan *plan, const Facts *facts, const ReleaseSelection *selection,
                const char *module, const UpdateEntry *replaced, const CatalogueFile *file)
{
        for (const UpdateEntry *entry = update_entry_next(selection, module, NULL); entry;
                        entry = update_entry_next(selection, module, entry)) {
                PlanChange *change;

                if (entry == replaced || !is_link(entry))
                        continue;
                if (append_change(plan, selection->release, module, &change) < 0 ||
                                set_before_override(facts, change) < 0 || set_before_link(change, entry) < 0)
                        return -ENOMEM;
                if (file && set_after(change, file) < 0)
                        return -ENOMEM;
        }
        return 0;
}

/* 1 if the plan makes a version of that file, which gives way to its link then. */
static int is_adopted(const Plan *plan, const char *release, const UpdateEntry *entry)
{
        char *outside CLEANUP_FREE = NULL;
        const PlanFile *file;

        if (text_format(&outside, "updates/%s", entry->file) < 0)
                return -ENOMEM;
        file = plan_file_outside(plan, release, outside);
        return file && file->after ? 1 : 0;
}

/* What kmod takes for no module file may stay where it is, unless our link is to have its very name. */
static bool is_ignored(const Facts *facts, const UpdateEntry *entry, const CatalogueFile *file)
{
        const char *slash = strrchr(file->path, '/');

        return entry->kind == UPDATE_REGULAR && kmod_formats_lack(&facts->formats, entry->file) &&
               strcmp(slash ? slash + 1 : file->path, entry->file) != 0;
}

static int refuse_regular(const Plan *plan, const Facts *facts, const ReleaseSelection *selection,
                const char *module, const CatalogueFile *wanted, Refusal *refusal)
{
        for (const UpdateEntry *entry = update_entry_next(selection, module, NULL); entry;
                        entry = update_entry_next(selection, module, entry)) {
                int r;

                if (is_link(entry) || is_ignored(facts, entry, wanted))
                        continue;
                r = is_adopted(plan, selection->release, entry);
                if (r < 0)
                        return r;
                if (r == 0)
                        return refuse(refusal, REFUSAL_CONFLICT,
                                        "/lib/modules/%s/updates/%s is not a link but %s that hostdriver "
                                        "did not make, and it is never overwritten. Move it out of updates/; "
                                        "or, if it is what is loaded and no package owns it, make it a version "
                                        "with `hostdriverctl adopt %s`. Then try again.",
                                        selection->release, entry->file,
                                        entry->kind == UPDATE_REGULAR ? "a regular file" : "something else",
                                        module);
        }
        return 0;
}

/* Whether an earlier target wanted the very same file. */
static int compare_wishes(const PlanChange *change, const CatalogueFile *file, Refusal *refusal)
{
        const char *wanted = file ? file->path : NULL;
        const char *known = change->after.target ? change->after.target + strlen("../") : change->expected;

        if (wanted && known ? strcmp(wanted, known) == 0 : wanted == known)
                return 0;
        return refuse(refusal, REFUSAL_INVALID_ARGS,
                        "Two versions were asked for the module %s in kernel release %s: %s and %s. A "
                        "package switches as a whole; name one version for all of its drivers.",
                        change->module, change->release, known ? known : "none", wanted ? wanted : "none");
}

int plan_add_change(Plan *plan, const Facts *facts, const char *release, const char *module,
                const CatalogueFile *file, Refusal *refusal)
{
        const ReleaseSelection *selection = selection_release(facts->selection, release);
        const UpdateEntry *replaced = NULL;
        PlanChange *change = find_change(plan, release, module);
        int r;

        if (change)
                return compare_wishes(change, file, refusal);
        if (file && selection) {
                r = refuse_regular(plan, facts, selection, module, file, refusal);
                if (r < 0)
                        return r;
        }
        r = append_change(plan, release, module, &change);
        if (r >= 0)
                r = set_before_override(facts, change);
        if (r >= 0 && file)
                r = set_after(change, file);
        if (r >= 0 && file && !file->tree->is_fallback)
                r = set_after_link(change, file);
        if (r < 0 || !selection)
                return r;
        replaced = entry_replaced(selection, change);
        r = replaced ? set_before_link(change, replaced) : 0;
        return r < 0 ? r : append_other_links(plan, facts, selection, module, replaced, file);
}

int plan_add_subject(Plan *plan, const char *driver, const char *release, const char *from, const char *to)
{
        void *items = plan->subjects;
        PlanSubject *subject;

        if (plan_index_find(&plan->subject_index, driver, release))
                return 0;
        if (grow(&items, plan->subject_count, sizeof(*plan->subjects)) < 0)
                return -ENOMEM;
        plan->subjects = items;
        subject = &plan->subjects[plan->subject_count++];
        if (duplicate(driver, &subject->driver) < 0 || duplicate(release, &subject->release) < 0 ||
                        duplicate(from, &subject->from) < 0 || duplicate(to, &subject->to) < 0)
                return -ENOMEM;
        return plan_index_add(
                        &plan->subject_index, subject->driver, subject->release, plan->subject_count - 1);
}

/* Whether the module is selected in a release that the plan leaves alone. */
static bool selected_elsewhere(const Plan *plan, const Facts *facts, const char *module)
{
        for (size_t i = 0; i < facts->selection->release_count; i++) {
                const ReleaseSelection *release = &facts->selection->releases[i];

                if (find_change(plan, release->release, module))
                        continue;
                if (override_list_find(&facts->selection->overrides, release->release, module))
                        return true;
                if (update_entry_next(release, module, NULL))
                        return true;
        }
        return false;
}

static bool selected_in_plan(const Plan *plan, const char *module)
{
        size_t count;
        const PlanIndexEntry *entries = plan_index_find_all(&plan->change_index, module, &count);

        for (size_t i = 0; i < count; i++)
                if (plan->changes[entries[i].position].after.directory)
                        return true;
        return false;
}

static int add_block(Plan *plan, const Facts *facts, const char *module)
{
        /* Whatever it says: an edited one may still keep udev from loading the module. */
        bool before = string_set_contains(&facts->selection->blocked, module) ||
                      string_set_contains(&facts->selection->edited_blocks, module);
        bool after = before;
        void *items = plan->blocks;

        if (selected_in_plan(plan, module))
                after = false;
        else if (!selected_elsewhere(plan, facts, module))
                after = true;
        if (!before && !after)
                return 0;
        if (grow(&items, plan->block_count, sizeof(*plan->blocks)) < 0)
                return -ENOMEM;
        plan->blocks = items;
        plan->blocks[plan->block_count] = (PlanBlock){ .before = before, .after = after };
        return duplicate(module, &plan->blocks[plan->block_count++].module);
}

static bool is_nothing(const ModuleState *state)
{
        return !state->link && !state->directory;
}

static void drop_idle_changes(Plan *plan)
{
        size_t kept = 0;

        plan_index_done(&plan->change_index);
        for (size_t i = 0; i < plan->change_count; i++) {
                PlanChange *change = &plan->changes[i];

                if (!is_nothing(&change->before) || !is_nothing(&change->after)) {
                        plan->changes[kept++] = *change;
                        continue;
                }
                free(change->release);
                free(change->module);
        }
        plan->change_count = kept;
}

/* Whether a file that is to stay says something else by now. */
static bool renews_any(const Plan *plan, const Selection *selection)
{
        for (size_t i = 0; i < plan->block_count; i++)
                if (plan->blocks[i].after &&
                                string_set_contains(&selection->edited_blocks, plan->blocks[i].module))
                        return true;
        return selection->edited_overrides.count > 0;
}

int plan_complete(Plan *plan, const Facts *facts, Refusal *refusal)
{
        StringSet modules CLEANUP_STRING_SET = { 0 };
        int r = plan_modules(plan, &modules);

        if (r >= 0)
                r = plan_check_edited_lines(plan, &facts->selection->edited_overrides, refusal);
        for (size_t i = 0; r >= 0 && i < modules.count; i++)
                r = add_block(plan, facts, modules.items[i]);
        plan->renews = renews_any(plan, facts->selection);
        if (r >= 0)
                drop_idle_changes(plan);
        return r;
}
