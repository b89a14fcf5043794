/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The images of a rebuild, one after the other: what they hold now, and what they are to hold. For rebuilds
 * and their dry runs only; it writes nothing. */
#pragma once

#include "change/initramfs/initramfs-plan.h"
#include "change/initramfs/initramfs-swap.h"
#include "change/initramfs/rebuild-requests.h"
#include "host/initramfs/initramfs-reader.h"

typedef struct RebuildItem {
        RebuildRequest request;
        StringSet names; /* to ask images for: the request's, and those that the facts want to know */
        char *path;      /* of the image; NULL: there is none */
        InitramfsImage *old;
        InitramfsImage *rebuilt;
        ImageWants wants;
        bool unfit; /* no segment will do: the generator makes it */
} RebuildItem;

void rebuild_item_done(RebuildItem *item) NONNULL(1);

/* Reads on for a while. 1 if there is more to do; 0 with *ret if that was all; -ENOMEM. */
int image_read_slice(InitramfsReader *reader, InitramfsImage **ret) WARN_UNUSED NONNULL(1, 2);

/* Finds the image of ITEM, and reads it, by *READER, unless FACTS know what it holds. 1 if there is more to
 * do; 0 with item->path NULL if there is none, else with item->old; or a negative errno. */
int rebuild_item_look(const HostRoot *root, const Facts *facts, RebuildItem *item,
                InitramfsReader **reader) WARN_UNUSED NONNULL(1, 2, 3, 4);

/* Whether the image of ITEM, which was looked at, has to be rebuilt; PLAN: once that will have been carried
 * out (NULL: now). 1, 0 or a negative errno. */
int rebuild_item_judge(const HostRoot *root, const StringSet *listed, const Plan *plan,
                RebuildItem *item) WARN_UNUSED NONNULL(1, 2, 4);

/* Whether the image of ITEM is no longer the file that was looked at. */
bool rebuild_item_has_changed(const RebuildItem *item, const ImageSwap *swap) WARN_UNUSED NONNULL(1, 2);

/* The new image has got its place: what is known of it is now true of the path of the old one. */
int rebuild_item_settle(RebuildItem *item, const ImageSwap *swap) WARN_UNUSED NONNULL(1, 2);

/* Removes the old ones beside IMAGE if that is right for all modules that it was asked for. LISTED: see
 * initramfs_listed(). 0 or a negative errno. */
int kept_images_judge(const HostRoot *root, const InitramfsImage *image, const StringSet *listed) WARN_UNUSED
                NONNULL(1, 2, 3);

/* The same for the image of RELEASE at PATH, which is only read, for MODULES, if something is kept there. */
int kept_images_review(const HostRoot *root, const Config *config, const char *release, const char *path,
                const StringSet *modules) WARN_UNUSED NONNULL(1, 2, 3, 4, 5);
