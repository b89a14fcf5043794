/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Rebuilds the initramfs images that hold modules whose selection has changed, in the event loop: all of
 * them or none. What is stale, how it is built and how it is replaced lies in initramfs-plan.h, -command.h
 * and -swap.h. */
#pragma once

#include <systemd/sd-event.h>

#include "change/initramfs/rebuild-requests.h"
#include "host/config.h"
#include "host/facts.h"

typedef struct InitramfsRebuild InitramfsRebuild;

typedef enum RebuildOutcome {
        REBUILD_UNNEEDED, /* no image had to be rebuilt, or none can be: see initramfs_rebuild_obstacle() */
        REBUILD_DONE,
        REBUILD_FAILED, /* every image is the old one, or the failure says where the old one is kept */
        REBUILD_CANCELED,
} RebuildOutcome;

typedef struct RebuildObserver {
        /* The facts as last read, for what they know of images; borrowed until the next call. */
        const Facts *(*facts)(void *userdata);
        /* FRACTION of all images, 0…1, is built; the next one, RUN of them, begins. */
        void (*progress)(void *userdata, double fraction, double run);
        /* The images are about to be replaced: it can't be canceled any more. */
        void (*replacing)(void *userdata);
        /* What one of the new images holds, for the facts; to be referenced. */
        void (*image)(void *userdata, InitramfsImage *image);
        /* The last call, exactly once and from the event loop; FAILURE is a sentence if it has failed. The
         * rebuild may be freed in it. */
        void (*done)(void *userdata, RebuildOutcome outcome, const char *failure);
        void *userdata;
} RebuildObserver;

/* Begins with the next turn of the event loop. REQUESTS are emptied, also on an error. 0 or a negative
 * errno.
 */
int initramfs_rebuild_start(sd_event *event, const HostRoot *root, const Config *config,
                RebuildRequests *requests, const RebuildObserver *observer,
                InitramfsRebuild **ret) WARN_UNUSED NONNULL(1, 2, 3, 4, 5, 6);

/* Why no image can be rebuilt here, as a sentence that says what to do; NULL: nothing stands against it.
 * Static. */
const char *initramfs_rebuild_obstacle(const HostRoot *root, InitramfsGenerator generator) WARN_UNUSED
                NONNULL(1);

/* Whether PLAN changes a module that one of the images to be rebuilt holds: it fails with them. */
bool initramfs_rebuild_concerns(const InitramfsRebuild *rebuild, const Plan *plan) WARN_UNUSED NONNULL(1, 2);

/* Adds the kernel releases whose images are to be rebuilt: all that are asked for, until they were looked
 * at. 0 or -ENOMEM. */
int initramfs_rebuild_releases(const InitramfsRebuild *rebuild, StringSet *ret) WARN_UNUSED NONNULL(1, 2);

/* Ends the running tool; `done` still comes, with REBUILD_CANCELED. Without effect once images are replaced.
 */
void initramfs_rebuild_cancel(InitramfsRebuild *rebuild) NONNULL(1);

/* Ends what runs and puts back what was replaced; no callback afterwards. */
InitramfsRebuild *initramfs_rebuild_free(InitramfsRebuild *rebuild);
DEFINE_CLEANUP(InitramfsRebuild, initramfs_rebuild_free)
