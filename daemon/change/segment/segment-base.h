/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What an image holds, as far as a segment for it has to know, and its modules in a stage. */
#pragma once

#include "change/segment/segment-stage.h"
#include "host/module/decompress.h"

typedef struct SegmentBase {
        StringSet paths;         /* of all that it holds, without a slash in front */
        StringSet others;        /* of those in the module directory or below etc, what is no directory */
        char *modules;           /* where its modules lie: "usr/lib/modules/RELEASE" */
        bool indexed;            /* and their index */
        Compression compression; /* of its last archive */
} SegmentBase;

/* Reads the image FD, from its beginning, and puts its modules of the stage's release into STAGE: as links
 * to those files of ROOT that are the same byte for byte, else as copies. 0; -ECANCELED with a refusal if a
 * segment can't be made for such an image; or a negative errno. */
int segment_base_read(int fd, const HostRoot *root, SegmentStage *stage, SegmentBase *ret,
                Refusal *refusal) WARN_UNUSED NONNULL(2, 3, 4, 5);
void segment_base_done(SegmentBase *base) NONNULL(1);

/* Whether the image holds the file that the kernel finds as firmware NAME, compressed or not. */
bool segment_base_has_firmware(const SegmentBase *base, const char *name) NONNULL(1, 2);
