/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the objects on the bus share, and how the rooms are wired to one another. It decides nothing. */
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
        Turns *turns;
        Call *held;                   /* those that the changer works on */
        Watch *watch;                 /* NULL if it could not be had, or the service isn't started */
        bool watch_limited;           /* not everything is watched, which is told as a problem */
        sd_event_source *watch_start; /* the watches on the trees are still to be set up, once */
        uint64_t last_call_usec;      /* CLOCK_MONOTONIC, of the last call by anybody */
        sd_event_source *idle;
};

/* Finds out by BUS, which need not be attached to an event loop yet, whether there is a service already:
 * -EEXIST if so. To be asked before anything else, so that a second one ends at once. */
int service_check_alone(sd_bus *bus) WARN_UNUSED NONNULL(1);

/* Reads configuration, database and host. Takes ROOT. 0 and a service that the caller frees, or a negative
 * errno: -EBUSY if another service serves that root, on whatever bus. What is wrong but no reason to give up
 * becomes one of the Manager's problems. */
int service_new(sd_event *event, HostRoot *root_taken, Service **ret) WARN_UNUSED NONNULL(1, 2, 3);
Service *service_free(Service *service);
DEFINE_CLEANUP(Service, service_free)

/* Publishes the objects on BUS, which is attached to the event loop, recovers what an earlier run left, and
 * asks for the bus name last. */
int service_start(Service *service, sd_bus *bus, PolkitPatience patience) WARN_UNUSED NONNULL(1, 2);

/* Reads the host anew, announces what differs, and watches what there is now. An error is one of the
 * Manager's problems, and everything stays as it was. 0 or a negative errno. */
int service_refresh(Service *service) NONNULL(1);

/* Tries again what could not be had, and reads the host anew. */
int service_look_again(Service *service) NONNULL(1);

/* Reads the configuration and the host anew. A configuration with anything in it that isn't understood
 * changes nothing: the values stay, and the Manager's problems say so. */
void service_reload(Service *service) NONNULL(1);

/* Ends the event loop with 0 once there was no job and no call for the configured time. */
int service_exit_when_idle(Service *service) WARN_UNUSED NONNULL(1);

/* Finishes or undoes what runs, then ends the event loop with 0. */
void service_stop(Service *service) NONNULL(1);
