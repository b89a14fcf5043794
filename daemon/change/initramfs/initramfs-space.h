/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whether there is room for new images, and for the work of making them. It reads only. */
#pragma once

#include "change/initramfs/initramfs-look.h"
#include "change/refusal.h"

/* Looks at the directories of the images that are to be replaced, SWAPS, where new ones of the size of the
 * old ones lie beside them. What can't be found out is no obstacle. 0 or -ECANCELED with a refusal. */
int rebuild_check_space(const ImageSwap *swaps, size_t count, Refusal *refusal) WARN_UNUSED NONNULL(3);

/* Likewise at the directory in which GENERATOR works on ITEM, one of those images. 0, -ECANCELED with a
 * refusal, or -ENOMEM. */
int rebuild_check_work_space(const HostRoot *root, InitramfsGenerator generator, const RebuildItem *item,
                const ImageSwap *swaps, size_t count, Refusal *refusal) WARN_UNUSED NONNULL(1, 3, 6);
