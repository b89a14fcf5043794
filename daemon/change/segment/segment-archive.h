/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Writes a cpio archive as the kernel unpacks one, by libarchive. It knows nothing of what is in it. */
#pragma once

#include <stdint.h>
#include <sys/stat.h>

#include "host/module/decompress.h"

typedef struct SegmentArchive SegmentArchive;

/* Whether an archive can be compressed so: not at all, gzip or zstd. libarchive's xz has a checksum that the
 * kernel doesn't know (CRC64; Documentation/staging/xz.rst), and its lz4 a frame that it doesn't. */
bool segment_archive_can(Compression compression);

/* Writes to FD (borrowed) from its current position. 0; -EOPNOTSUPP if libarchive isn't there or can't;
 * -ENOMEM. */
int segment_archive_new(int fd, Compression compression, SegmentArchive **ret) WARN_UNUSED NONNULL(3);
SegmentArchive *segment_archive_free(SegmentArchive *archive);
DEFINE_CLEANUP(SegmentArchive, segment_archive_free)

/* Adds the entry PATH of MODE (type and permissions), owned by root and of no time. DATA is a file's content
 * or a link's text. 0, or a negative errno: what write(2) failed of, else -EIO. */
int segment_archive_add(SegmentArchive *archive, const char *path, mode_t mode, const void *data,
                size_t size) WARN_UNUSED NONNULL(1, 2);

/* Writes the end, after which nothing can be added. Errors as above. */
int segment_archive_end(SegmentArchive *archive) WARN_UNUSED NONNULL(1);
