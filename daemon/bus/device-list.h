/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The devices that drivers cover or drive, with the versions that cover each: the Manager's ListDevices. */
#pragma once

#include <systemd/sd-bus.h>

/* For the vtable; USERDATA is the Service. */
int manager_list_devices(sd_bus_message *message, void *userdata, sd_bus_error *error);
