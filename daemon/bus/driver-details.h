/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The property VersionDetails of a driver. */
#pragma once

#include <systemd/sd-bus.h>

#include "model/driver.h"

/* Appends a{sa{sv}}. HARDWARE is that of the facts which DRIVER was derived from. */
int driver_append_details(sd_bus_message *reply, const Hardware *hardware, const Driver *driver) WARN_UNUSED
                NONNULL(1, 2, 3);
