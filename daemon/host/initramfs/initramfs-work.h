/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where an initramfs generator does its work, and what room it takes there. It reads configuration; it runs
 * nothing. */
#pragma once

#include <stdint.h>

#include "host/config.h"
#include "host/initramfs/initramfs-image.h"

/* The directory in which GENERATOR lays out what an image is to hold: TMPDIR of initramfs.conf(5) for
 * initramfs-tools and tmpdir of dracut.conf(5), else /var/tmp; /tmp for mkinitcpio. The service's own TMPDIR
 * isn't handed on. The caller frees *ret. 0 or -ENOMEM. */
int initramfs_work_directory(const HostRoot *root, InitramfsGenerator generator, char **ret) WARN_UNUSED
                NONNULL(1, 3);

/* About how many bytes GENERATOR takes there to make an image that is like IMAGE; 0 if nothing is known of
 * what that holds. By the sources: mkinitramfs 0.142 lays out the files and makes an archive of them; dracut
 * 059 lays them out and compresses them; mkinitcpio 40 lays them out. */
uint64_t initramfs_work_bytes(InitramfsGenerator generator, const InitramfsImage *image) WARN_UNUSED
                NONNULL(2);
