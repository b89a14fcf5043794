/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The host as the service has it, without a bus: what is known, what can be changed, and what is done
 * unasked. */
#pragma once

#include "registry/image-scan.h"
#include "upkeep/carry-over.h"
#include "upkeep/heal.h"
#include "upkeep/health.h"

/* What upkeep needs from its owner. */
typedef struct UpkeepHost {
        RegistryObserver observer;
        const JobObserver *jobs; /* borrowed */
        /* Reads the host anew, by upkeep_refresh() and what else follows from it. 0 or a negative errno. */
        int (*refresh)(void *userdata);
        /* The same, and tries again what could not be had before. NULL: never. */
        int (*look_again)(void *userdata);
        bool reads_only; /* what is read of the host isn't remembered: see registry.h */
        void *userdata;
} UpkeepHost;

typedef struct Upkeep {
        UpkeepHost host;
        sd_event *event;
        HostRoot *root;
        Config config;
        Store *store;
        Registry *registry;
        Changer *changer;
        Health *health; /* NULL until it is started, like all that follow */
        CarryOver *carrier;
        DriftHealer *healer;
        ImageScan *images; /* NULL also if it could not be had */
        bool only_asked;   /* nothing is done unasked: see upkeep_start() */
} Upkeep;

/* Reads configuration, database and host, and makes a changer, which doesn't recover yet. Takes ROOT; HOST
 * is copied. What is wrong but no reason to give up becomes one of the host's problems. 0 or a negative
 * errno. */
int upkeep_new(sd_event *event, HostRoot *root_taken, const UpkeepHost *host, Upkeep **ret) WARN_UNUSED
                NONNULL(1, 2, 3, 4);
Upkeep *upkeep_free(Upkeep *upkeep);
DEFINE_CLEANUP(Upkeep, upkeep_free)

/* Recovers what an earlier run left, and begins with all that is done unasked. With ONLY_ASKED that is to
 * know the host and no more: nothing is healed or carried over, and no reboot is called for, on a root that
 * need not be the one that runs. 0 or a negative errno. */
int upkeep_start(Upkeep *upkeep, bool only_asked) WARN_UNUSED NONNULL(1);

/* Reads the host, and sees to what follows from it. An error is one of the host's problems, and everything
 * stays as it was. 0 or a negative errno. */
int upkeep_refresh(Upkeep *upkeep) NONNULL(1);

/* A job has ended. */
void upkeep_job_ended(Upkeep *upkeep, const Job *job) NONNULL(1, 2);

/* Whether a change is recovered, or an image read, that what is published should wait for. */
bool upkeep_is_unsettled(const Upkeep *upkeep) NONNULL(1);

/* Writes what a refresh has read of new files to the database, for the next start. */
void upkeep_remember_metadata(Upkeep *upkeep) NONNULL(1);

/* Reads the configuration, but not the host. One with anything in it that isn't understood changes nothing:
 * the values stay, and the host's problems say so. 1 if it was taken over, or 0. */
int upkeep_reload(Upkeep *upkeep) NONNULL(1);
