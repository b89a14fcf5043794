/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The process that makes an image with a segment, in the event loop. */
#pragma once

#include "change/segment/segment-build.h"
#include "change/tool/child.h"

/* What progress calls the builder, beside the names of generators. */
#define SEGMENT_BUILDER "segment"

/* What the process exits with; else it has failed, and its last lines say why. */
typedef enum SegmentExit {
        SEGMENT_EXIT_DONE = 0,
        SEGMENT_EXIT_FAILED = 1,
        SEGMENT_EXIT_UNFIT = 2, /* only the generator can make this image */
} SegmentExit;

/* Starts segment_build(); TASK, and what it points to, is copied with the process. 0 or a negative errno;
 * the callback as of child_start(). */
int segment_child_start(sd_event *event, SegmentTask *task, unsigned timeout_sec, ChildDone done,
                void *userdata, Child **ret) WARN_UNUSED NONNULL(1, 2, 4, 6);
