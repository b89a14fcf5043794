/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Turns what the registry says into paths and errors. */

#include "bus/driver-lookup.h"

#include <errno.h>

#include "bus/error.h"
#include "bus/object.h"
#include "host/name.h"

int driver_path(const char *name, char **ret)
{
        return sd_bus_path_encode(DRIVER_PREFIX, name, ret);
}

DriverEntry *driver_look_up(const Registry *registry, const char *name, sd_bus_error *error)
{
        char *printable CLEANUP_FREE = NULL;
        size_t count;
        DriverEntry *found = registry_look_up(registry, name, &count);

        if (count == 1)
                return found;
        printable = name_escape(name);
        if (!printable)
                (void) sd_bus_error_set_errno(error, -ENOMEM);
        else if (found)
                (void) error_refuse(error, REFUSAL_NO_SUCH_DRIVER,
                                "The package '%s' ships %zu drivers; name one of them, such as '%s'.",
                                printable, count, found->name);
        else
                (void) error_refuse(error, REFUSAL_NO_SUCH_DRIVER,
                                "No driver '%s' is installed in a version of its own.", printable);
        return NULL;
}
