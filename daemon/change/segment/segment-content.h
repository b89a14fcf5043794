/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a segment is to hold: the module files that change, the index, our modprobe.d files. Values, and the
 * stage that the index is made of. */
#pragma once

#include "change/initramfs/initramfs-plan.h"
#include "change/segment/segment-base.h"

typedef struct SegmentFile {
        char *path;  /* in the image */
        mode_t mode; /* a regular file's, or a link's */
        uint8_t *data;
        size_t size;
} SegmentFile;

/* Files are at most one a path. */
typedef struct SegmentContent {
        SegmentFile *files;
        size_t count;
} SegmentContent;

/* Takes what the segment holds that FD is at (seekable): its modules into STAGE, too, and all but its mark
 * and its index into *content. A new segment takes its place, and must bring what it brought. 0 or a
 * negative errno; -ECANCELED with a refusal if it holds what none of ours does: somebody else has appended
 * more. */
int segment_content_take(int fd, const SegmentBase *base, SegmentStage *stage, SegmentContent *content,
                Refusal *refusal) WARN_UNUSED NONNULL(2, 3, 4, 5);

/* Changes STAGE, which holds the modules of the image OLD, to what WANTS say, has its index made, and adds
 * to *content what then differs from the image. 0; -ECANCELED with a refusal, REFUSAL_NOT_SUPPORTED if the
 * image lacks what only its generator can bring; or a negative errno. */
int segment_content_make(const HostRoot *root, const InitramfsImage *old, const SegmentBase *base,
                const ImageWants *wants, SegmentStage *stage, SegmentContent *content,
                Refusal *refusal) WARN_UNUSED NONNULL(1, 2, 3, 4, 5, 6, 7);
void segment_content_done(SegmentContent *content) NONNULL(1);
