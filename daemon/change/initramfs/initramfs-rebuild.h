/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Rebuilds the initramfs images that hold modules whose selection has changed, in the event loop: all of
 * them or none. What is stale, how it is built and how it is replaced lies in initramfs-plan.h, -command.h
 * and -swap.h. */
#pragma once

#include "change/initramfs/rebuild-requests.h"
#include "change/stages/stage.h"

typedef struct InitramfsRebuild InitramfsRebuild;

/* Begins with the next turn of the event loop. HOST is borrowed, REQUESTS are emptied, also on an error. If
 * it fails, every image is the old one, or the failure says where the old one is kept; that no image has to
 * be rebuilt, or none can be (initramfs_rebuild_obstacle()), is no failure. 0 or a negative errno. */
int initramfs_rebuild_start(const StageHost *host, RebuildRequests *requests, const StageObserver *observer,
                InitramfsRebuild **ret) WARN_UNUSED NONNULL(1, 2, 3, 4);

/* Why no image can be rebuilt here, as a sentence that says what to do; NULL: nothing stands against it.
 * Static. */
const char *initramfs_rebuild_obstacle(const HostRoot *root, InitramfsGenerator generator) WARN_UNUSED
                NONNULL(1);

/* Whether PLAN changes a module that one of the images to be rebuilt holds: it fails with them. */
bool initramfs_rebuild_concerns(const InitramfsRebuild *rebuild, const Plan *plan) WARN_UNUSED NONNULL(1, 2);

/* Adds the kernel releases whose images are to be rebuilt: all that are asked for, until they were looked
 * at. 0 or -ENOMEM. */
int initramfs_rebuild_releases(const InitramfsRebuild *rebuild, StringSet *ret) WARN_UNUSED NONNULL(1, 2);

/* Ends the running tool; `done` still comes, with STAGE_CANCELED. Without effect once images are replaced.
 */
void initramfs_rebuild_cancel(InitramfsRebuild *rebuild) NONNULL(1);

/* Ends what runs and puts back what was replaced; no callback afterwards. */
InitramfsRebuild *initramfs_rebuild_free(InitramfsRebuild *rebuild);
DEFINE_CLEANUP(InitramfsRebuild, initramfs_rebuild_free)
