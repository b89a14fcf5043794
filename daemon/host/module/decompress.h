/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The content of compressed data. libarchive is loaded at the first one: most hosts have none. */
#pragma once

#include <stdint.h>
#include <sys/types.h>

#include "util/macros.h"

typedef enum Compression {
        COMPRESSION_NONE,
        COMPRESSION_GZIP,
        COMPRESSION_XZ,
        COMPRESSION_ZSTD, /* the last one that module files have */
        COMPRESSION_LZ4,
        COMPRESSION_LZMA,
        COMPRESSION_BZIP2,
} Compression;

/* What the first bytes of a module file say: one of the first four. */
Compression compression_detect(const uint8_t *head, size_t size) NONNULL(1);

/* What the first bytes of an initramfs say. LZO is not known to libarchive without a program to run. */
Compression compression_detect_image(const uint8_t *head, size_t size) NONNULL(1);

/* Data that is decompressed piece by piece. */
typedef struct Decompressor Decompressor;

/* FD (borrowed, seekable) from its current position, or SIZE bytes of DATA (borrowed). FOLLOWED: what isn't
 * of that compression ends it, and is no damage. -EBADMSG if there is no such data, -EOPNOTSUPP if
 * libarchive isn't there or can't, -ENOMEM. */
int decompressor_new_fd(int fd, Compression compression, bool followed, Decompressor **ret) WARN_UNUSED
                NONNULL(4);
int decompressor_new_memory(const uint8_t *data, size_t size, Compression compression,
                Decompressor **ret) WARN_UNUSED NONNULL(1, 4);
Decompressor *decompressor_free(Decompressor *decompressor);
DEFINE_CLEANUP(Decompressor, decompressor_free)

/* At most SIZE bytes; 0 at the end. -EBADMSG if the data is damaged or cut off. */
ssize_t decompressor_read(Decompressor *decompressor, void *buffer, size_t size) WARN_UNUSED NONNULL(1, 2);

/* At the end, how many bytes of what is compressed were taken: behind them, something else may begin. What
 * isn't xz behind xz is damage always: libarchive doesn't tell where it begins. */
uint64_t decompressor_taken(const Decompressor *decompressor) NONNULL(1);

/* All that is left. The caller frees *ret. -EFBIG if it would be more than LIMIT bytes, -EBADMSG, -ENOMEM.
 */
int decompressor_read_all(Decompressor *decompressor, size_t limit, uint8_t **ret,
                size_t *ret_size) WARN_UNUSED NONNULL(1, 3, 4);

/* Decompresses all of FD, from its start. The caller frees *ret. Errors as above. */
int decompress(int fd, Compression compression, size_t limit, uint8_t **ret, size_t *ret_size) WARN_UNUSED
                NONNULL(4, 5);
