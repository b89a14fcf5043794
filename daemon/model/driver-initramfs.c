/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which version each release's initramfs holds, and whether that is the selected one. No I/O. */

#include "model/driver-initramfs.h"

#include <errno.h>
#include <string.h>

#include "host/initramfs/initramfs-generator.h"
#include "model/image-modprobe.h"
#include "util/text-format.h"

/* The version inside; the selected one if the same content has several names. NULL if it can't be told. */
static const DriverVersion *version_inside(
                const Derivation *derivation, size_t release, const InitramfsModule *module)
{
        const char *selected = derivation->driver->releases[release].selected;
        const DriverVersion *found = NULL;
        const CatalogueFile *files;
        size_t count = 0;
        bool several = false;

        files = catalogue_find(&derivation->facts->catalogue->releases[release], derivation->name, &count);
        for (size_t i = 0; i < count; i++) {
                const DriverVersion *version = driver_version_of_file(derivation->driver, &files[i]);

                if (!version || !initramfs_module_is(module, files[i].file))
                        continue;
                if (strcmp(version->id, selected) == 0)
                        return version;
                several = several || found;
                found = version;
        }
        return several ? NULL : found;
}

/* What is wrong with what the image holds, as the rest of a sentence; NULL: nothing. The caller frees *ret.
 */
static int describe(const Derivation *derivation, const DriverRelease *release, bool held, bool blocked,
                char **ret)
{
        const char *version = *release->in_initramfs ? "version " : "an unknown version";
        int r = 0;

        if (!held)
                return 0;
        if (*release->selected && strcmp(release->selected, release->in_initramfs) != 0)
                r = text_format(ret,
                                "holds %s%s of %s, but version %s is selected, so that a boot may load "
                                "the other one",
                                version, release->in_initramfs, derivation->name, release->selected);
        else if (*release->selected && blocked)
                r = text_format(ret, "still keeps %s from being loaded, though version %s is selected",
                                derivation->name, release->selected);
        else if (!*release->selected && release->chosen && !blocked)
                r = text_format(ret,
                                "holds %s%s of %s, but none is selected, so that a boot may load it "
                                "all the same",
                                version, release->in_initramfs, derivation->name);
        return r;
}

static int add_problem(const Derivation *derivation, const DriverRelease *release,
                const InitramfsImage *image, const char *what)
{
        char *advice CLEANUP_FREE = initramfs_generator_advice(
                        derivation->facts->generator, release->release, image->path);

        if (!advice)
                return -ENOMEM;
        return problem_list_add(&derivation->driver->problems, SEVERITY_WARNING, "initramfs-stale",
                        "The initramfs %s of kernel %s %s. %s", image->path, release->release, what, advice);
}

static int find_alias(const Derivation *derivation, const InitramfsImage *image, const char *modalias,
                ImageDifference *ret)
{
        char *name CLEANUP_FREE = strdup(modalias);

        if (!name)
                return -ENOMEM;
        return modprobe_name_spell(name) &&
               image_modprobe_differs(
                               &image->modprobe, &derivation->facts->modprobe, derivation->name, name, ret);
}

/* Of what the selected version says that it needs. */
static int find_needed(const Derivation *derivation, const DriverVersion *version,
                const InitramfsImage *image, ImageDifference *ret)
{
        StringSet needs CLEANUP_STRING_SET = { 0 };
        int r = module_file_dependencies(version->file, &needs);

        for (size_t i = 0; i < needs.count && r >= 0; i++)
                if (image_install_differs(
                                    &image->modprobe, &derivation->facts->modprobe, needs.items[i], ret))
                        return 1;
        return r;
}

/* The first difference in what is loaded by the module's name, or for a device of the selected version. */
static int find_difference(const Derivation *derivation, const DriverRelease *release,
                const InitramfsImage *image, ImageDifference *ret)
{
        const Facts *facts = derivation->facts;
        const DriverVersion *version = driver_version(derivation->driver, release->selected);
        const char *name = derivation->name;
        DeviceClaim claim;
        bool *marks CLEANUP_FREE = NULL;
        int r;

        if (image_modprobe_differs(&image->modprobe, &facts->modprobe, name, name, ret))
                return 1;
        r = version ? find_needed(derivation, version, image, ret) : 0;
        if (r != 0 || !version || !facts->hardware)
                return r;
        marks = calloc(hardware_count(facts->hardware) + 1, sizeof(*marks));
        if (!marks)
                return -ENOMEM;
        claim = driver_version_claim(derivation->driver, version);
        (void) hardware_match(facts->hardware, &claim, marks);
        for (size_t i = 0; i < hardware_count(facts->hardware); i++) {
                r = marks[i] ? find_alias(derivation, image, hardware_modalias(facts->hardware, i), ret) : 0;

                if (r != 0)
                        return r;
        }
        return 0;
}

/* Of a module that the image holds. Whether the image has the block of a deselected one is told as stale. */
static int check_modprobe(
                const Derivation *derivation, const DriverRelease *release, const InitramfsImage *image)
{
        char *what CLEANUP_FREE = NULL, *advice CLEANUP_FREE = NULL;
        ImageDifference difference;
        int r;

        if (!string_set_contains(&derivation->facts->selection->blocked, derivation->name))
                r = find_difference(derivation, release, image, &difference);
        else
                r = string_set_contains(&image->blocked, derivation->name) &&
                    image_block_is_defeated(&image->modprobe, &derivation->facts->modprobe, derivation->name,
                                    &difference);
        if (r <= 0)
                return r;
        what = image_difference_text(&difference);
        advice = initramfs_generator_advice(derivation->facts->generator, release->release, image->path);
        if (!what || !advice)
                return -ENOMEM;
        return problem_list_add(&derivation->driver->problems, SEVERITY_WARNING, "initramfs-modprobe",
                        "The initramfs %s of kernel %s %s %s", image->path, release->release, what, advice);
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
                char *what CLEANUP_FREE = NULL;
                int r;

                if (!image || image->error != 0)
                        continue;
                version = module ? version_inside(derivation, i, module) : NULL;
                release->initramfs = strdup(image->path);
                release->in_initramfs = strdup(version ? version->id : "");
                if (!release->initramfs || !release->in_initramfs)
                        return -ENOMEM;
                r = describe(derivation, release, module,
                                string_set_contains(&image->blocked, derivation->name), &what);
                release->initramfs_holds = module;
                release->initramfs_stale = what;
                if (r >= 0 && what && !derivation_is_settling(derivation, release->release))
                        r = add_problem(derivation, release, image, what);
                if (r >= 0 && module && !derivation_is_settling(derivation, release->release))
                        r = check_modprobe(derivation, release, image);
                if (r < 0)
                        return r;
        }
        return 0;
}
