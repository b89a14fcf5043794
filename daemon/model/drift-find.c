/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Compares what a selection would have written (change/plan/plan.h) with what stands, release by release. */

#include "model/drift-find.h"

#include <errno.h>
#include <string.h>

#include "model/driver-selected.h"
#include "model/version-id.h"
#include "util/array.h"

/* One module in one kernel release. */
typedef struct Place {
        const Derivation *derivation;
        const WantedVersion *wanted;
        const char *id;            /* of the wanted version; "" to be deselected */
        const CatalogueFile *file; /* of the wanted version; NULL to be deselected */
        bool has_index;
        const ReleaseSelection *links;
        const EffectiveFile *effective;
        SelectedFile selected;
        const UpdateEntry *entry; /* what stands where the link belongs, or where nothing does */
} Place;

static const WantedVersion *find_wanted(const Derivation *derivation, const char *release)
{
        for (size_t i = 0; i < derivation->wanted_count; i++)
                if (strcmp(derivation->wanted[i].release, release) == 0)
                        return &derivation->wanted[i];
        return NULL;
}

static const char *base_name(const char *path)
{
        const char *slash = strrchr(path, '/');

        return slash ? slash + 1 : path;
}

static bool is_link(const UpdateEntry *entry)
{
        return entry->kind != UPDATE_REGULAR && entry->target[0] != '\0';
}

static bool leads_to(const UpdateEntry *entry, const CatalogueFile *file)
{
        return entry->kind == UPDATE_VERSION && entry->path && strcmp(entry->path, file->path) == 0;
}

/* What stands in updates/ in the link's stead: what is no link before any link, since it is in the way. NULL
 * if nothing does. */
static const UpdateEntry *other_entry(const Place *place)
{
        const UpdateEntry *found = NULL;

        for (const UpdateEntry *entry = update_entry_next(place->links, place->derivation->name, NULL);
                        entry; entry = update_entry_next(place->links, place->derivation->name, entry))
                if (!found || (is_link(found) && !is_link(entry)))
                        found = entry;
        return found;
}

static bool has_own_link(const Place *place)
{
        const UpdateEntry *entry = update_entry_next(place->links, place->derivation->name, NULL);

        while (entry && !leads_to(entry, place->file))
                entry = update_entry_next(place->links, place->derivation->name, entry);
        return entry && (!place->selected.linked || place->selected.linked == place->file);
}

static unsigned compare_link(Place *place)
{
        bool wants_link = place->file && !place->file->tree->is_fallback;

        if (wants_link && has_own_link(place))
                return 0;
        place->entry = other_entry(place);
        if (!place->entry)
                return wants_link ? DRIFT_LINK_GONE : 0;
        /* Two links, of which the wrong one counts. */
        if (wants_link && leads_to(place->entry, place->file))
                place->entry = place->selected.link;
        if (is_link(place->entry))
                return wants_link ? DRIFT_LINK_CHANGED : DRIFT_LINK_ADDED;
        /* To deselect leaves such a file where it is. It has a problem of its own. */
        if (!place->file)
                return 0;
        return wants_link ? DRIFT_LINK_REPLACED : DRIFT_FILE_ADDED;
}

/* A line that names updates/ follows the link: so are names written that depmod.d can't hold. */
static bool names_directory(const OverrideEntry *override, const CatalogueFile *file)
{
        size_t size = strlen(file->path) - strlen(base_name(file->path)) - 1;

        if (!file->tree->is_fallback && strcmp(override->directory, "updates") == 0)
                return true;
        return strlen(override->directory) == size && strncmp(override->directory, file->path, size) == 0;
}

static unsigned compare_override(const Place *place)
{
        const OverrideEntry *override = place->selected.override;

        if (place->selected.override_edited)
                return place->file ? DRIFT_OVERRIDE_CHANGED : DRIFT_OVERRIDE_ADDED;
        if (!place->file)
                return override ? DRIFT_OVERRIDE_ADDED : 0;
        if (!override)
                return DRIFT_OVERRIDE_GONE;
        return names_directory(override, place->file) ? 0 : DRIFT_OVERRIDE_CHANGED;
}

/* Whether it stands selected in a release where nothing was ever wanted of it, which keeps a deselection
 * elsewhere from blocking it (plan_complete()). */
static bool selected_unasked(const Derivation *derivation)
{
        const Selection *selection = derivation->facts->selection;

        for (size_t i = 0; i < selection->release_count; i++) {
                const ReleaseSelection *release = &selection->releases[i];

                if (!find_wanted(derivation, release->release) &&
                                (override_list_find(&selection->overrides, release->release,
                                                 derivation->name) ||
                                                update_entry_next(release, derivation->name, NULL)))
                        return true;
        }
        return false;
}

