/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A module directory that is put together aside, of what an image is to hold, so that depmod writes the
 * image's index of it. All of it lies in a new directory of its own. */
#pragma once

#include "change/refusal.h"
#include "host/root.h"
#include "util/string-set.h"

typedef struct SegmentStage {
        const char *release; /* borrowed */
        char *base;          /* for `depmod -b` */
        int base_fd;         /* holds the lock by which segment_stage_sweep() knows that it is in use */
        int fd;              /* of base/lib/modules/RELEASE */
        StringSet paths;     /* of module files and links to them, relative to that */
} SegmentStage;

#define SEGMENT_STAGE_NONE ((SegmentStage){ .base_fd = -1, .fd = -1 })

/* Everything below is 0 or a negative errno, if nothing else is said. */
int segment_stage_init(const char *release, SegmentStage *ret) WARN_UNUSED NONNULL(1, 2);
/* Removes all of it. */
void segment_stage_done(SegmentStage *stage) NONNULL(1);

/* Removes those of processes that were killed; one that is in use stays. */
void segment_stage_sweep(void);

/* Puts a file of that content at PATH; what is there goes. -EINVAL if PATH isn't allowed. */
int segment_stage_put(SegmentStage *stage, const char *path, const void *data, size_t size) WARN_UNUSED
                NONNULL(1, 2, 3);
/* Likewise a link to TARGET. */
int segment_stage_link(SegmentStage *stage, const char *path, const char *target) WARN_UNUSED
                NONNULL(1, 2, 3);

/* Takes away all files and links of MODULE (canonical), whatever they are called. */
int segment_stage_drop(SegmentStage *stage, const char *module) WARN_UNUSED NONNULL(1, 2);

/* Adds the canonical names of all modules that are there. */
int segment_stage_modules(const SegmentStage *stage, StringSet *ret) WARN_UNUSED NONNULL(1, 2);

/* Lets depmod write the index, by the configuration of ROOT, and sees to it that it lists every module: it
 * exits with 0 also where it has listed none. -ECANCELED with a refusal. */
int segment_stage_index(const SegmentStage *stage, const HostRoot *root, Refusal *refusal) WARN_UNUSED
                NONNULL(1, 2, 3);
