/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads what an image holds, entry by entry. */
#pragma once

#include "host/initramfs/initramfs-image.h"
#include "host/root.h"

/* Reading in slices, since a large image takes a second: the caller has other things to do between. */
typedef struct InitramfsReader InitramfsReader;

/* Begins to read the image at PATH, beneath the root, for the canonical NAMES, which are copied. 0, or
 * -ENOMEM: what is wrong with the image is found in the result. */
int initramfs_reader_new(const HostRoot *root, const char *release, const char *path, const StringSet *names,
                InitramfsReader **ret) WARN_UNUSED NONNULL(1, 2, 3, 4, 5);
InitramfsReader *initramfs_reader_free(InitramfsReader *reader);
DEFINE_CLEANUP(InitramfsReader, initramfs_reader_free)

/* Reads one entry. 1 if there is more to do; 0 if that was all, with the image, which the caller unrefs;
 * -ENOMEM. Memory is bounded by the largest module file and modules.dep. */
int initramfs_reader_step(InitramfsReader *reader, InitramfsImage **ret) WARN_UNUSED NONNULL(1, 2);

/* All steps at once. */
int initramfs_image_read(const HostRoot *root, const char *release, const char *path, const StringSet *names,
                InitramfsImage **ret) WARN_UNUSED NONNULL(1, 2, 3, 4, 5);
