/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads pieces of a file where they are asked for. It knows no format. */

#include "host/module/byte-source.h"

#include <errno.h>

struct BytePiece {
        BytePiece *next;
        uint8_t bytes[];
};

static int read_at(int fd, uint64_t offset, uint8_t *buffer, size_t size)
{
        while (size > 0) {
                ssize_t n = pread(fd, buffer, size, (off_t) offset);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return -errno;
                if (n == 0)
                        return -EBADMSG; /* truncated since fstat() */
                buffer += n;
                offset += (uint64_t) n;
                size -= (size_t) n;
        }
        return 0;
}

void byte_source_init_memory(ByteSource *source, const uint8_t *data, size_t size)
{
        /* Not the whole structure: the window is large, and not used here. */
        source->data = size > 0 ? data : (const uint8_t *) "";
        source->fd = -1;
        source->size = size;
        source->head_size = source->tail_size = 0;
        source->pieces = NULL;
}

int byte_source_init_file(ByteSource *source, int fd, uint64_t size)
{
        int r;

        source->data = NULL;
        source->fd = fd;
        source->size = size;
        source->pieces = NULL;
        source->tail_size = 0;
        if (size <= sizeof(source->head)) {
                source->head_size = (size_t) size;
                return read_at(fd, 0, source->head, source->head_size);
        }
        source->head_size = BYTE_SOURCE_HEAD;
        source->tail_size = BYTE_SOURCE_TAIL;
        r = read_at(fd, 0, source->head, source->head_size);
        if (r < 0)
                return r;
        return read_at(fd, size - source->tail_size, source->head + source->head_size, source->tail_size);
}

void byte_source_done(ByteSource *source)
{
        while (source->pieces) {
                BytePiece *piece = source->pieces;

                source->pieces = piece->next;
                free(piece);
        }
}

int byte_source_get(ByteSource *source, uint64_t offset, uint64_t size, const uint8_t **ret)
{
        uint64_t tail_start = source->size - source->tail_size;
        BytePiece *piece;
        int r;

        if (offset > source->size || size > source->size - offset)
                return -EBADMSG;
        if (source->data) {
                *ret = source->data + offset;
                return 0;
        }
        if (offset + size <= source->head_size) {
                *ret = source->head + offset;
                return 0;
        }
        if (offset >= tail_start && source->tail_size > 0) {
                *ret = source->head + source->head_size + (offset - tail_start);
                return 0;
        }
        piece = malloc(sizeof(*piece) + size);
        if (!piece)
                return -ENOMEM;
        r = read_at(source->fd, offset, piece->bytes, (size_t) size);
        if (r < 0) {
                free(piece);
                return r;
        }
        piece->next = source->pieces;
        source->pieces = piece;
        *ret = piece->bytes;
        return 0;
}
