/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Walks through cpio archives and into the compressed one. Trusts no number that stands in them. */

#include "host/initramfs/cpio-reader.h"

#include <errno.h>
#include <string.h>

#define HEADER_SIZE 110
#define MAGIC_SIZE 6
#define TRAILER "TRAILER!!!"
#define SCRATCH_SIZE (64 * 1024)
/* Real images have less than 512 bytes between two archives. */
#define PADDING_MAX (256 * 1024)

struct CpioReader {
        int fd;
        Decompressor *decompressor; /* NULL: still in the plain part */
        uint64_t left;              /* of the limit */
        uint32_t pending;           /* bytes of the last entry's content that nobody has read */
        unsigned padding;           /* bytes behind it */
        bool complete;              /* an archive has ended by its trailer, and no other has begun */
        bool sufficient;         /* a compressed one was complete: what the kernel can't read behind it, it
                                    leaves alone */
        off_t start;             /* of the compressed part */
        Compression entered;     /* how that is compressed */
        Compression compression; /* of the archive that the last entry lies in */
        uint8_t scratch[SCRATCH_SIZE];
};

CpioReader *cpio_reader_free(CpioReader *reader)
{
        if (!reader)
                return NULL;
        (void) decompressor_free(reader->decompressor);
        (void) fd_close(reader->fd);
        free(reader);
        return NULL;
}

int cpio_reader_new(int fd_taken, uint64_t limit, CpioReader **ret)
{
        CpioReader *reader = calloc(1, sizeof(*reader));

        if (!reader) {
                (void) fd_close(fd_taken);
                return -ENOMEM;
        }
        reader->fd = fd_taken;
        reader->left = limit;
        *ret = reader;
        return 0;
}

static ssize_t read_some(CpioReader *reader, void *buffer, size_t size)
{
        ssize_t n;

        if (reader->decompressor)
                return decompressor_read(reader->decompressor, buffer, size);
        do
                n = read(reader->fd, buffer, size);
        while (n < 0 && errno == EINTR);
        return n < 0 ? -errno : n;
}

/* Up to SIZE bytes, fewer only at the end. Returns how many, or a negative errno. */
static int read_up_to(CpioReader *reader, uint8_t *buffer, size_t size)
{
        size_t done = 0;

        if (size > reader->left)
                return -EFBIG;
        while (done < size) {
                ssize_t n = read_some(reader, buffer + done, size - done);

                if (n < 0)
                        return (int) n;
                if (n == 0)
                        break;
                done += (size_t) n;
        }
        reader->left -= done;
        return (int) done;
}

static int read_exactly(CpioReader *reader, uint8_t *buffer, size_t size)
{
        int n = read_up_to(reader, buffer, size);

        if (n < 0)
                return n;
        return (size_t) n == size ? 0 : -EBADMSG;
}

/* In the plain part by lseek(2) behind the end too: what is missing is seen by the next read. */
static int skip(CpioReader *reader, uint64_t size)
{
        if (size > reader->left)
                return -EFBIG;
        if (!reader->decompressor) {
                reader->left -= size;
                return lseek(reader->fd, (off_t) size, SEEK_CUR) < 0 ? -errno : 0;
        }
        while (size > 0) {
                size_t piece = size < SCRATCH_SIZE ? (size_t) size : SCRATCH_SIZE;
                int r = read_exactly(reader, reader->scratch, piece);

                if (r < 0)
                        return r;
                size -= piece;
        }
        return 0;
}

static int skip_entry(CpioReader *reader)
{
        uint64_t size = (uint64_t) reader->pending + reader->padding;

        reader->pending = reader->padding = 0;
        return skip(reader, size);
}

/* What isn't plain cpio must be compressed. */
static int enter_compressed(CpioReader *reader, const uint8_t *head, size_t size)
{
        Compression compression = compression_detect_image(head, size);

        if (reader->decompressor)
                return -EBADMSG;
        if (compression == COMPRESSION_NONE)
                /* LZO: the kernel knows it, libarchive doesn't without a program. */
                return size == MAGIC_SIZE && memcmp(head, "\x89LZO", 4) == 0 ? -EOPNOTSUPP : -EBADMSG;
        reader->start = lseek(reader->fd, -(off_t) size, SEEK_CUR);
        if (reader->start < 0)
                return -errno;
        reader->entered = compression;
        return decompressor_new_fd(reader->fd, compression, true, &reader->decompressor);
}

/* Behind any number of zeros, the next archive begins: a plain one at a multiple of four only. 1, 0 if there
 * is none, or a negative errno. */
