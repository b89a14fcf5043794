/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Puts new initramfs images in the place of old ones: all or none, and each is the old one or the new one at
 * every instant. It builds and judges none. */
#pragma once

#include <limits.h>
#include <stdint.h>

#include "change/refusal.h"
#include "host/root.h"

/* One image that is to be replaced. */
typedef struct ImageSwap {
        int dir_fd;                   /* the directory that it really lies in */
        char *path;                   /* of the image, for sentences */
        char *name;                   /* in there */
        char *temporary_path;         /* of the new image while it is built, absolute beneath the root */
        char temporary[NAME_MAX + 1]; /* the new one; once it is swapped, the old one */
        bool swapped;
        bool kept; /* the old one could not be put back: it stays where it is */
} ImageSwap;

/* Finds the place of the image at PATH (a link's target) and a name for the new one beside it: hidden and
 * random, so that no boot loader takes it. Nothing is written. -EROFS if nothing could be; else 0 or a
 * negative errno. */
int image_swap_init(const HostRoot *root, const char *path, ImageSwap *ret) WARN_UNUSED NONNULL(1, 2, 3);

/* Removes what is left under the temporary name: a new image that was not taken, or an old one that is no
 * longer needed. An old one that could not be put back stays. */
void image_swap_done(ImageSwap *swap) NONNULL(1);

/* Makes the new image durable. -ENOENT if there is none, or what is there is no regular file with content.
 */
int image_swap_sync(const ImageSwap *swap) WARN_UNUSED NONNULL(1);

/* Replaces all. Should one fail, the others are put back. 0, or -ECANCELED with a refusal. */
int image_swaps_replace(ImageSwap *swaps, size_t count, Refusal *refusal) WARN_UNUSED NONNULL(3);

/* Keeps the replaced image as IMAGE.bak, instead of the one that is called so, unless that one got the name
 * after BOOTED_USEC, on CLOCK_REALTIME: then it is nearer to the one that was booted. 0 or a negative errno.
 */
int image_swap_back_up(const ImageSwap *swap, uint64_t booted_usec) WARN_UNUSED NONNULL(1);

/* Puts back what was replaced. 0, or -ECANCELED with a refusal that names those that could not be, and where
 * the old ones are kept. */
int image_swaps_restore(ImageSwap *swaps, size_t count, Refusal *refusal) WARN_UNUSED NONNULL(3);

/* --- what is left beside an image ------------------------------------------------------------------- */

/* Removes new images that a service which died was building beside the one at PATH. */
void image_place_sweep(const HostRoot *root, const char *path) NONNULL(1, 2);

/* Whether an old image is kept beside the one at PATH: it could not be put back, or the service died then.
 */
bool image_place_keeps(const HostRoot *root, const char *path) WARN_UNUSED NONNULL(1, 2);

/* Removes those, since the image at PATH is known to be right. */
void image_place_forget(const HostRoot *root, const char *path) NONNULL(1, 2);
