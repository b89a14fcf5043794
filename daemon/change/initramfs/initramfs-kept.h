/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whether old images that were kept (initramfs-place.h) are still needed. It rebuilds and replaces none. */
#pragma once

#include "host/config.h"
#include "host/initramfs/initramfs-image.h"

/* Removes the old ones beside IMAGE if that is right for all modules that it was asked for. LISTED: see
 * initramfs_listed(). 0 or a negative errno. */
int kept_images_judge(const HostRoot *root, const InitramfsImage *image, const StringSet *listed) WARN_UNUSED
                NONNULL(1, 2, 3);

/* The same for the image of RELEASE at PATH, which is only read, for MODULES, if something is kept there. */
int kept_images_review(const HostRoot *root, const Config *config, const char *release, const char *path,
                const StringSet *modules) WARN_UNUSED NONNULL(1, 2, 3, 4, 5);
