/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where links, override, index and block disagree, as sentences: which file wins and what to run. */

#include "model/driver-selection-problems.h"

#include <errno.h>
#include <string.h>

#include "model/drift-find.h"
#include "model/driver-selected.h"

/* One module in one kernel release. */
typedef struct Place {
        const Derivation *derivation;
        const char *name;
        const CatalogueRelease *release;
        const ReleaseSelection *links;
        const EffectiveFile *effective;
        SelectedFile selected;
        const DriverVersion *version; /* the selected one, or NULL */
        ProblemList *problems;
} Place;

static const char *id_of(const Place *place, const CatalogueFile *file)
{
        const DriverVersion *version = driver_version_of_file(place->derivation->driver, file);

        return version ? version->id : file->version;
}

static int check_link(const Place *place, const UpdateEntry *entry)
{
        const char *release = place->release->release, *file = entry->file;
        bool valid = entry->kind == UPDATE_VERSION && entry->path &&
                     catalogue_file_at(place->release, entry->path) &&
                     strcmp(catalogue_file_at(place->release, entry->path)->module, place->name) == 0;

        switch (entry->kind) {
        case UPDATE_VERSION:
        case UPDATE_FOREIGN:
                if (valid)
                        break;
                return problem_list_add(place->problems, SEVERITY_WARNING, "link-foreign",
                                "/lib/modules/%s/updates/%s links to %s, which is no version of %s. Run "
                                "`hostdriverctl select %s VERSION` to replace the link.",
                                release, file, entry->target, place->name, place->name);
        case UPDATE_OUTSIDE:
                return problem_list_add(place->problems, SEVERITY_WARNING, "link-outside",
                                "/lib/modules/%s/updates/%s links to %s, out of the kernel's own directory: "
                                "an initramfs may not hold that file. Run `hostdriverctl select %s VERSION` "
                                "to replace the link.",
                                release, file, entry->target, place->name);
        case UPDATE_DANGLING:
                return problem_list_add(place->problems, SEVERITY_ERROR, "link-dangling",
                                "/lib/modules/%s/updates/%s links to %s, which isn't there, so that depmod "
                                "picks any other file. Run `hostdriverctl select %s VERSION`.",
                                release, file, entry->target, place->name);
        case UPDATE_REGULAR:
                return problem_list_add(place->problems, SEVERITY_WARNING, "regular-file",
                                "/lib/modules/%s/updates/%s is a file of its own and no link, and wins over "
                                "versions without an override. Run `hostdriverctl adopt %s` to make a "
                                "version of it, or move it away to select another one.",
                                release, file, place->name);
        case UPDATE_OTHER:
        default:
                return problem_list_add(place->problems, SEVERITY_WARNING, "not-regular",
                                "/lib/modules/%s/updates/%s is neither a file nor a link. Move it away to "
                                "select a version.",
                                release, file);
        }
        if (!entry->absolute)
                return 0;
        return problem_list_add(place->problems, SEVERITY_WARNING, "link-absolute",
                        "/lib/modules/%s/updates/%s is an absolute link: it leads elsewhere in an initramfs "
                        "or beneath another root. Run `hostdriverctl select %s %s` to make it relative.",
                        release, file, place->name,
                        id_of(place, catalogue_file_at(place->release, entry->path)));
}

static int check_override(const Place *place)
{
        const SelectedFile *selected = &place->selected;
        const char *release = place->release->release;

        if (!selected->override)
                return 0;
        if (!selected->overridden)
                return problem_list_add(place->problems, SEVERITY_WARNING, "override-dangling",
                                "%s names the directory %s for %s in kernel %s, which holds no such module. "
                                "Run `hostdriverctl select %s VERSION`.",
                                OVERRIDE_FILE_PATH, selected->override->directory, place->name, release,
                                place->name);
        /* The kernel's own file is selected without a link; a bad link has a problem of its own. */
        if (!selected->linked && !selected->overridden->tree->is_fallback && !selected->blocked &&
                        !update_entry_next(place->links, place->name, NULL))
                return problem_list_add(place->problems, SEVERITY_WARNING, "link-missing",
                                "%s selects version %s of %s in kernel %s, but the link in updates/ is gone. "
                                "Run `hostdriverctl select %s %s` to make it anew.",
                                OVERRIDE_FILE_PATH, id_of(place, selected->overridden), place->name, release,
                                place->name, id_of(place, selected->overridden));
        if (!selected->linked || selected->linked == selected->overridden)
                return 0;
        return problem_list_add(place->problems, SEVERITY_WARNING, "link-override-disagree",
                        "In kernel %s the link in updates/ selects version %s of %s, but %s names %s: the "
                        "link counts as the selection, but the override decides what is loaded. Run "
                        "`hostdriverctl select %s %s`.",
                        release, id_of(place, selected->linked), place->name, OVERRIDE_FILE_PATH,
                        id_of(place, selected->overridden), place->name, id_of(place, selected->linked));
}

/* True if the index resolves to the selected file: by itself, or by a link in updates/ that leads to it. */
static bool effective_is(const Place *place, const CatalogueFile *file)
{
        const char *path = place->effective->path;

        if (!path)
                return false;
        if (strcmp(path, file->path) == 0)
                return true;
        for (const UpdateEntry *entry = update_entry_next(place->links, place->name, NULL); entry;
                        entry = update_entry_next(place->links, place->name, entry))
                if (entry->kind == UPDATE_VERSION && entry->path && strcmp(entry->path, file->path) == 0 &&
                                strncmp(path, "updates/", 8) == 0 && strcmp(path + 8, entry->file) == 0)
                        return true;
        return false;
}

