/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which version each release's initramfs holds, and whether that is the selected one. No I/O. */

#include <errno.h>
#include <string.h>

#include "host/initramfs-generator.h"
#include "model/driver-derive.h"

static bool same(const char *a, const char *b)
{
        return *a && strcmp(a, b) == 0;
}

/* Whether a file of the host is the one inside. Generators strip at most debug information, which leaves
 * build-id and srcversion; a file that has neither is told by its version. */
static bool is_inside(const ModuleFile *file, const ModuleFile *inside)
{
        if (*file->build_id && *inside->build_id)
                return same(file->build_id, inside->build_id);
        if (*file->srcversion && *inside->srcversion)
                return same(file->srcversion, inside->srcversion);
        return same(file->version, inside->version);
}

/* The version inside; the selected one if the same content has several names. NULL if it can't be told. */
static const DriverVersion *version_inside(
                const Derivation *derivation, size_t release, const InitramfsModule *module)
{
        const char *selected = derivation->driver->releases[release].selected;
        const DriverVersion *found = NULL;
        const CatalogueFile *files;
        size_t count = 0;
        bool several = false;

        if (!module->file || module->file->defect != MODULE_SOUND)
                return NULL;
        files = catalogue_find(&derivation->facts->catalogue->releases[release], derivation->name, &count);
        for (size_t i = 0; i < count; i++) {
                const DriverVersion *version = driver_version_of_file(derivation->driver, &files[i]);

                if (!version || files[i].file->defect != MODULE_SOUND ||
                                !is_inside(files[i].file, module->file))
                        continue;
                if (strcmp(version->id, selected) == 0)
                        return version;
                several = several || found;
                found = version;
        }
        return several ? NULL : found;
}

static int add_problem(const Derivation *derivation, const DriverRelease *release, const char *image)
{
        char *advice CLEANUP_FREE =
                        initramfs_generator_advice(derivation->facts->generator, release->release, image);

        if (!advice)
                return -ENOMEM;
        return problem_list_add(&derivation->driver->problems, SEVERITY_WARNING, "initramfs-stale",
                        "The initramfs %s of kernel %s holds %s%s of %s, but version %s is selected, so that "
                        "a boot may load the other one. %s",
                        image, release->release, *release->in_initramfs ? "version " : "an unknown version",
                        release->in_initramfs, derivation->name, release->selected, advice);
}

int driver_derive_initramfs(const Derivation *derivation)
{
        const Facts *facts = derivation->facts;
        Driver *driver = derivation->driver;

        for (size_t i = 0; facts->images && i < driver->release_count; i++) {
                const InitramfsImage *image = facts->images[i];
                const InitramfsModule *module =
                                image ? initramfs_image_module(image, derivation->name) : NULL;
                DriverRelease *release = &driver->releases[i];
                const DriverVersion *version;
                int r = 0;

                if (!image || image->error != 0)
                        continue;
                version = module ? version_inside(derivation, i, module) : NULL;
                release->initramfs = strdup(image->path);
                release->in_initramfs = strdup(version ? version->id : "");
                if (!release->initramfs || !release->in_initramfs)
                        return -ENOMEM;
                if (module && *release->selected && strcmp(release->selected, release->in_initramfs) != 0)
                        r = add_problem(derivation, release, image->path);
                if (r < 0)
                        return r;
        }
        return 0;
}
