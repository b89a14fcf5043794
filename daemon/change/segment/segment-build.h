/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Makes a new initramfs image of the old one: its bytes, and a small archive behind them which the kernel
 * unpacks over what they hold. It takes a second, for a process of its own. */
#pragma once

#include "change/initramfs/initramfs-plan.h"
#include "change/refusal.h"

typedef struct SegmentTask {
        const HostRoot *root;
        const char *release;
        int dir_fd;            /* where both images lie */
        const char *name;      /* of the image that is there */
        const char *temporary; /* of the new one */
        const InitramfsImage *old;
        const ImageWants *wants;
} SegmentTask;

/* Writes the new image, which is not synced. Nothing of the generator's own work is done again: what else
 * has changed on the host stays out. 0; -ECANCELED with a refusal, REFUSAL_NOT_SUPPORTED if only the
 * generator can make what is wanted; or a negative errno. */
int segment_build(const SegmentTask *task, Refusal *refusal) WARN_UNUSED NONNULL(1, 2);
