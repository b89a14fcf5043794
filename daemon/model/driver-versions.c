/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The versions of a driver: the files of all kernel releases, folded together and put in order. */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "model/driver-derive.h"
#include "model/version-order.h"

/* How much of its origin an id must name so that no two versions share one. */
typedef enum IdForm {
        ID_VERSION,
        ID_PACKAGE_VERSION,
        ID_TREE_PACKAGE_VERSION, /* two trees hold packages of one name */
} IdForm;

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

static IdForm id_form(const Driver *driver)
{
        IdForm form = ID_VERSION;

        for (size_t i = 0; i < driver->version_count; i++) {
                const DriverVersion *a = &driver->versions[i];

                if (!a->tree->has_packages)
                        continue;
                for (size_t j = 0; j < i; j++) {
                        const DriverVersion *b = &driver->versions[j];

                        if (!b->tree->has_packages)
                                continue;
                        if (strcmp(a->package, b->package) != 0 && form < ID_PACKAGE_VERSION)
                                form = ID_PACKAGE_VERSION;
                        else if (strcmp(a->package, b->package) == 0 && a->tree != b->tree)
                                form = ID_TREE_PACKAGE_VERSION;
                }
        }
        return form;
}

static char *spell(const DriverVersion *version, IdForm form)
{
        char *id;
        int r;

        if (!version->tree->has_packages || form == ID_VERSION)
                return strdup(version->directory);
        if (form == ID_PACKAGE_VERSION)
                r = asprintf(&id, "%s/%s", version->package, version->directory);
        else
                r = asprintf(&id, "%s/%s/%s", version->tree->name, version->package, version->directory);
        return r < 0 ? NULL : id;
}

bool driver_version_is_reserved(const DriverVersion *version)
{
        return version->tree->has_packages && strcmp(version->directory, KERNEL_VERSION_ID) == 0;
}

static int name_version(DriverVersion *version, IdForm form)
{
        /* No other version is renamed for it. */
        if (form < ID_PACKAGE_VERSION && driver_version_is_reserved(version))
                form = ID_PACKAGE_VERSION;
        version->id = spell(version, form);
        return version->id ? 0 : -ENOMEM;
}

char *driver_version_full(const DriverVersion *version)
{
        return spell(version, ID_TREE_PACKAGE_VERSION);
}

/* Passes over WORD and the slash behind it. */
static bool pass(const char **text, const char *word)
{
        size_t size = strlen(word);

        if (strncmp(*text, word, size) != 0 || (*text)[size] != '/')
                return false;
        *text += size + 1;
        return true;
}

static bool is_spelled(const DriverVersion *version, IdForm form, const char *text)
{
        if (!version->tree->has_packages)
                return false;
        if (form == ID_TREE_PACKAGE_VERSION && !pass(&text, version->tree->name))
                return false;
        if (form != ID_VERSION && !pass(&text, version->package))
                return false;
        return strcmp(text, version->directory) == 0;
}

/* NULL if it isn't exactly one. */
static const DriverVersion *find_spelled(const Driver *driver, IdForm form, const char *text)
{
        const DriverVersion *found = NULL;

        for (size_t i = 0; i < driver->version_count; i++) {
                if (!is_spelled(&driver->versions[i], form, text))
                        continue;
                if (found)
                        return NULL;
                found = &driver->versions[i];
        }
        return found;
}

const DriverVersion *driver_version_meant(const Driver *driver, const char *text)
{
        const DriverVersion *version = find_spelled(driver, ID_TREE_PACKAGE_VERSION, text);

        if (!version)
                version = driver_version(driver, text);
        /* The bare word is never anything else's. */
        if (version || strcmp(text, KERNEL_VERSION_ID) == 0)
                return version;
        version = find_spelled(driver, ID_PACKAGE_VERSION, text);
        return version ? version : find_spelled(driver, ID_VERSION, text);
}

int driver_derive_versions(const Derivation *derivation)
{
        Driver *driver = derivation->driver;
        IdForm form;
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
