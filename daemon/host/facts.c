/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads all facts, one room after the other. It derives nothing from them. */

#include "host/facts.h"

#include <errno.h>
#include <string.h>

#include "host/facts-images.h"
#include "host/index/module-index.h"
#include "host/initramfs/initramfs-generator.h"
#include "util/exhausted.h"

Facts *facts_free(Facts *facts)
{
        size_t modules = facts && facts->catalogue ? facts->catalogue->modules.count : 0;
        size_t releases = facts && facts->catalogue ? facts->catalogue->release_count : 0;

        if (!facts)
                return NULL;
        for (size_t i = 0; i < modules && facts->loaded; i++)
                loaded_module_done(&facts->loaded[i]);
        for (size_t i = 0; i < modules * releases && facts->effective; i++)
                free(facts->effective[i].path);
        free(facts->loaded);
        modprobe_rules_free(facts->rules, modules);
        for (size_t i = 0; i < releases && facts->images; i++)
                (void) initramfs_image_unref(facts->images[i]);
        free(facts->images);
        string_set_done(&facts->unified);
        string_set_done(&facts->other_images);
        free(facts->effective);
        facts->hardware = hardware_free(facts->hardware);
        facts->selection = selection_free(facts->selection);
        facts->catalogue = catalogue_free(facts->catalogue);
        free(facts->kernel);
        free(facts);
        return NULL;
}

const EffectiveFile *facts_effective(const Facts *facts, size_t release, size_t module)
{
        return &facts->effective[release * facts->catalogue->modules.count + module];
}

bool facts_is_builtin(const Facts *facts, size_t release, size_t module)
{
        if (strcmp(facts->catalogue->releases[release].release, facts->kernel) == 0 &&
                        facts->loaded[module].state != LOAD_ABSENT)
                return facts->loaded[module].state == LOAD_BUILTIN;
        return facts_effective(facts, release, module)->builtin;
}

static int read_loaded(const HostRoot *root, Facts *facts)
{
        const StringSet *modules = &facts->catalogue->modules;

        facts->loaded = calloc(modules->count + 1, sizeof(*facts->loaded));
        if (!facts->loaded)
                return -ENOMEM;
        for (size_t i = 0; i < modules->count; i++) {
                int r = loaded_module_read(root, modules->items[i], &facts->loaded[i]);

                if (r < 0)
                        return r;
        }
        return 0;
}

/* Fills one release's row; without a module index it stays empty. */
static int read_effective_row(
                const HostRoot *root, const char *release, const StringSet *modules, EffectiveFile *row)
{
        ModuleIndex *index CLEANUP(module_index_freep) = NULL;
        int r = module_index_open(root, release, &index);

        if (r < 0)
                return exhausted(r) ? r : 0;
        for (size_t i = 0; i < modules->count; i++) {
                r = module_index_resolve(index, modules->items[i], &row[i].path);
                if (exhausted(r))
                        return r;
                row[i].builtin = module_index_is_builtin(index, modules->items[i]);
        }
        return 0;
}

static int read_effective(const HostRoot *root, Facts *facts)
{
        const Catalogue *catalogue = facts->catalogue;
        size_t modules = catalogue->modules.count;

        facts->effective = calloc(catalogue->release_count * modules + 1, sizeof(*facts->effective));
        if (!facts->effective)
                return -ENOMEM;
        for (size_t i = 0; i < catalogue->release_count; i++) {
                int r = read_effective_row(root, catalogue->releases[i].release, &catalogue->modules,
                                facts->effective + i * modules);

                if (r < 0)
                        return r;
        }
        return 0;
}

int facts_read(const HostRoot *root, const Config *config, const Facts *previous, const MetadataCache *cache,
                Facts **ret)
{
        Facts *facts CLEANUP(facts_freep) = calloc(1, sizeof(*facts));
        int r;

        if (!facts)
                return -ENOMEM;
        facts->kernel = strdup(host_root_kernel(root));
        if (!facts->kernel)
                return -ENOMEM;
        r = exhausted_check_descriptors();
        if (r >= 0)
                r = catalogue_read(root, config, previous ? previous->catalogue : NULL, cache,
                                &facts->catalogue);
        if (r >= 0)
                r = selection_read(root, facts->catalogue, &facts->selection);
        if (r >= 0)
                r = hardware_read(root, &facts->hardware);
        if (r >= 0)
                r = read_loaded(root, facts);
        if (r >= 0)
                r = modprobe_rules_read(root, &facts->catalogue->modules, &facts->rules);
        if (r >= 0)
                r = read_effective(root, facts);
        if (r >= 0)
                r = facts_keep_images(root, previous, facts);
        if (r >= 0)
                r = initramfs_generator_find(root, config, &facts->generator);
        /* Not everybody tells: libkmod, for one, finds nothing then. */
        if (r >= 0)
                r = exhausted_check_descriptors();
        if (r < 0)
                return r;
        *ret = STEAL(facts);
        return 0;
}
