/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where the initramfs of a kernel release lies. It opens no image. */
#pragma once

#include "host/module/module-file.h"
#include "host/root.h"

/* The image of RELEASE, where distributions and kernel-install(8) put it: the first that there is. *ret_path
 * is absolute beneath the root; the caller frees it. Nothing is opened but directories. -ENOENT if there is
 * none, -ENOMEM. */
int initramfs_find(const HostRoot *root, const char *release, char **ret_path,
                FileStamp *ret_stamp) WARN_UNUSED NONNULL(1, 2, 3, 4);

/* Adds the paths of RELEASE's unified kernel images, which hold kernel and initramfs in one file
 * (EFI/Linux/ of the boot partition, by the Boot Loader Specification): those whose name holds the release.
 * 0 or -ENOMEM. */
int initramfs_find_unified(const HostRoot *root, const char *release, StringSet *ret) WARN_UNUSED
                NONNULL(1, 2, 3);
