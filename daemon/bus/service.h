/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the objects on the bus share, and what each of them can have done. It decides nothing. */
#pragma once

#include "bus/jobs.h"
#include "bus/polkit.h"
#include "bus/turns.h"
#include "upkeep/upkeep.h"
#include "watch/watch.h"

typedef struct Call Call; /* call.h */

struct Service {
        sd_event *event;
        sd_bus *bus;
        int lock_fd; /* of SERVICE_LOCK_PATH; negative if it could not be had */
        Upkeep *upkeep;
        const HostRoot *root; /* upkeep's, like the next three */
        Store *store;
        Registry *registry;
        Changer *changer;
        Jobs *jobs;
        sd_bus_slot *gate;
        Callers *callers;
        Polkit *polkit;
        Unread *unread;
        Turns *turns;
        Call *held;                   /* those that the changer works on */
        Watch *watch;                 /* NULL if it could not be had, or the service isn't started */
        bool watch_limited;           /* not everything is watched, which is told as a problem */
        sd_event_source *watch_start; /* the watches on the trees are still to be set up, once */
        uint64_t last_call_usec;      /* CLOCK_MONOTONIC, of the last call by anybody */
        sd_event_source *idle;
};

/* Reads the host anew, announces what differs, and watches what there is now. An error is one of the
 * Manager's problems, and everything stays as it was. 0 or a negative errno. */
int service_refresh(Service *service) NONNULL(1);

/* Tries again what could not be had, and reads the host anew. */
int service_look_again(Service *service) NONNULL(1);

/* Reads the configuration and the host anew. A configuration with anything in it that isn't understood
 * changes nothing: the values stay, and the Manager's problems say so. */
void service_reload(Service *service) NONNULL(1);

/* Notices changes by itself, those in the trees soon after this. What changes until then is noticed late,
 * but noticed. If that can't be, it is one of the Manager's problems. */
void service_watch(Service *service) NONNULL(1);
