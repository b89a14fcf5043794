/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Finds drivers by what people and programs call them. It changes nothing. */

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "bus/error.h"
#include "registry/registry.h"
#include "host/name.h"

DriverEntry *registry_find(const Registry *registry, const char *name)
{
        for (size_t low = 0, high = registry->count; low < high;) {
                size_t middle = low + (high - low) / 2;
                int order = strcmp(name, registry->entries[middle]->name);

                if (order == 0)
                        return registry->entries[middle];
                if (order < 0)
                        high = middle;
                else
                        low = middle + 1;
        }
        return NULL;
}

DriverEntry *registry_find_uuid(const Registry *registry, const char *uuid)
{
        for (size_t i = 0; i < registry->count; i++)
                if (strcasecmp(registry->entries[i]->uuid, uuid) == 0)
                        return registry->entries[i];
        return NULL;
}

static bool is_shipped_by(const Driver *driver, const char *package)
{
        for (size_t i = 0; *package && i < driver->version_count; i++)
                if (strcmp(driver->versions[i].package, package) == 0)
                        return true;
        return false;
}

DriverEntry *registry_look_up(const Registry *registry, const char *name, sd_bus_error *error)
{
        char *canonical CLEANUP_FREE = NULL, *printable CLEANUP_FREE = NULL;
        DriverEntry *found = NULL;
        size_t shipped = 0;

        if (module_name_canonical(name, &canonical) >= 0) {
                found = registry_find(registry, canonical);
                if (found)
                        return found;
        }
        for (size_t i = 0; i < registry->count; i++)
                if (is_shipped_by(registry->entries[i]->value, name)) {
                        found = registry->entries[i];
                        shipped++;
                }
        if (shipped == 1)
                return found;
        printable = name_escape(name);
        if (!printable)
                (void) sd_bus_error_set_errno(error, -ENOMEM);
        else if (shipped > 1)
                (void) error_refuse(error, REFUSAL_NO_SUCH_DRIVER,
                                "The package '%s' ships %zu drivers; name one of them, such as '%s'.",
                                printable, shipped, found->name);
        else
                (void) error_refuse(error, REFUSAL_NO_SUCH_DRIVER,
                                "No driver '%s' is installed in a version of its own.", printable);
        return NULL;
}
