/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which images a change would have rebuilt: for its dry run. It reads and compares as a rebuild does; it
 * builds and writes nothing. */
#pragma once

#include <systemd/sd-event.h>

#include "change/plan/plan.h"
#include "host/config.h"

typedef struct ImageForesight ImageForesight;

typedef struct ForesightObserver {
        /* The facts as last read, for what they know of images; borrowed until the next call. */
        const Facts *(*facts)(void *userdata);
        /* The last call, exactly once and from the event loop. RESULT is 0 with IMAGES, the paths of those
         * that would be rebuilt, or a negative errno. The foresight may be freed in it. */
        void (*done)(void *userdata, int result, const StringSet *images);
        void *userdata;
} ForesightObserver;

/* Compares every image of the plan's releases with what PLAN (borrowed) would have it hold. Images that the
 * facts don't know yet are read when the event loop is idle. 0 if all is known at once: the paths are added
 * to RET, and `done` isn't called; 1 with *ret_foresight, if it will be; or a negative errno. */
int image_foresight_begin(sd_event *event, const HostRoot *root, const Config *config, const Plan *plan,
                const ForesightObserver *observer, StringSet *ret,
                ImageForesight **ret_foresight) WARN_UNUSED NONNULL(1, 2, 3, 4, 5, 6, 7);

/* No callback afterwards. */
ImageForesight *image_foresight_free(ImageForesight *foresight);
DEFINE_CLEANUP(ImageForesight, image_foresight_free)
