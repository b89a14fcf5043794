/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What Arch Linux knows of a kernel's images by the kernel's package. It opens no image. */
#pragma once

#include "host/root.h"
#include "util/string-set.h"

/* The name of the package of RELEASE, which the module directory's file "pkgbase" tells. The caller frees
 * *ret. -ENOENT if there is none, or if another release is of the same package: then nothing says to which
 * of them its images belong. -ENOMEM. */
int initramfs_package(const HostRoot *root, const char *release, char **ret) WARN_UNUSED NONNULL(1, 2, 3);

/* Adds the paths of the images, other than the one at PATH, that the package's preset of mkinitcpio(8) names
 * and that are there, such as /boot/initramfs-linux-fallback.img. 0 or -ENOMEM. */
int initramfs_find_others(const HostRoot *root, const char *release, const char *path,
                StringSet *ret) WARN_UNUSED NONNULL(1, 2, 3, 4);
