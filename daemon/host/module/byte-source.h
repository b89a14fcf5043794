/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Bytes of a file or of memory, handed out in pieces within checked bounds. A file is never mapped: one that
 * is truncated while it is read must not end the process (SIGBUS). */
#pragma once

#include <stdint.h>

#include "util/macros.h"

/* Nearly all that is asked of a module file lies in its first page (ELF header, notes) and in its last pages
 * (section headers, their names, signature). */
#define BYTE_SOURCE_HEAD 4096
#define BYTE_SOURCE_TAIL 16384

typedef struct BytePiece BytePiece;

typedef struct ByteSource {
        const uint8_t *data; /* NULL: of a file */
        int fd;
        uint64_t size;
        size_t head_size;
        size_t tail_size;
        BytePiece *pieces;
        uint8_t head[BYTE_SOURCE_HEAD + BYTE_SOURCE_TAIL]; /* the tail behind it */
} ByteSource;

/* Both borrow. End either with byte_source_done(). */
void byte_source_init_memory(ByteSource *source, const uint8_t *data, size_t size) NONNULL(1);
/* SIZE as fstat(2) has it. Reads head and tail: 0, or a negative errno; -EBADMSG if there is less to read.
 */
int byte_source_init_file(ByteSource *source, int fd, uint64_t size) WARN_UNUSED NONNULL(1);
void byte_source_done(ByteSource *source) NONNULL(1);

/* SIZE bytes from OFFSET, valid until byte_source_done(); aligned to nothing. -EBADMSG if they don't lie in
 * the source, -ENOMEM, or read's error. */
int byte_source_get(ByteSource *source, uint64_t offset, uint64_t size, const uint8_t **ret) WARN_UNUSED
                NONNULL(1, 4);
