/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where links, override, index and block disagree, as sentences: which file wins and what to run. */

#include "model/driver-selection-problems.h"

#include <errno.h>
#include <string.h>

#include "model/depmod-known.h"
#include "model/depmod-reason.h"
#include "model/drift-find.h"
#include "model/driver-selected.h"
#include "util/text-format.h"

/* One module in one kernel release. */
typedef struct Place {
        const Derivation *derivation;
        const char *name;
        size_t position; /* of the release */
        const CatalogueRelease *release;
        const ReleaseSelection *links;
        const EffectiveFile *effective;
        SelectedFile selected;
        const DepmodKnown *known;
        ProblemList *problems;
} Place;

static const char *id_of(const Place *place, const CatalogueFile *file)
{
        const DriverVersion *version = driver_version_of_file(place->derivation->driver, file);

        return version ? version->id : file->version;
}

/* Only what would be loaded can be made a version: another one would take its place. */
static int check_regular(const Place *place, const UpdateEntry *entry)
{
        const char *release = place->release->release, *file = entry->file, *path = place->effective->path;
        bool loaded = path && strncmp(path, "updates/", strlen("updates/")) == 0 &&
                      strcmp(path + strlen("updates/"), file) == 0;

        if (kmod_formats_lack(&place->derivation->facts->formats, file))
                return problem_list_add(place->problems, SEVERITY_WARNING, "compression-unsupported",
                                "/lib/modules/%s/updates/%s is compressed in a way that this host's kmod can't read "
                                "(`kmod --version` tells what it can), so that depmod takes it for no module file. "
                                "Decompress it to have it loaded, or move it away.",
                                release, file);
        if (!loaded)
                return problem_list_add(place->problems, SEVERITY_WARNING, "regular-file",
                                "/lib/modules/%s/updates/%s is a file of its own and no link, so that no version "
                                "of %s can be selected. Move it away.",
                                release, file, place->name);
        return problem_list_add(place->problems, SEVERITY_WARNING, "regular-file",
                        "/lib/modules/%s/updates/%s is a file of its own and no link, so that no version of %s can "
                        "be selected. Run `hostdriverctl adopt %s` to make a version of it, unless it belongs to a package, "
                        "or move it away.",
                        release, file, place->name, place->name);
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
                return check_regular(place, entry);
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

/* Of DKMS, a package or a driver disk: what can be adopted (plan_path_is_outside()), unless something else
 * of that name stands where the link would. */
static bool is_adoptable(const Place *place, const char *path)
{
        bool in_updates = strncmp(path, "updates/", strlen("updates/")) == 0;
        bool is_weak = strncmp(path, "weak-updates/", strlen("weak-updates/")) == 0;

        if (!in_updates && strncmp(path, "extra/", strlen("extra/")) != 0 && !is_weak)
                return false;
        /* But for those of weak-modules, no link is adopted, nor what lies behind one. */
        if (place->effective->linked && !is_weak)
                return false;
        for (const UpdateEntry *entry = update_entry_next(place->links, place->name, NULL); entry;
                        entry = update_entry_next(place->links, place->name, entry))
                if (entry->kind != UPDATE_REGULAR || !in_updates ||
                                strcmp(path + strlen("updates/"), entry->file) != 0)
                        return false;
        return true;
}

/* Whether only somebody else can settle it: an override line of his counts more than ours. */
static bool is_overridden(const DepmodRank *rank)
{
        return rank->override && strcmp(rank->override->file, OVERRIDE_FILE_PATH) != 0;
}

static char *path_text(const Place *place, const char *path)
{
        return path[0] == '/' ? strdup(path) : text_new("/lib/modules/%s/%s", place->release->release, path);
}

/* No version is selected, but something would be loaded. PATH is its whole path. */
static int tell_unselected(const Place *place, const char *path, const char *reason)
{
        const char *name = place->name, *release = place->release->release;

        if (is_adoptable(place, place->effective->path))
                return problem_list_add(place->problems, SEVERITY_WARNING, "effective-differs",
                                "No version of %s is selected for kernel %s, but %s would be loaded, which is no "
                                "version: %s. Run `hostdriverctl adopt %s` to make one of it, or "
                                "`hostdriverctl select %s VERSION`.",
                                name, release, path, reason, name, name);
        return problem_list_add(place->problems, SEVERITY_WARNING, "effective-differs",
                        "No version of %s is selected for kernel %s, but %s would be loaded: %s. %s "
                        "`hostdriverctl select %s VERSION`.",
                        name, release, path, reason,
                        is_overridden(&place->known->ranks[place->known->effective])
                                        ? "Take that line away, then run"
                                        : "Run",
                        name);
}

/* WINNER is selected, but something else would be loaded; or would be if modprobe.d didn't keep it from
 * that, which is a problem of its own. */
static int tell_different(
                const Place *place, const CatalogueFile *winner, const char *path, const char *reason)
{
        return problem_list_add(place->problems, SEVERITY_WARNING, "effective-differs",
                        "Version %s of %s is selected for kernel %s, but %s%s%s: %s. %s "
                        "`hostdriverctl select %s %s`.",
                        id_of(place, winner), place->name, place->release->release,
                        place->selected.kept ? "the module index names " : "", path,
                        place->selected.kept ? "" : " would be loaded", reason,
                        is_overridden(&place->known->ranks[place->known->effective])
                                        ? "Take that line away, then run"
                                        : "Run",
                        place->name, id_of(place, winner));
}

/* Nothing would be loaded: the index doesn't know the module. */
static int tell_unknown(const Place *place, const CatalogueFile *winner)
{
        const char *name = place->name, *release = place->release->release;

        if (kmod_formats_lack(&place->derivation->facts->formats, winner->path))
                return problem_list_add(place->problems, SEVERITY_ERROR, "effective-differs",
                                "Version %s of %s is selected for kernel %s, but %s is compressed in a way that "
                                "this host's kmod can't read, so that nothing is loaded. Select another version, "
                                "or decompress the file.",
                                id_of(place, winner), name, release, winner->path);
        return problem_list_add(place->problems, SEVERITY_ERROR, "effective-differs",
                        "Version %s of %s is selected for kernel %s, but the module index doesn't know it, so that "
                        "nothing is loaded. Run `hostdriverctl select %s %s`.",
                        id_of(place, winner), name, release, name, id_of(place, winner));
}

/* The index is right by now, but depmod would write another one. */
static int check_successor(const Place *place)
{
        const DepmodKnown *known = place->known;
        size_t successor = depmod_known_successor(known);
        char *now CLEANUP_FREE = NULL, *then CLEANUP_FREE = NULL, *reason CLEANUP_FREE = NULL;

        if (successor == DEPMOD_WINNER_UNKNOWN)
                return 0;
        now = path_text(place, place->effective->path);
        then = path_text(place, known->list.items[successor].path);
        reason = known->ranks[known->effective].exclude
                                 ? depmod_reason_passed_over(&known->list.items[known->effective],
                                                   &known->ranks[known->effective])
                                 : depmod_reason(known->config, &known->list, known->ranks, successor);
        if (!now || !then || !reason)
                return -ENOMEM;
        return problem_list_add(place->problems, SEVERITY_WARNING, "index-outdated",
                        "The module index of kernel %s names %s for %s, but is older than depmod's configuration or "
                        "files: once depmod has run, it names %s, since %s. If that is meant, run `depmod %s`; else "
                        "change what makes it so.",
                        place->release->release, now, place->name, then, reason, place->release->release);
}

/* The index names something. WINNER is what is selected, or NULL. */
static int check_named(const Place *place, const CatalogueFile *winner)
{
        char *path CLEANUP_FREE = path_text(place, place->effective->path), *reason CLEANUP_FREE = NULL;

        if (!path)
                return -ENOMEM;
        if (place->effective->gone)
                return problem_list_add(place->problems, SEVERITY_ERROR, "effective-differs",
                                "The module index of kernel %s names %s for %s, which is gone, so that nothing is "
                                "loaded. Run `depmod %s`.",
                                place->release->release, path, place->name, place->release->release);
        if (winner && place->effective->file == winner)
                return check_successor(place);
        reason = depmod_reason(place->known->config, &place->known->list, place->known->ranks,
                        place->known->effective);
        if (!reason)
                return -ENOMEM;
        return winner ? tell_different(place, winner, path, reason) : tell_unselected(place, path, reason);
}

static int check_effective(const Place *place)
{
        const Facts *facts = place->derivation->facts;
        const CatalogueFile *winner = selected_file_winner(&place->selected);
        const EffectiveFile *effective = place->effective;
        DepmodKnown known CLEANUP_DEPMOD_KNOWN = { 0 };
        Place with_known = *place;
        int r;

        if (!place->release->has_index)
                return check_index(place);
        if (effective->builtin || place->selected.blocked ||
                        driver_release(place->derivation->driver, place->release->release)->builtin)
                return 0;
        /* Nothing is selected, and modprobe.d has nothing loaded. */
        if (!winner && place->selected.kept)
                return 0;
        if (!effective->path)
                return winner ? tell_unknown(place, winner) : 0;
        if (winner && effective->file == winner && !effective->gone &&
                        depmod_known_is_settled(facts, place->position, place->derivation->module))
                return 0;
        r = depmod_known_read(facts, place->position, place->derivation->module, &known);
        with_known.known = &known;
        return r < 0 ? r : check_named(&with_known, winner);
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
                        .position = i,
                        .release = &facts->catalogue->releases[i],
                        .links = &facts->selection->releases[i],
                        .effective = facts_effective(facts, i, derivation->module),
                        .selected = selected_file(facts, i, derivation->module),
                        .problems = &derivation->driver->problems,
                };
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
                r = check_place(&place);
                if (r < 0)
                        return r;
        }
        return 0;
}
