/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Tells the bus of changes: the only place that emits PropertiesChanged, InterfacesAdded and -Removed. */
#pragma once

#include <stdint.h>
#include <systemd/sd-bus.h>

#include "registry/registry.h"

/* Emit for the bits of CHANGES; nothing for none. A signal that can't be sent is no reason to stop: it is
 * logged. BUS may be NULL, and then nobody is told. */
void announce_driver_job(sd_bus *bus, const char *driver) NONNULL(2);
void announce_job(sd_bus *bus, const char *path, unsigned changes) NONNULL(2); /* JobChange */

void announce_added(sd_bus *bus, const char *path) NONNULL(2);
/* While the object can still be found. */
void announce_removed(sd_bus *bus, const char *path) NONNULL(2);

/* Tells *BUS of what changes in a registry, and the journal of new problems of the host. BUS is borrowed. */
RegistryObserver announce_registry(sd_bus **bus) NONNULL(1);

/* The Manager's signals JobNew (RESULT NULL) and JobRemoved. */
void announce_job_signal(sd_bus *bus, uint32_t id, const char *path, const char *driver, const char *result)
                NONNULL(3, 4);
