/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the objects on the bus share, and how the rooms are wired to one another. It decides nothing. */
#pragma once

#include "bus/jobs.h"
#include "bus/polkit.h"
#include "bus/turns.h"
#include "change/changer.h"
#include "registry/image-scan.h"
#include "registry/registry.h"
#include "watch/watch.h"

/* Where the database is. */
#define STATE_DIRECTORY "/var/lib/hostdriver"

typedef struct DriftHealer DriftHealer; /* upkeep/heal.h */
typedef struct Call Call;               /* call.h */

struct Service {
        sd_event *event;
        sd_bus *bus;
        HostRoot *root;
        int lock_fd; /* of SERVICE_LOCK_PATH; negative if it could not be had */
        Config config;
        Store *store;
        Registry *registry;
        Jobs *jobs;
        Changer *changer;
        sd_bus_slot *gate;
        Callers *callers;
        Polkit *polkit;
        Turns *turns;
        Call *held;                   /* those that the changer works on */
        Watch *watch;                 /* NULL if it could not be had, or the service isn't started */
        bool watch_limited;           /* not everything is watched, which is told as a problem */
        sd_event_source *retry;       /* looks again whether what could not be had can be had now */
        sd_event_source *watch_start; /* the watches on the trees are still to be set up, once */
        ImageScan *images;            /* NULL likewise */
        DriftHealer *healer;          /* NULL likewise */
        StringSet coming;             /* kernel releases that selections are still to be carried over to */
        sd_event_source *carrier;
        ChangerHost changer_host;
        uint64_t last_call_usec; /* CLOCK_MONOTONIC, of the last call by anybody */
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

/* Notices changes by itself, those in the trees soon after this. What changes until then is noticed late,
 * but noticed. If that can't be, it is one of the Manager's problems. */
void service_watch(Service *service) NONNULL(1);

/* Reads initramfs images in the background from now on. */
void service_scan_images(Service *service) NONNULL(1);

/* Reads the host anew and announces what differs. An error is logged here, and everything stays as it was.
 */
int service_refresh(Service *service) NONNULL(1);

/* Says of the last reading of the host, or of an attempt, what came of it: an R that is negative is one of
 * the Manager's problems until the host can be read, which is tried again by itself. */
void service_tell_reading(Service *service, int r) NONNULL(1);

/* The same of the watches: LIMITED is a sentence, or NULL. */
void service_tell_watching(Service *service, const char *limited) NONNULL(1);

/* Whether /var/lib/hostdriver has room, and can be written: if not, that is a problem until it has. */
void service_check_state(Service *service) NONNULL(1);

/* Tries again what could not be had, and reads the host anew. */
int service_look_again(Service *service) NONNULL(1);

/* Writes what a refresh has read of new files to the database, for the next start. */
void service_remember_metadata(Service *service) NONNULL(1);

/* Reads the configuration and the host anew. A configuration with anything in it that isn't understood
 * changes nothing: the values stay, and the Manager's problems say so. */
void service_reload(Service *service) NONNULL(1);

/* Makes the system's own flag say whether a reboot is required. */
void service_flag_reboot(Service *service) NONNULL(1);

/* Ends the event loop with 0 once there was no job and no call for the configured time. */
int service_exit_when_idle(Service *service) WARN_UNUSED NONNULL(1);

/* Finishes or undoes what runs, then ends the event loop with 0. */
void service_stop(Service *service) NONNULL(1);
