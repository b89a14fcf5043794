/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The driver as a value: its end, its parts by name, and in what two values differ. */

#include "model/driver.h"

#include <string.h>

#include "util/text-format.h"

bool driver_reboot_required(LoadState state, const char *selected, const char *active)
{
        return state == LOAD_LIVE && strcmp(selected, active) != 0;
}

char *driver_reboot_reason(const Driver *driver)
{
        if (!driver->reboot_required)
                return NULL;
        return text_new("%s%s is loaded, and %s%s is selected for the next boot.",
                        *driver->active ? "version " : "a version that can't be told", driver->active,
                        *driver->selected ? "version " : "none", driver->selected);
}

static void driver_version_done(DriverVersion *version)
{
        free(version->id);
        free(version->package);
        free(version->directory);
        string_set_done(&version->releases);
        free(version->path);
        version->file = module_file_unref(version->file);
        version->info = tree_info_unref(version->info);
}

Driver *driver_free(Driver *driver)
{
        if (!driver)
                return NULL;
        for (size_t i = 0; i < driver->version_count; i++)
                driver_version_done(&driver->versions[i]);
        for (size_t i = 0; i < driver->release_count; i++) {
                free(driver->releases[i].release);
                free(driver->releases[i].selected);
                free(driver->releases[i].effective);
                free(driver->releases[i].initramfs);
                free(driver->releases[i].in_initramfs);
        }
        free(driver->versions);
        free(driver->releases);
        free(driver->name);
        free(driver->package);
        free(driver->selected);
        free(driver->effective);
        free(driver->active);
        free(driver->description);
        free(driver->type);
        string_set_done(&driver->devices);
        string_set_done(&driver->uncovered);
        drift_list_done(&driver->drifts);
        problem_list_done(&driver->problems);
        free(driver);
        return NULL;
}

const char *driver_version_told(const DriverVersion *version)
{
        return version->info ? version->info->version : "";
}

const char *driver_version_status(const DriverVersion *version)
{
        return version->info ? version->info->status : "";
}

DeviceClaim driver_version_claim(const Driver *driver, const DriverVersion *version)
{
        return (DeviceClaim){ version->file, version->info, driver->name };
}

const DriverVersion *driver_version(const Driver *driver, const char *id)
{
        for (size_t i = 0; i < driver->version_count; i++)
                if (strcmp(driver->versions[i].id, id) == 0)
                        return &driver->versions[i];
        return NULL;
}

const DriverVersion *driver_version_of_file(const Driver *driver, const CatalogueFile *file)
{
        for (size_t i = 0; i < driver->version_count; i++) {
                const DriverVersion *version = &driver->versions[i];

                if (version->tree == file->tree && strcmp(version->directory, file->version) == 0 &&
                                strcmp(version->package, file->package) == 0)
                        return version;
        }
        return NULL;
}

const DriverRelease *driver_release(const Driver *driver, const char *release)
{
        for (size_t i = 0; i < driver->release_count; i++)
                if (strcmp(driver->releases[i].release, release) == 0)
                        return &driver->releases[i];
        return NULL;
}

const CatalogueFile *driver_version_file(
                const Facts *facts, const Driver *driver, const DriverVersion *version, const char *release)
{
        const CatalogueRelease *found = catalogue_release(facts->catalogue, release);
        const CatalogueFile *files;
        size_t count = 0;

        if (!found)
                return NULL;
        files = catalogue_find(found, driver->name, &count);
        for (size_t i = 0; i < count; i++)
                if (driver_version_of_file(driver, &files[i]) == version)
                        return &files[i];
        return NULL;
}
