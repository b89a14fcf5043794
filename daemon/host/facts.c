/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads all facts, one room after the other; of images only which are known, by their stamps. It derives
 * nothing from them. */

#include "host/facts.h"

#include <errno.h>
#include <string.h>

#include "host/driver-tool-mock.h"
#include "host/index/module-index.h"
#include "host/initramfs/initramfs-find.h"
#include "host/initramfs/initramfs-generator.h"
#include "host/initramfs/initramfs-preset.h"
#include "host/kernel/kernel-installed.h"
#include "host/module-path.h"
#include "host/tree/catalogue-file.h"
#include "host/tree/catalogue-read.h"
#include "util/array.h"
#include "util/exhausted.h"
#include "util/text-format.h"

static void effective_file_done(EffectiveFile *file)
{
        free(file->path);
        modprobe_load_done(&file->load);
        if (file->unblocked)
                modprobe_load_done(file->unblocked);
        free(file->unblocked);
}

static void aliased_device_done(AliasedDevice *device)
{
        string_set_done(&device->loaded);
        string_set_done(&device->listed);
}

Facts *facts_free(Facts *facts)
{
        size_t modules = facts && facts->catalogue ? facts->catalogue->modules.count : 0;
        size_t releases = facts && facts->catalogue ? facts->catalogue->release_count : 0;

        if (!facts)
                return NULL;
        for (size_t i = 0; i < modules && facts->loaded; i++)
                loaded_module_done(&facts->loaded[i]);
        for (size_t i = 0; i < modules * releases && facts->effective; i++)
                effective_file_done(&facts->effective[i]);
        free(facts->loaded);
        for (size_t i = 0; i < releases && facts->softdeps; i++)
                modprobe_rules_done(&facts->softdeps[i]);
        free(facts->softdeps);
        for (size_t i = 0; i < releases && facts->depmod; i++)
                depmod_config_done(&facts->depmod[i]);
        free(facts->depmod);
        for (size_t i = 0; i < facts->aliased_count; i++)
                aliased_device_done(&facts->aliased[i]);
        free(facts->aliased);
        modprobe_rules_done(&facts->modprobe);
        for (size_t i = 0; i < releases && facts->images; i++)
                (void) initramfs_image_unref(facts->images[i]);
        free(facts->images);
        string_set_done(&facts->unified);
        string_set_done(&facts->other_images);
        free(facts->effective);
        facts->hardware = hardware_free(facts->hardware);
        facts->selection = selection_free(facts->selection);
        facts->catalogue = catalogue_free(facts->catalogue);
        string_set_done(&facts->installed);
        free(facts->kernel);
        free(facts->driver_tool_mock);
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

/* A package manager removes or replaces a kernel while it runs. */
static int read_installed(const HostRoot *root, Facts *facts)
{
        int r = kernel_is_installed(root, facts->kernel);

        /* What can't be told is no reason to alarm anybody. */
        if (r != 0)
                return exhausted(r) ? r : 0;
        for (size_t i = 0; i < facts->catalogue->release_count; i++) {
                const char *release = facts->catalogue->releases[i].release;

                r = kernel_is_installed(root, release);
                if (r > 0)
                        r = string_set_add(&facts->installed, release);
                if (exhausted(r))
                        return r;
        }
        return 0;
}

/* A sysctl that can be set, and not unset. */
static int read_disabled(const HostRoot *root, Facts *facts)
{
        char *text CLEANUP_FREE = NULL;
        int r = host_root_read(root, "/proc/sys/kernel/modules_disabled", 16, &text, NULL);

        facts->modules_disabled = r >= 0 && text[0] == '1';
        return exhausted(r) ? r : 0;
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

/* One kernel release that is being read. */
typedef struct Row {
        const HostRoot *root;
        const Facts *facts;
        size_t position;
        ModprobeRelease release;
} Row;

static int read_unblocked(const ModprobeRelease *release, const char *module, EffectiveFile *file)
{
        ModprobeRelease without = *release;

        file->unblocked = calloc(1, sizeof(*file->unblocked));
        if (!file->unblocked)
                return -ENOMEM;
        without.unblocked = module;
        return modprobe_load_read(&without, module, file->unblocked);
}

/* A link in updates/ is known already, and so is a version's own file. */
static bool find_known(const Row *row, const char *module, EffectiveFile *effective)
{
        const CatalogueRelease *release = &row->facts->catalogue->releases[row->position];
        const ReleaseSelection *links = &row->facts->selection->releases[row->position];

        effective->file = catalogue_file_at(release, effective->path);
        if (effective->file)
                return true;
        if (strncmp(effective->path, "updates/", strlen("updates/")) != 0)
                return false;
        for (const UpdateEntry *entry = update_entry_next(links, module, NULL); entry;
                        entry = update_entry_next(links, module, entry))
                if (entry->kind == UPDATE_VERSION && entry->path &&
                                strcmp(effective->path + strlen("updates/"), entry->file) == 0) {
                        effective->linked = true;
                        effective->file = catalogue_file_at(release, entry->path);
                        return true;
                }
        return false;
}

/* Looks at what the index names. */
static int follow_effective(const Row *row, const char *module, EffectiveFile *effective)
{
        const CatalogueRelease *release = &row->facts->catalogue->releases[row->position];
        char *target CLEANUP_FREE = NULL;
        int r;

        if (find_known(row, module, effective))
                return 0;
        r = module_path_follow(row->root, release->release, effective->path, &target);
        if (exhausted(r))
                return r;
        effective->gone = r < 0 && r != -EXDEV;
        /* A file of an external directory lies outside, and needs no link for that. */
        effective->linked = r < 0 ? r == -EXDEV && effective->path[0] != '/'
                                  : strcmp(target, effective->path) != 0;
        if (target)
                effective->file = catalogue_file_at(release, target);
        return 0;
}

/* Fills one release's row; without a module index it has no files. */
static int read_effective_row(const Row *own, EffectiveFile *row)
{
        const ModprobeRelease *release = &own->release;
        const StringSet *modules = &own->facts->catalogue->modules;

        for (size_t i = 0; i < modules->count; i++) {
                const char *module = modules->items[i];
                int r = release->index ? module_index_resolve(release->index, module, &row[i].path) : 0;

                if (r >= 0 && row[i].path)
                        r = follow_effective(own, module, &row[i]);
                if (exhausted(r))
                        return r;
                row[i].builtin = release->index && module_index_is_builtin(release->index, module);
                r = modprobe_load_read(release, module, &row[i].load);
                if (r >= 0 && string_set_contains(&own->facts->selection->blocked, module))
                        r = read_unblocked(release, module, &row[i]);
                if (r < 0)
                        return r;
        }
        return 0;
}

/* The devices for which modprobe.d has udev load something else than the index says. */
static int add_aliased(const ModprobeRelease *release, const char *modalias, size_t position, Facts *facts)
{
        AliasedDevice device = { .position = position };
        int r = modprobe_alias_read(release, modalias, &device.line, &device.loaded, &device.listed);

        if (r >= 0 && device.line) {
                r = -ENOMEM;
                if (array_reserve(facts->aliased, facts->aliased_count)) {
                        facts->aliased[facts->aliased_count++] = device;
                        return 0;
                }
        }
        aliased_device_done(&device);
        return r;
}

static int read_aliased(const ModprobeRelease *release, Facts *facts)
{
        int r = 0;

        for (size_t i = 0; i < hardware_count(facts->hardware) && r >= 0; i++)
                r = add_aliased(release, hardware_modalias(facts->hardware, i), i, facts);
        return r;
}

static int read_release(const HostRoot *root, size_t position, Facts *facts)
{
        const Catalogue *catalogue = facts->catalogue;
        const char *name = catalogue->releases[position].release;
        ModuleIndex *index CLEANUP(module_index_freep) = NULL;
        Row row = { .root = root,
                .facts = facts,
                .position = position,
                .release = { .common = &facts->modprobe, .own = &facts->softdeps[position] } };
        int r = module_index_open(root, name, &index);

        if (exhausted(r))
                return r;
        row.release.index = index;
        r = modprobe_rules_read_release(root, name, &facts->softdeps[position]);
        if (r >= 0)
                r = depmod_config_read(root, name, &facts->depmod[position]);
        if (r >= 0)
                r = read_effective_row(&row, facts->effective + position * catalogue->modules.count);
        if (r >= 0 && strcmp(name, facts->kernel) == 0)
                r = read_aliased(&row.release, facts);
        return r;
}

static int read_effective(const HostRoot *root, Facts *facts)
{
        const Catalogue *catalogue = facts->catalogue;
        int r = 0;

        facts->effective = calloc(
                        catalogue->release_count * catalogue->modules.count + 1, sizeof(*facts->effective));
        facts->softdeps = calloc(catalogue->release_count + 1, sizeof(*facts->softdeps));
        facts->depmod = calloc(catalogue->release_count + 1, sizeof(*facts->depmod));
        if (!facts->effective || !facts->softdeps || !facts->depmod)
                return -ENOMEM;
        for (size_t i = 0; i < catalogue->release_count && r >= 0; i++)
                r = read_release(root, i, facts);
        return r;
}

/* What PREVIOUS knows of the release's image, if that is still the same and was read for all modules. */
static InitramfsImage *known_image(const Facts *facts, const char *release, const char *path,
                const FileStamp *stamp, const StringSet *modules)
{
        for (size_t i = 0; facts->images && i < facts->catalogue->release_count; i++) {
                InitramfsImage *image = facts->images[i];

                if (!image || strcmp(image->release, release) != 0)
                        continue;
                if (strcmp(image->path, path) != 0 || !file_stamp_equal(&image->stamp, stamp))
                        return NULL;
                for (size_t j = 0; j < modules->count; j++)
                        if (!string_set_contains(&image->asked, modules->items[j]))
                                return NULL;
                return image;
        }
        return NULL;
}

/* Takes from PREVIOUS (may be NULL) the images that haven't changed. 0 or -ENOMEM. */
static int keep_images(const HostRoot *root, const Facts *previous, Facts *facts)
{
        const Catalogue *catalogue = facts->catalogue;

        facts->images = calloc(catalogue->release_count + 1, sizeof(InitramfsImage *));
        if (!facts->images)
                return -ENOMEM;
        for (size_t i = 0; i < catalogue->release_count; i++) {
                const char *release = catalogue->releases[i].release;
                char *path CLEANUP_FREE = NULL;
                FileStamp stamp;
                int r = initramfs_find_unified(root, release, &facts->unified);

                if (r >= 0)
                        r = initramfs_find(root, release, &path, &stamp);
                if (r >= 0)
                        r = initramfs_find_others(root, release, path, &facts->other_images);
                if (exhausted(r))
                        return r;
                if (r >= 0 && previous)
                        facts->images[i] = initramfs_image_ref(
                                        known_image(previous, release, path, &stamp, &catalogue->modules));
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
                r = read_installed(root, facts);
        if (r >= 0)
                r = read_disabled(root, facts);
        if (r >= 0)
                r = driver_tool_mock_find(root, &facts->driver_tool_mock);
        if (r >= 0)
                r = selection_read(root, facts->catalogue, &facts->selection);
        if (r >= 0)
                r = hardware_read(root, &facts->hardware);
        if (r >= 0)
                r = read_loaded(root, facts);
        if (r >= 0)
                r = modprobe_rules_read(root, &facts->modprobe);
        if (r >= 0)
                r = modprobe_rules_support(root, &facts->modprobe, &facts->supported_only);
        if (r >= 0)
                r = kmod_formats_read(&facts->formats);
        if (r >= 0)
                r = read_effective(root, facts);
        if (r >= 0)
                r = keep_images(root, previous, facts);
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

/* True if the release has a module that a package ships: others have no version to compare with. */
static bool has_drivers(const CatalogueRelease *release)
{
        for (size_t i = 0; i < release->count; i++)
                if (release->files[i].tree->has_packages)
                        return true;
        return false;
}

int facts_unread_image(
                const HostRoot *root, const Facts *facts, size_t from, size_t *ret_release, char **ret_path)
{
        for (size_t i = from; facts->images && i < facts->catalogue->release_count; i++) {
                const CatalogueRelease *release = &facts->catalogue->releases[i];
                FileStamp stamp;
                int r;

                if (facts->images[i] || !has_drivers(release))
                        continue;
                r = initramfs_find(root, release->release, ret_path, &stamp);
                if (exhausted(r))
                        return r;
                if (r < 0)
                        continue;
                *ret_release = i;
                return 1;
        }
        return 0;
}

void facts_put_image(Facts *facts, InitramfsImage *image)
{
        for (size_t i = 0; facts->images && i < facts->catalogue->release_count; i++)
                if (strcmp(facts->catalogue->releases[i].release, image->release) == 0) {
                        (void) initramfs_image_unref(facts->images[i]);
                        facts->images[i] = initramfs_image_ref(image);
                        return;
                }
}
