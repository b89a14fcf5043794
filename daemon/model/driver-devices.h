/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* For which devices of this host udev would load a version, were it selected: what the version is for, and
 * what modprobe.d and the kernel's command line leave of that in the running kernel. Pure. */
#pragma once

#include "model/derivation.h"

/* How far one version gets. The facts and the module are borrowed. */
typedef struct DeviceReach {
        const Facts *facts;
        const char *module;
        bool never; /* an install line blocks it, the kernel refuses it or has it built in, or what it needs
                       is kept from being loaded */
        bool blacklisted; /* so that it is loaded with others alone */
} DeviceReach;

/* The block of a deselection, which selecting the version ends, doesn't count. */
DeviceReach driver_version_reach(const Facts *facts, const Driver *driver, const DriverVersion *version)
                NONNULL(1, 2, 3);

/* Whether udev loads it for devices with that modalias, which it is for. */
bool device_reach_covers(const DeviceReach *reach, const char *modalias) NONNULL(1, 2);

/* Adds the sysfs paths of the devices that the version is for: to ret_covers if it would be loaded for them,
 * else to ret_kept. 0 or -ENOMEM. */
int driver_version_devices(const Facts *facts, const Driver *driver, const DriverVersion *version,
                StringSet *ret_covers, StringSet *ret_kept) WARN_UNUSED NONNULL(1, 2, 3, 4, 5);

/* Fills what versions are kept from, so that a change of it is seen. 0 or -ENOMEM. */
int driver_derive_devices(const Derivation *derivation) WARN_UNUSED NONNULL(1);
