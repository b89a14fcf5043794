/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Walks from block to block by their headers: RFC 8878, section 3.1.1. */

#include "host/module/zstd-frame.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

#define MAGIC "\x28\xb5\x2f\xfd"
#define MAGIC_SIZE 4
#define BLOCK_HEADER_SIZE 3
#define CHECKSUM_SIZE 4

/* What was read last: where blocks are small, or all is zeros after a power cut, it has many headers. */
typedef struct Window {
        int fd;
        off_t offset; /* of its first byte */
        size_t size;
        uint8_t bytes[4096];
} Window;

/* The SIZE bytes at OFFSET, borrowed until the next call: 1; 0 if the file ends before, or a negative errno.
 */
static int look_at(Window *window, off_t offset, size_t size, const uint8_t **ret)
{
        if (offset < window->offset || offset + (off_t) size > window->offset + (off_t) window->size) {
                ssize_t n;

                do
                        n = pread(window->fd, window->bytes, sizeof(window->bytes), offset);
                while (n < 0 && errno == EINTR);
                if (n < 0)
                        return -errno;
                window->offset = offset;
                window->size = (size_t) n;
                if (window->size < size)
                        return 0;
        }
        *ret = window->bytes + (offset - window->offset);
        return 1;
}

/* Of the frame header with that descriptor. */
static off_t header_size(uint8_t descriptor)
{
        static const uint8_t content_sizes[] = { 0, 2, 4, 8 }, dictionary_sizes[] = { 0, 1, 2, 4 };
        bool single_segment = descriptor & 1 << 5;
        off_t content_size = content_sizes[descriptor >> 6];

        if (single_segment && content_size == 0)
                content_size = 1;
        return MAGIC_SIZE + 1 + !single_segment + dictionary_sizes[descriptor & 3] + content_size;
}

/* OFFSET is that of the first block. The offset behind the last one; if there is none, where that is seen.
 */
static off_t blocks_end(Window *window, off_t offset)
{
        enum { RAW, REPEATED, COMPRESSED, RESERVED };
        uint32_t header;

        do {
                const uint8_t *bytes;
                int r = look_at(window, offset, BLOCK_HEADER_SIZE, &bytes);

                if (r <= 0)
                        return r < 0 ? r : offset;
                header = bytes[0] | (uint32_t) bytes[1] << 8 | (uint32_t) bytes[2] << 16;
                if ((header >> 1 & 3) == RESERVED)
                        return offset;
                offset += BLOCK_HEADER_SIZE + ((header >> 1 & 3) == REPEATED ? 1 : header >> 3);
        } while (!(header & 1));
        return offset;
}

off_t zstd_frames_end(int fd, off_t start)
{
        Window window = { .fd = fd };

        for (off_t offset = start;;) {
                const uint8_t *bytes;
                int r = look_at(&window, offset, MAGIC_SIZE + 1, &bytes);
                uint8_t descriptor;

                if (r < 0)
                        return r;
                if (r == 0 || memcmp(bytes, MAGIC, MAGIC_SIZE) != 0)
                        return offset;
                descriptor = bytes[MAGIC_SIZE];
                offset = blocks_end(&window, offset + header_size(descriptor));
                if (offset < 0)
                        return offset;
                offset += descriptor & 1 << 2 ? CHECKSUM_SIZE : 0;
        }
}
