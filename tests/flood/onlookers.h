/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Those who use the service while it is flooded: somebody who lists drivers, and root who selects. */
#pragma once

#include <glib.h>
#include <systemd/sd-bus.h>

#include "util/macros.h"

/* What the bus refuses by itself, since the service's queue there is full, is tried again: the ten seconds
 * count from the first try. */
typedef struct Lister {
        sd_bus *bus;
        sd_bus_slot *slot;
        bool is_stopping;
        unsigned drivers; /* that each answer must name */
        unsigned answers, refused;
        gint64 begin, longest; /* µs */
        GArray *taken;         /* double, ms: of each answer */
} Lister;

/* Calls ListDrivers over BUS, one call after the other. An answer that is none, or takes ten seconds, fails
 * the test. */
Lister *lister_new(sd_bus *bus, unsigned drivers) NONNULL(1);
/* Waits for the last answer. Takes NULL. */
Lister *lister_free(Lister *lister);

typedef struct Selecter {
        sd_bus *bus;
        sd_bus_slot *slot, *match;
        const char *path;
        char *job; /* whose end it waits for, or NULL */
        bool is_stopping;
        unsigned selections, refused;
        gint64 begin, longest; /* µs, from the call to the end of its job */
} Selecter;

/* Selects the versions 1.0 and 2.0 of the driver at PATH in turn over BUS, each when the last one's job is
 * done. A call or a job that fails fails the test. */
Selecter *selecter_new(sd_bus *bus, const char *path) NONNULL(1, 2);
/* Waits for the last job's end. Takes NULL. */
Selecter *selecter_free(Selecter *selecter);
