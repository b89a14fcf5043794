/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The versions of a driver: the files of all kernel releases, folded together and put in order. */

#include "model/driver-versions.h"

#include <errno.h>
#include <string.h>

#include "model/version-id.h"
#include "model/version-order.h"

static const CatalogueFile *files_of(const Derivation *derivation, size_t release, size_t *ret_count)
{
        *ret_count = 0;
        return catalogue_find(&derivation->facts->catalogue->releases[release], derivation->name, ret_count);
}

static int fill_hardware(const Derivation *derivation, DriverVersion *version)
{
        const Hardware *hardware = derivation->facts->hardware;
        const DeviceClaim claim = driver_version_claim(derivation->driver, version);
        int r;

        if (!hardware)
                return 0;
        r = hardware_fingerprint(hardware, &claim, &version->covered);
        if (r < 0)
                return r;
        /* A host without any modalias doesn't show its hardware. */
        version->hardware_missing = version->covered == 0 && hardware_count(hardware) > 0 &&
                                    device_claim_is_on_hardware(&claim);
        return 0;
}

static int fill_file(const Derivation *derivation, DriverVersion *version, const CatalogueFile *file)
{
        free(version->path);
        version->path = strdup(file->path);
        (void) module_file_unref(version->file);
        version->file = module_file_ref(file->file);
        (void) tree_info_unref(version->info);
        version->info = tree_info_ref(file->info);
        return version->path ? fill_hardware(derivation, version) : -ENOMEM;
}

static int new_version(const Derivation *derivation, const CatalogueFile *file, DriverVersion **ret)
{
        Driver *driver = derivation->driver;
        DriverVersion *version = &driver->versions[driver->version_count++];

        *version = (DriverVersion){
                .tree = file->tree,
                .package = strdup(file->package),
                .directory = strdup(file->version),
        };
        *ret = version;
        return version->package && version->directory ? 0 : -ENOMEM;
}

static int add_file(const Derivation *derivation, const char *release, const CatalogueFile *file)
{
        /* The array is the driver's own. */
        DriverVersion *version = (DriverVersion *) driver_version_of_file(derivation->driver, file);
        int r;

        if (!version) {
                r = new_version(derivation, file, &version);
                if (r < 0)
                        return r;
        }
        r = string_set_add(&version->releases, release);
        if (r <= 0)
                return r; /* a version that holds the module twice: the first file counts */
        /* What is told of a version is told of the running kernel's file, if it has one. */
        if (version->file && strcmp(release, derivation->facts->kernel) != 0 &&
                        string_set_contains(&version->releases, derivation->facts->kernel))
                return 0;
        return fill_file(derivation, version, file);
}

static int fold_files(const Derivation *derivation)
{
        const Catalogue *catalogue = derivation->facts->catalogue;
        size_t total = 0;

        for (size_t i = 0; i < catalogue->release_count; i++) {
                size_t count;

                (void) files_of(derivation, i, &count);
                total += count;
        }
        derivation->driver->versions = calloc(total > 0 ? total : 1, sizeof(DriverVersion));
        if (!derivation->driver->versions)
                return -ENOMEM;
        for (size_t i = 0; i < catalogue->release_count; i++) {
                size_t count;
                const CatalogueFile *files = files_of(derivation, i, &count);

                for (size_t j = 0; j < count; j++) {
                        int r = add_file(derivation, catalogue->releases[i].release, &files[j]);

                        if (r < 0)
                                return r;
                }
        }
        return 0;
}

static int compare_versions(const void *a, const void *b)
{
        const DriverVersion *x = a, *y = b;
        bool x_kernel = x->tree->is_fallback, y_kernel = y->tree->is_fallback;
        int order;

        if (x_kernel != y_kernel)
                return x_kernel ? -1 : 1;
        order = version_compare_total(x->directory, y->directory);
        if (order == 0)
                order = strcmp(x->package, y->package);
        return order != 0 ? order : strcmp(x->tree->name, y->tree->name);
}

static VersionIdForm id_form(const Driver *driver)
{
        VersionIdForm form = VERSION_ID_BARE;

        for (size_t i = 0; i < driver->version_count; i++) {
                const DriverVersion *a = &driver->versions[i];

                if (!a->tree->has_packages)
                        continue;
                for (size_t j = 0; j < i; j++) {
                        const DriverVersion *b = &driver->versions[j];

                        if (!b->tree->has_packages)
                                continue;
                        if (strcmp(a->package, b->package) != 0 && form < VERSION_ID_PACKAGE)
                                form = VERSION_ID_PACKAGE;
                        else if (strcmp(a->package, b->package) == 0 && a->tree != b->tree)
                                form = VERSION_ID_FULL;
                }
        }
        return form;
}

static int name_version(DriverVersion *version, VersionIdForm form)
{
        /* No other version is renamed for it. */
        if (form < VERSION_ID_PACKAGE && driver_version_is_reserved(version))
                form = VERSION_ID_PACKAGE;
        version->id = version_id_spell(version, form);
        return version->id ? 0 : -ENOMEM;
}

int driver_derive_versions(const Derivation *derivation)
{
        Driver *driver = derivation->driver;
        VersionIdForm form;
        int r = fold_files(derivation);

        if (r < 0)
                return r;
        qsort(driver->versions, driver->version_count, sizeof(DriverVersion), compare_versions);
        form = id_form(driver);
        for (size_t i = 0; i < driver->version_count; i++) {
                r = name_version(&driver->versions[i], form);
                if (r < 0)
                        return r;
        }
        return 0;
}
