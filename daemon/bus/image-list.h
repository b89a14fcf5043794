/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The Manager's method GetInitramfs. */
#pragma once

#include <systemd/sd-bus.h>

/* For the vtable; USERDATA is the Service. */
int manager_get_initramfs(sd_bus_message *message, void *userdata, sd_bus_error *error);
