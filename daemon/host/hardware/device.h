/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What sysfs says of one device now: its bus and the driver that it is bound to. Read only. */
#pragma once

#include "host/root.h"

typedef struct Device {
        char *bus;    /* "pci"; the class for a device of a class; "" if it has neither */
        char *driver; /* the name that the driver has on its bus; "" if no driver is bound */
        char *module; /* canonical name of the module that the driver is of; "" if it is built in */
} Device;

/* PATH is "/sys/devices/…". A device that isn't there any more has neither bus nor driver. 0 with *ret set,
 * or -ENOMEM. End it with device_done(). */
int device_read(const HostRoot *root, const char *path, Device *ret) WARN_UNUSED NONNULL(1, 2, 3);
void device_done(Device *device) NONNULL(1);
#define CLEANUP_DEVICE CLEANUP(device_done)
