/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The directory that an initramfs image really lies in, and what of ours lies beside it there: new images
 * that are being built, and old ones that are kept. It replaces none. */
#pragma once

#include <limits.h>

#include "host/root.h"

/* Opens the directory of the image at PATH (a link's target). *ret_path is the image's own beneath the root,
 * links resolved; the caller frees it. A descriptor or a negative errno. */
int image_place_open(const HostRoot *root, const char *path, char **ret_path) WARN_UNUSED NONNULL(1, 2, 3);

/* A new name for the old image NAME, or for one that is about to become it: hidden and random, so that no
 * boot loader takes it, and no image_place_sweep(). 0, -ENAMETOOLONG or -EIO. */
int image_place_name_kept(const char *name, char ret[static NAME_MAX + 1]) WARN_UNUSED NONNULL(1, 2);

/* Removes new images that a service which died was building beside the one at PATH. */
void image_place_sweep(const HostRoot *root, const char *path) NONNULL(1, 2);

/* Whether an old image is kept beside the one at PATH: it could not be put back, or the service died then.
 */
bool image_place_keeps(const HostRoot *root, const char *path) WARN_UNUSED NONNULL(1, 2);

/* Removes those, since the image at PATH is known to be right. */
void image_place_forget(const HostRoot *root, const char *path) NONNULL(1, 2);
