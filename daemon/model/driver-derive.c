/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Derives a driver from the facts: calls its parts in order and fills what belongs to none of them. */

#include "model/driver-derive.h"

#include <errno.h>
#include <string.h>

#include "model/driver-active.h"
#include "model/driver-devices.h"
#include "model/driver-initramfs.h"
#include "model/driver-modprobe-problems.h"
#include "model/driver-problems.h"
#include "model/driver-selected.h"
#include "model/driver-selection-problems.h"
#include "model/driver-versions.h"

/* The version that the description, the type and the package are those of: the selected one, else the newest
 * that a package ships. Every driver has one. */
static const DriverVersion *leading_version(const Driver *driver)
{
        const DriverVersion *selected = driver_version(driver, driver->selected);

        if (selected && selected->tree->has_packages)
                return selected;
        return driver->version_count > 0 ? &driver->versions[driver->version_count - 1] : NULL;
}

static const char *first_package(const Driver *driver)
{
        const char *first = NULL;

        for (size_t i = 0; i < driver->version_count; i++) {
                const char *package = driver->versions[i].package;

                if (*package && (!first || strcmp(package, first) < 0))
                        first = package;
        }
        return first ? first : "";
}

static const char *type_of(const DriverVersion *version)
{
        return version->info ? version->info->type : "";
}

static const char *description_of(const DriverVersion *version)
{
        return version->info && *version->info->description ? version->info->description
                                                            : version->file->description;
}

/* Of the leading version; where that says nothing, since a file is missing or can't be read, of the newest
 * one that does. */
static const char *text_of(const Driver *driver, const char *(*text)(const DriverVersion *version))
{
        const DriverVersion *leading = leading_version(driver);
        const char *found = leading ? text(leading) : "";

        for (size_t i = driver->version_count; i > 0 && !*found; i--)
                found = text(&driver->versions[i - 1]);
        return found;
}

static int derive_texts(const Derivation *derivation)
{
        Driver *driver = derivation->driver;
        const DriverVersion *selected = driver_version(driver, driver->selected);

        driver->description = strdup(text_of(driver, description_of));
        driver->type = strdup(text_of(driver, type_of));
        driver->package = strdup(selected && *selected->package ? selected->package : first_package(driver));
        return driver->description && driver->type && driver->package ? 0 : -ENOMEM;
}

static int derive_hardware(const Derivation *derivation)
{
        Driver *driver = derivation->driver;

        for (size_t i = 0; i < driver->version_count; i++)
                driver->hardware_present = driver->hardware_present || driver->versions[i].covered != 0;
        return string_set_add_all(&driver->devices, &derivation->loaded->devices);
}

int driver_derive(const Facts *facts, size_t module, Driver **ret)
{
        return driver_derive_wanted(facts, module, NULL, 0, NULL, ret);
}

int driver_derive_wanted(const Facts *facts, size_t module, const WantedVersion *wanted, size_t wanted_count,
                const StringSet *settling, Driver **ret)
{
        static int (*const parts[])(const Derivation *derivation) = {
                driver_derive_versions,
                driver_derive_selected,
                driver_derive_devices,
                driver_derive_active,
                derive_texts,
                derive_hardware,
                driver_derive_file_problems,
                driver_derive_selection_problems,
                driver_derive_modprobe_problems,
                driver_derive_package_problems,
                driver_derive_initramfs,
        };
        Driver *driver CLEANUP(driver_freep) = calloc(1, sizeof(*driver));
        Derivation derivation = {
                .facts = facts,
                .module = module,
                .name = facts->catalogue->modules.items[module],
                .loaded = &facts->loaded[module],
                .wanted = wanted,
                .wanted_count = wanted_count,
                .settling = settling,
                .driver = driver,
        };

        if (!driver)
                return -ENOMEM;
        driver->name = strdup(derivation.name);
        if (!driver->name)
                return -ENOMEM;
        for (size_t i = 0; i < ELEMENTSOF(parts); i++) {
                int r = parts[i](&derivation);

                if (r < 0)
                        return r;
        }
        *ret = STEAL(driver);
        return 0;
}
