/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads the selection back from the facts: a valid link, else our override, else the kernel tree's file if
 * the index resolves to it (design, section 5). */

#include "model/driver-selected.h"

#include <errno.h>
#include <string.h>

#include "model/modprobe-meaning.h"
#include "util/text-format.h"

/* The file that a link leads to, if it is one of the same module: a link may lie about the name. */
static const CatalogueFile *linked_file(const CatalogueRelease *release, const UpdateEntry *entry)
{
        const CatalogueFile *file;

        if (entry->kind != UPDATE_VERSION || !entry->path)
                return NULL;
        file = catalogue_file_at(release, entry->path);
        return file && strcmp(file->module, entry->module) == 0 ? file : NULL;
}

static bool is_update(const char *path, const char *file)
{
        return strncmp(path, "updates/", 8) == 0 && strcmp(path + 8, file) == 0;
}

/* There may be two ("ice.ko" and "ice.ko.xz"): the one that the index took counts, else the first. */
static void find_link(const Facts *facts, size_t release, const char *module, const EffectiveFile *effective,
                SelectedFile *selected)
{
        const ReleaseSelection *links = &facts->selection->releases[release];

        for (const UpdateEntry *entry = update_entry_next(links, module, NULL); entry;
                        entry = update_entry_next(links, module, entry)) {
                const CatalogueFile *file = linked_file(&facts->catalogue->releases[release], entry);

                if (!file)
                        continue;
                if (!selected->link || (effective->path && is_update(effective->path, entry->file))) {
                        selected->link = entry;
                        selected->linked = file;
                }
        }
}

/* Whether modprobe refuses what the index names, since it isn't marked as supported. */
static bool is_unsupported(
                const Facts *facts, size_t release, const char *module, const EffectiveFile *effective)
{
        const ReleaseSelection *links = &facts->selection->releases[release];
        const CatalogueFile *file = NULL;

        if (!facts->supported_only || !effective->path)
                return false;
        file = catalogue_file_at(&facts->catalogue->releases[release], effective->path);
        for (const UpdateEntry *entry = update_entry_next(links, module, NULL); entry && !file;
                        entry = update_entry_next(links, module, entry))
                if (is_update(effective->path, entry->file))
                        file = linked_file(&facts->catalogue->releases[release], entry);
        /* Of a file that is no version nothing is known. */
        return file && file->file->defect == MODULE_SOUND && !module_file_is_supported(file->file);
}

static bool lies_in(const char *path, const char *directory)
{
        size_t length = strlen(directory);

        return strncmp(path, directory, length) == 0 && path[length] == '/' &&
               !strchr(path + length + 1, '/');
}

SelectedFile selected_file(const Facts *facts, size_t release, size_t module)
{
        const char *name = facts->catalogue->modules.items[module];
        const CatalogueRelease *files = &facts->catalogue->releases[release];
        const EffectiveFile *effective = facts_effective(facts, release, module);
        SelectedFile selected = { .blocked = string_set_contains(&facts->selection->blocked, name),
                .block_edited = string_set_contains(&facts->selection->edited_blocks, name),
                .override_edited = string_set_contains(&facts->selection->edited_overrides, name) };
        size_t count = 0;
        const CatalogueFile *candidates = catalogue_find(files, name, &count);

        selected.unsupported = is_unsupported(facts, release, name, effective);
        selected.kept = selected.unsupported || modprobe_obstacle(&effective->load, name).line != NULL ||
                        (selected.blocked && !modprobe_block_defeated(&effective->load, name));
        find_link(facts, release, name, effective, &selected);
        selected.override = override_list_find(&facts->selection->overrides, files->release, name);
        /* Names that depmod.d can't quote: the override names updates/, and follows the link (plan.h). */
        if (selected.override && strcmp(selected.override->directory, "updates") == 0)
                selected.overridden = selected.linked;
        for (size_t i = 0; i < count; i++) {
                const CatalogueFile *file = &candidates[i];

                if (selected.override && !selected.overridden &&
                                lies_in(file->path, selected.override->directory))
                        selected.overridden = file;
                if (file->tree->is_fallback && effective->file == file)
                        selected.kernel = file;
        }
        return selected;
}

const CatalogueFile *selected_file_winner(const SelectedFile *selected)
{
        if (selected->blocked)
                return NULL;
        if (selected->linked)
                return selected->linked;
        return selected->overridden ? selected->overridden : selected->kernel;
}

/* A dangling link chooses nothing; any other entry of updates/ is somebody's choice, be it of no version. */
static bool is_chosen(const Facts *facts, size_t release, size_t module, const SelectedFile *selected)
{
        const ReleaseSelection *links = &facts->selection->releases[release];
        const char *name = facts->catalogue->modules.items[module];

        if (selected->blocked || selected->linked || selected->overridden)
                return true;
        for (const UpdateEntry *entry = update_entry_next(links, name, NULL); entry;
                        entry = update_entry_next(links, name, entry))
                if (entry->kind != UPDATE_DANGLING)
                        return true;
        return false;
}

/* A job that selects has the block stay until the module index names what is selected. */
static const CatalogueFile *winner_of(
                const Derivation *derivation, const char *release, const SelectedFile *selected)
{
        if (!selected->blocked || !derivation_is_settling(derivation, release))
                return selected_file_winner(selected);
        return selected->linked ? selected->linked : selected->overridden;
}

static int derive_release(const Derivation *derivation, size_t position, DriverRelease *ret)
{
        const Facts *facts = derivation->facts;
        const char *release = facts->catalogue->releases[position].release;
        const EffectiveFile *effective = facts_effective(facts, position, derivation->module);
        SelectedFile selected = selected_file(facts, position, derivation->module);
        const CatalogueFile *winner = winner_of(derivation, release, &selected);
        const DriverVersion *version = winner ? driver_version_of_file(derivation->driver, winner) : NULL;

        ret->release = strdup(release);
        ret->selected = strdup(version ? version->id : "");
        ret->builtin = facts_is_builtin(facts, position, derivation->module);
        ret->chosen = is_chosen(facts, position, derivation->module, &selected);
        /* Nothing is loaded by a name whose loading is forbidden, or whose module is there already. */
        if (!effective->path || effective->builtin || ret->builtin || selected.kept)
                ret->effective = strdup("");
        else if (effective->path[0] == '/') /* of a directory that depmod.d names as external */
                ret->effective = strdup(effective->path);
        else
                ret->effective = text_new("/lib/modules/%s/%s", release, effective->path);
        return ret->release && ret->selected && ret->effective ? 0 : -ENOMEM;
}

int driver_derive_selected(const Derivation *derivation)
{
        const Catalogue *catalogue = derivation->facts->catalogue;
        Driver *driver = derivation->driver;
        const DriverRelease *running;

        driver->releases = calloc(catalogue->release_count + 1, sizeof(DriverRelease));
        if (!driver->releases)
                return -ENOMEM;
        for (size_t i = 0; i < catalogue->release_count; i++) {
                int r = derive_release(derivation, i, &driver->releases[driver->release_count++]);

                if (r < 0)
                        return r;
        }
        running = driver_release(driver, derivation->facts->kernel);
        driver->selected = strdup(running ? running->selected : "");
        driver->effective = strdup(running ? running->effective : "");
        return driver->selected && driver->effective ? 0 : -ENOMEM;
}