/* modprobe.d knows no releases, so that a module is blocked only if it is deselected in all of them. */
static unsigned compare_block(const Place *place)
{
        const Derivation *derivation = place->derivation;
        bool wants_block = !selected_unasked(derivation);

        for (size_t i = 0; i < derivation->wanted_count; i++)
                wants_block = wants_block && derivation->wanted[i].version[0] == '\0';
        if (wants_block && place->selected.block_edited)
                return DRIFT_BLOCK_CHANGED;
        if (wants_block)
                return place->selected.blocked ? 0 : DRIFT_BLOCK_GONE;
        return place->file && (place->selected.blocked || place->selected.block_edited) ? DRIFT_BLOCK_ADDED
                                                                                        : 0;
}

static bool index_agrees(const Place *place)
{
        if (!place->file || place->effective->builtin || !place->has_index)
                return true;
        return place->effective->file == place->file;
}

/* The kernel's own module, selected by us for want of a better one, and not because it is what was wanted.
 */
static bool is_stood_for(const Place *place)
{
        return place->wanted->may_be_stood_for && place->selected.overridden &&
               !(place->file && place->file->tree->is_fallback) &&
               place->selected.overridden->tree->is_fallback && !place->selected.blocked &&
               !other_entry(place);
}

static unsigned compare(Place *place)
{
        unsigned changes = compare_link(place) | compare_override(place) | compare_block(place);
        return changes == 0 && !index_agrees(place) ? DRIFT_INDEX : changes;
}

static int copy(const char *text, char **ret)
{
        *ret = text ? strdup(text) : NULL;
        return !text || *ret ? 0 : -ENOMEM;
}

static int fill(const Place *place, unsigned changes, Drift *drift)
{
        const Driver *driver = place->derivation->driver;
        const UpdateEntry *entry = place->entry;
        const DriverVersion *version = NULL;
        const char *path = place->file ? place->file->path : NULL;
        const char *file = entry ? entry->file : NULL;
        int r;

        if (entry && place->selected.link == entry)
                version = driver_version_of_file(driver, place->selected.linked);
        if (changes & DRIFT_LINK_GONE)
                file = base_name(path);
        *drift = (Drift){ .changes = changes,
                .blocked = place->selected.blocked && place->selected.kept,
                .has_driver_tool = version && version->tree->has_driver_tool,
                .same = place->effective->builtin ||
                        (place->file && place->has_index && index_agrees(place)) };
        for (size_t i = 0; i < driver->release_count; i++)
                drift->elsewhere = drift->elsewhere ||
                                   (strcmp(driver->releases[i].release, place->wanted->release) != 0 &&
                                                   strcmp(driver->releases[i].selected, place->id) != 0);
        r = copy(place->wanted->release, &drift->release);
        if (r >= 0)
                r = copy(place->id, &drift->wanted);
        if (r >= 0)
                r = copy(path, &drift->path);
        if (r >= 0)
                r = copy(file, &drift->file);
        if (r >= 0)
                r = copy(entry && is_link(entry) ? entry->target : NULL, &drift->target);
        if (r >= 0)
                r = copy(version ? version->id : NULL, &drift->version);
        if (r >= 0 && place->selected.override && !place->selected.override_edited)
                r = copy(place->selected.override->directory, &drift->directory);
        if (r >= 0)
                r = copy(place->effective->path, &drift->effective);
        return r;
}

int drift_find(const Derivation *derivation, size_t position)
{
        const Facts *facts = derivation->facts;
        Place place = {
                .derivation = derivation,
                .wanted = find_wanted(derivation, facts->catalogue->releases[position].release),
                .id = "",
                .has_index = facts->catalogue->releases[position].has_index,
                .links = &facts->selection->releases[position],
                .effective = facts_effective(facts, position, derivation->module),
                .selected = selected_file(facts, position, derivation->module),
        };
        DriftList *list = &derivation->driver->drifts;
        const DriverVersion *version;
        unsigned changes;

        if (!place.wanted)
                return 0;
        if (place.wanted->version[0] != '\0') {
                version = driver_version_meant(derivation->driver, place.wanted->version);
                if (version)
                        place.file = driver_version_file(
                                        facts, derivation->driver, version, place.wanted->release);
                place.id = version ? version->id : "";
                /* Gone with its package: the problems say what stands instead. */
                if (!place.file)
                        return 0;
        }
        if (is_stood_for(&place)) {
                derivation->driver->releases[position].stood_for = true;
                return 0;
        }
        changes = compare(&place);
        if (changes == 0)
                return 0;
        if (!array_reserve(list->items, list->count))
                return -ENOMEM;
        return fill(&place, changes, &list->items[list->count++]) < 0 ? -ENOMEM : 1;
}
