/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The property VersionDetails of a driver. */
#pragma once

#include <systemd/sd-bus.h>

#include "model/driver.h"

/* Appends a{sa{sv}}. FACTS are those which DRIVER was derived from. */
int driver_append_details(sd_bus_message *reply, const Facts *facts, const Driver *driver) WARN_UNUSED
                NONNULL(1, 2, 3);