static int leave_compressed(CpioReader *reader)
{
        off_t offset = reader->start + (off_t) decompressor_taken(reader->decompressor);
        const off_t limit = offset + PADDING_MAX;
        ssize_t n = 1;

        reader->decompressor = decompressor_free(reader->decompressor);
        while (n > 0 && offset < limit) {
                n = pread(reader->fd, reader->scratch, SCRATCH_SIZE, offset);
                for (ssize_t i = 0; i < n; i++, offset++) {
                        if (reader->scratch[i] == 0)
                                continue;
                        if (reader->scratch[i] == '0' && offset % 4 != 0)
                                return 0;
                        return lseek(reader->fd, offset, SEEK_SET) < 0 ? -errno : 1;
                }
        }
        return n < 0 ? -errno : 0;
}

/* Nothing more can be read, since it is the end, or for the reason R. Goes to the archive behind a
 * compressed one: 1. 0 if there is none, and what came was complete; else a negative errno. */
static int go_on(CpioReader *reader, int r)
{
        if (!reader->complete)
                return r < 0 ? r : -EBADMSG;
        if (!reader->decompressor)
                return r == -EBADMSG && reader->sufficient ? 0 : r;
        reader->sufficient = true;
        /* Only padding is known to look like damage there. */
        return r < 0 ? 0 : leave_compressed(reader);
}

/* Reads the magic of the next header into HEADER: 1; 0 at the end of it all. Zeros are padding. As the
 * kernel's unpack_to_rootfs() does it. */
static int read_magic(CpioReader *reader, uint8_t *header)
{
        for (size_t padding = 0; padding < PADDING_MAX;) {
                int n = read_up_to(reader, header, 4);

                if (n <= 0) {
                        n = go_on(reader, n);
                        if (n <= 0)
                                return n;
                        continue;
                }
                if (n == 4 && memcmp(header, "\0\0\0\0", 4) == 0) {
                        padding += 4;
                        continue;
                }
                if (n == 4) {
                        int more = read_up_to(reader, header + 4, MAGIC_SIZE - 4);

                        if (more < 0)
                                return more;
                        n += more;
                }
                if (n == MAGIC_SIZE &&
                                (memcmp(header, "070701", 6) == 0 || memcmp(header, "070702", 6) == 0))
                        return 1;
                n = enter_compressed(reader, header, (size_t) n);
                if (n < 0)
                        return go_on(reader, n);
                reader->complete = false;
        }
        return go_on(reader, -EBADMSG);
}

static int read_number(const uint8_t *digits, uint32_t *ret)
{
        uint32_t number = 0;

        for (size_t i = 0; i < 8; i++) {
                static const char values[] = "0123456789abcdefABCDEF";
                const char *found = digits[i] ? strchr(values, digits[i]) : NULL;
                size_t value;

                if (!found)
                        return -EBADMSG;
                value = (size_t) (found - values);
                number = number << 4 | (uint32_t) (value < 16 ? value : value - 6);
        }
        *ret = number;
        return 0;
}

static int read_header(CpioReader *reader, CpioEntry *ret)
{
        uint8_t header[HEADER_SIZE];
        uint32_t numbers[13], name_size;
        int r = read_magic(reader, header);

        if (r <= 0)
                return r;
        r = read_exactly(reader, header + MAGIC_SIZE, HEADER_SIZE - MAGIC_SIZE);
        for (size_t i = 0; r >= 0 && i < ELEMENTSOF(numbers); i++)
                r = read_number(header + MAGIC_SIZE + 8 * i, &numbers[i]);
        if (r < 0)
                return r;
        name_size = numbers[11];
        if (name_size == 0 || name_size > CPIO_NAME_MAX)
                return -EBADMSG;
        r = read_exactly(reader, (uint8_t *) ret->name, name_size);
        if (r < 0)
                return r;
        if (ret->name[name_size - 1] != '\0')
                return -EBADMSG;
        ret->inode = numbers[0];
        ret->mode = numbers[1];
        ret->links = numbers[4];
        ret->size = reader->pending = numbers[6];
        reader->padding = -ret->size & 3;
        r = skip(reader, -(HEADER_SIZE + name_size) & 3);
        return r < 0 ? r : 1;
}

int cpio_reader_next(CpioReader *reader, CpioEntry *ret)
{
        for (;;) {
                int r = skip_entry(reader);

                if (r >= 0)
                        r = read_header(reader, ret);
                if (r <= 0)
                        return r;
                reader->complete = strcmp(ret->name, TRAILER) == 0;
                reader->compression = reader->decompressor ? reader->entered : COMPRESSION_NONE;
                if (!reader->complete)
                        return 1;
        }
}

int cpio_reader_content(CpioReader *reader, size_t limit, uint8_t **ret)
{
        uint8_t *content CLEANUP_FREE = NULL;
        int r;

        if (reader->pending > limit)
                return -EFBIG;
        content = malloc((size_t) reader->pending + 1);
        if (!content)
                return -ENOMEM;
        r = read_exactly(reader, content, reader->pending);
        if (r < 0)
                return r;
        content[reader->pending] = '\0';
        reader->pending = 0;
        *ret = STEAL(content);
        return 0;
}

Compression cpio_reader_compression(const CpioReader *reader)
{
        return reader->compression;
}
