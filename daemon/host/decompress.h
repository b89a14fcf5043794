/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The content of compressed module files. libarchive is loaded at the first one: most hosts have none. */
#pragma once

#include <stdint.h>

#include "util/macros.h"

typedef enum Compression {
        COMPRESSION_NONE,
        COMPRESSION_GZIP,
        COMPRESSION_XZ,
        COMPRESSION_ZSTD,
} Compression;

/* What the first bytes of a file say. */
Compression compression_detect(const uint8_t *head, size_t size) NONNULL(1);

/* Decompresses all of FD, from its start. The caller frees *ret. -EFBIG if it would be more than LIMIT
 * bytes, -EBADMSG if the data is damaged or cut off, -EOPNOTSUPP if libarchive isn't there or can't,
 * -ENOMEM. */
int decompress(int fd, Compression compression, size_t limit, uint8_t **ret, size_t *ret_size) WARN_UNUSED
                NONNULL(4, 5);
