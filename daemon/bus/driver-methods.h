/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A driver's methods and its larger property, for its vtable. Each gets the DriverEntry as its userdata. */
#pragma once

#include <systemd/sd-bus.h>

#include "model/driver.h"

int driver_check(sd_bus_message *message, void *userdata, sd_bus_error *error);
int driver_why(sd_bus_message *message, void *userdata, sd_bus_error *error);

/* Appends VersionDetails, a{sa{sv}}. HARDWARE is that of the facts which DRIVER was derived from. */
int driver_append_details(sd_bus_message *reply, const Hardware *hardware, const Driver *driver);
