/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* udev and the devices that wait for a driver are told. */
#pragma once

#include "change/stages/stage.h"

extern const Stage stage_devices;

/* Adds the sysfs paths of the devices that the version of DRIVER which is selected by SUBJECT covers in the
 * running release, and that have no driver. None if anything of that name is loaded. 0 or -ENOMEM. */
int devices_find_waiting(const HostRoot *root, const Facts *facts, const Driver *driver,
                const PlanSubject *subject, StringSet *ret) WARN_UNUSED NONNULL(1, 2, 3, 4, 5);

/* Has the kernel send the uevent "add" for each device (Documentation/ABI/testing/sysfs-uevent), on which
 * udev loads the driver. 0, or the first negative errno, with the device's path (borrowed) in *ret_failed;
 * the others are announced all the same. */
int devices_announce(const HostRoot *root, const StringSet *devices, const char **ret_failed) WARN_UNUSED
                NONNULL(1, 2, 3);
