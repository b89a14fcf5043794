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

/* Which compressed files are no module files for the host's kmod, by the ending of their names: depmod
 * passes over them, whatever they hold (path_ends_with_kmod_ext() of kmod 30 and 34). All false: none, or
 * not known.
 */
typedef struct KmodFormats {
        bool lacks_gzip;
        bool lacks_xz;
        bool lacks_zstd;
} KmodFormats;

/* Asks libkmod, by damaged files in memory: what it can decompress it calls damaged, anything else no module
 * file. 0 or a lack of resources; what can't be found out (without /proc) isn't known. */
int kmod_formats_read(KmodFormats *ret) WARN_UNUSED NONNULL(1);

/* Whether FILE, a name or a path, is no module file for a kmod of these formats, though it is named so. */
bool kmod_formats_lack(const KmodFormats *formats, const char *file) NONNULL(1, 2);

/* Tells whether libkmod reads the module file PATH of RELEASE (relative to its directory). 0 or a negative
 * errno. Decompresses the whole file. It asks the library that we are linked with: that is the one of the
 * kmod tools for "/", and of those that we run for any other root. */
int kmod_read(const HostRoot *root, const char *release, const char *path, KmodReading *ret) WARN_UNUSED
                NONNULL(1, 2, 3, 4);