static int check_index(const Place *place)
{
        const char *release = place->release->release;

        if (place->release->has_index)
                return 0;
        return problem_list_add(place->problems, SEVERITY_ERROR, "no-index",
                        "Kernel %s has no module index, so that nothing can be loaded by its name. "
                        "Run `depmod %s`.",
                        release, release);
}

/* Of DKMS or a driver disk: what can be adopted. */
static bool is_plain_file(const Place *place, const char *path)
{
        if (strncmp(path, "updates/", strlen("updates/")) != 0)
                return false;
        for (const UpdateEntry *entry = update_entry_next(place->links, place->name, NULL); entry;
                        entry = update_entry_next(place->links, place->name, entry))
                if (entry->kind != UPDATE_REGULAR && strcmp(path + strlen("updates/"), entry->file) == 0)
                        return false;
        return true;
}

/* Something was chosen, and the index has it otherwise. */
static int add_other(const Place *place, const CatalogueFile *winner, const char *path)
{
        const char *release = place->release->release;

        if (!path)
                return problem_list_add(place->problems, SEVERITY_ERROR, "effective-differs",
                                "Version %s of %s is selected for kernel %s, but the module index doesn't "
                                "know it, so that nothing would be loaded. Run `hostdriverctl "
                                "select %s %s`.",
                                id_of(place, winner), place->name, release, place->name,
                                id_of(place, winner));
        /* What modprobe.d has of it is a problem of its own. */
        return problem_list_add(place->problems, SEVERITY_WARNING, "effective-differs",
                        "Version %s of %s is selected for kernel %s, but %s/lib/modules/%s/%s%s. Run "
                        "`hostdriverctl select %s %s`.",
                        id_of(place, winner), place->name, release,
                        place->selected.kept ? "the module index names " : "", release, path,
                        place->selected.kept ? "" : " wins and would be loaded", place->name,
                        id_of(place, winner));
}

static int check_effective(const Place *place)
{
        const CatalogueFile *winner = selected_file_winner(&place->selected);
        const char *release = place->release->release, *path = place->effective->path;

        if (!place->release->has_index)
                return check_index(place);
        if (place->effective->builtin || place->selected.blocked ||
                        driver_release(place->derivation->driver, release)->builtin)
                return 0;
        /* Nothing is selected, and modprobe.d has nothing loaded. */
        if (!winner && place->selected.kept)
                return 0;
        if (!winner && path && is_plain_file(place, path))
                return problem_list_add(place->problems, SEVERITY_WARNING, "effective-differs",
                                "No version of %s is selected for kernel %s, but /lib/modules/%s/%s would be "
                                "loaded, which is no version. Run `hostdriverctl adopt %s` to make one of it, "
                                "or `hostdriverctl select %s VERSION`.",
                                place->name, release, release, path, place->name, place->name);
        if (!winner && path && *path)
                return problem_list_add(place->problems, SEVERITY_WARNING, "effective-differs",
                                "No version of %s is selected for kernel %s, but /lib/modules/%s/%s "
                                "would be loaded, because depmod happened to pick it. Run "
                                "`hostdriverctl select %s VERSION`.",
                                place->name, release, release, path, place->name);
        if (!winner || effective_is(place, winner))
                return 0;
        return add_other(place, winner, path);
}

static int check_block(const Place *place)
{
        const SelectedFile *selected = &place->selected;
        const CatalogueFile *file = selected->linked ? selected->linked : selected->overridden;

        if (!selected->blocked || !file)
                return 0;
        return problem_list_add(place->problems, SEVERITY_WARNING, "blocked",
                        "Version %s of %s is linked for kernel %s, but " BLOCK_DIRECTORY
                        "/hostdriver-%s.conf forbids to load it. Run `hostdriverctl select %s %s`.",
                        id_of(place, file), place->name, place->release->release, place->name, place->name,
                        id_of(place, file));
}

/* What stands in the way of a selection, and stays there whatever is selected. */
static bool is_obstacle(const UpdateEntry *entry)
{
        return entry->kind == UPDATE_REGULAR || entry->kind == UPDATE_OTHER;
}

static int check_place(const Place *place)
{
        bool settling = derivation_is_settling(place->derivation, place->release->release);
        int r = 0;

        for (const UpdateEntry *entry = update_entry_next(place->links, place->name, NULL); entry && r >= 0;
                        entry = update_entry_next(place->links, place->name, entry))
                if (!settling || is_obstacle(entry))
                        r = check_link(place, entry);
        if (settling)
                return r;
        if (r >= 0)
                r = check_override(place);
        if (r >= 0)
                r = check_effective(place);
        return r < 0 ? r : check_block(place);
}

int driver_derive_selection_problems(const Derivation *derivation)
{
        const Facts *facts = derivation->facts;

        for (size_t i = 0; i < facts->catalogue->release_count; i++) {
                Place place = {
                        .derivation = derivation,
                        .name = derivation->name,
                        .release = &facts->catalogue->releases[i],
                        .links = &facts->selection->releases[i],
                        .effective = facts_effective(facts, i, derivation->module),
                        .selected = selected_file(facts, i, derivation->module),
                        .problems = &derivation->driver->problems,
                };
                const CatalogueFile *winner = selected_file_winner(&place.selected);
                int r;

                r = drift_find(derivation, i);
                if (r < 0)
                        return r;
                if (r > 0) {
                        /* What somebody changed is told as such, and not a second time as what it has led
                         * to. A lost index has a remedy of its own. */
                        r = check_index(&place);
                        if (r < 0)
                                return r;
                        continue;
                }
                place.version = winner ? driver_version_of_file(derivation->driver, winner) : NULL;
                r = check_place(&place);
                if (r < 0)
                        return r;
        }
        return 0;
}
