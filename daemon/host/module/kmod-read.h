/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whether the library behind modprobe and depmod can read a module file: each is built with the compressions
 * that its distribution wants. It looks at no content itself. */
#pragma once

#include "host/root.h"

typedef enum KmodReading {
        KMOD_READS,
        KMOD_CANNOT_READ,
        KMOD_CANNOT_READ_UNSIZED, /* a zstd file that doesn't say how large its content is: kmod from 33 on
                                     reads none of these */
} KmodReading;

/* Tells whether libkmod reads the module file PATH of RELEASE (relative to its directory). 0 or a negative
 * errno. Decompresses the whole file. It asks the library that we are linked with: that is the one of the
 * kmod tools for "/", and of those that we run for any other root. */
int kmod_read(const HostRoot *root, const char *release, const char *path, KmodReading *ret) WARN_UNUSED
                NONNULL(1, 2, 3, 4);
