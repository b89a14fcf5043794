/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The Manager's methods, for its vtable. Each gets the Service as its userdata. */
#pragma once

#include <systemd/sd-bus.h>

int manager_list_drivers(sd_bus_message *message, void *userdata, sd_bus_error *error);
int manager_list_versions(sd_bus_message *message, void *userdata, sd_bus_error *error);
int manager_list_devices(sd_bus_message *message, void *userdata, sd_bus_error *error);
int manager_get_driver(sd_bus_message *message, void *userdata, sd_bus_error *error);
int manager_get_driver_by_uuid(sd_bus_message *message, void *userdata, sd_bus_error *error);
int manager_list_jobs(sd_bus_message *message, void *userdata, sd_bus_error *error);
int manager_get_history(sd_bus_message *message, void *userdata, sd_bus_error *error);
int manager_get_initramfs(sd_bus_message *message, void *userdata, sd_bus_error *error);
int manager_compare_versions(sd_bus_message *message, void *userdata, sd_bus_error *error);
