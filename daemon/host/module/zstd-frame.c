/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Walks from block to block by their headers: RFC 8878, section 3.1.1. */

#include "host/module/zstd-frame.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

#define MAGIC "\x28\xb5\x2f\xfd"
#define MAGIC_SIZE 4
#define CHECKSUM_SIZE 4

/* Up to SIZE bytes at OFFSET. How many, or a negative errno. */
static ssize_t read_at(int fd, off_t offset, uint8_t *buffer, size_t size)
{
        ssize_t n;

        do
                n = pread(fd, buffer, size, offset);
        while (n < 0 && errno == EINTR);
        return n < 0 ? -errno : n;
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
static off_t blocks_end(int fd, off_t offset)
{
        enum { RAW, REPEATED, COMPRESSED, RESERVED };
        uint8_t bytes[3];
        uint32_t header;

        do {
                ssize_t n = read_at(fd, offset, bytes, sizeof(bytes));

                if (n < (ssize_t) sizeof(bytes))
                        return n < 0 ? n : offset;
                header = bytes[0] | (uint32_t) bytes[1] << 8 | (uint32_t) bytes[2] << 16;
                if ((header >> 1 & 3) == RESERVED)
                        return offset;
                offset += (off_t) sizeof(bytes) + ((header >> 1 & 3) == REPEATED ? 1 : header >> 3);
        } while (!(header & 1));
        return offset;
}

off_t zstd_frames_end(int fd, off_t start)
{
        uint8_t bytes[MAGIC_SIZE + 1];

        for (off_t offset = start;;) {
                ssize_t n = read_at(fd, offset, bytes, sizeof(bytes));

                if (n < 0)
                        return n;
                if (n < (ssize_t) sizeof(bytes) || memcmp(bytes, MAGIC, MAGIC_SIZE) != 0)
                        return offset;
                offset = blocks_end(fd, offset + header_size(bytes[MAGIC_SIZE]));
                if (offset < 0)
                        return offset;
                offset += bytes[MAGIC_SIZE] & 1 << 2 ? CHECKSUM_SIZE : 0;
        }
}
