/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which object a driver is on the bus, and which driver somebody means. */
#pragma once

#include <systemd/sd-bus.h>

#include "registry/registry.h"

/* The path of a driver's object; the caller frees *ret. 0 or -ENOMEM. */
int driver_path(const char *name, char **ret) WARN_UNUSED NONNULL(1, 2);

/* By the module's name in any spelling, or by a package that ships one module. If there is none: NULL, with
 * ERROR set. */
DriverEntry *driver_look_up(const Registry *registry, const char *name, sd_bus_error *error) NONNULL(1, 2);
