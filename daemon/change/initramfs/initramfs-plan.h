/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whether an initramfs has to be rebuilt, and whether a rebuilt one is right: compares what an image holds
 * with what the host would load. It reads no image. */
#pragma once

#include "change/plan/plan.h"
#include "host/initramfs/initramfs-image.h"

/* What the host's module index says of one module. */
typedef struct ImageWant {
        char *module;     /* canonical */
        bool blocked;     /* deselected: our modprobe.d file is there */
        bool listed;      /* the generator's configuration names it */
        ModuleFile *file; /* that its name resolves to; NULL: none */
} ImageWant;

typedef struct ImageWants {
        ImageWant *items;
        size_t count;
} ImageWants;

/* Reads what the modules of RELEASE resolve to now. LISTED: see initramfs_listed(). 0 or a negative errno.
 */
int image_wants_read(const HostRoot *root, const char *release, const StringSet *modules,
                const StringSet *listed, ImageWants *ret) WARN_UNUSED NONNULL(1, 2, 3, 4, 5);
void image_wants_done(ImageWants *wants) NONNULL(1);

/* Makes WANTS, as read of RELEASE, be what they are once PLAN was carried out. 0 or a negative errno. */
int image_wants_foresee(const HostRoot *root, const char *release, const Plan *plan,
                ImageWants *wants) WARN_UNUSED NONNULL(1, 2, 3, 4);

/* Whether a boot with IMAGE could load another file than the host would, or lacks a module that is listed.
 * An image that holds none of the modules is fine as it is. */
bool image_is_stale(const InitramfsImage *image, const ImageWants *wants) WARN_UNUSED NONNULL(1, 2);

/* Whether the image holds, or is told to hold, MODULE: whoever changes that depends on a rebuild. */
bool image_concerns(const InitramfsImage *image, const ImageWants *wants, const char *module) WARN_UNUSED
                NONNULL(1, 2, 3);

/* Whether REBUILT may take the place of OLD (NULL: nothing is known of what it held). 1 if so, 0 if not,
 * with a sentence that the caller frees; -ENOMEM. */
int image_check(const InitramfsImage *old, const InitramfsImage *rebuilt, const ImageWants *wants,
                char **ret_sentence) WARN_UNUSED NONNULL(2, 3, 4);
