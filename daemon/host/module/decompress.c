/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* libarchive's filters without a format around them ("raw"). It knows nothing of modules. */

#include "host/module/decompress.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <string.h>

#include "host/module/archive-library.h"
#include "host/module/zstd-frame.h"

#define BLOCK_SIZE (64 * 1024)
#define CAPACITY_FIRST (256 * 1024)

/* The functions that are used, by their own prototypes. */
typedef struct Library {
        __typeof__(&archive_read_new) new;
        __typeof__(&archive_read_support_format_raw) support_raw;
        __typeof__(&archive_read_support_filter_gzip) support_filter;
        __typeof__(&archive_read_open) open;
        __typeof__(&archive_read_open_memory) open_memory;
        __typeof__(&archive_read_next_header) next_header;
        __typeof__(&archive_read_data) data;
        __typeof__(&archive_filter_bytes) filter_bytes;
        __typeof__(&archive_read_free) free;
} Library;

struct Decompressor {
        Library library;
        struct archive *archive;
        int fd;         /* to be read from, if it isn't memory */
        uint64_t left;  /* so many bytes at most */
        uint8_t *block; /* of it */
};

typedef struct Magic {
        Compression compression;
        uint8_t bytes[6];
        size_t size;
} Magic;

static Compression find_magic(const Magic rows[], size_t count, const uint8_t *head, size_t size)
{
        for (size_t i = 0; i < count; i++)
                if (size >= rows[i].size && memcmp(head, rows[i].bytes, rows[i].size) == 0)
                        return rows[i].compression;
        return COMPRESSION_NONE;
}

Compression compression_detect(const uint8_t *head, size_t size)
{
        static const Magic rows[] = {
                { COMPRESSION_GZIP, { 0x1f, 0x8b }, 2 },
                { COMPRESSION_XZ, { 0xfd, '7', 'z', 'X', 'Z', 0 }, 6 },
                { COMPRESSION_ZSTD, { 0x28, 0xb5, 0x2f, 0xfd }, 4 },
        };

        return find_magic(rows, ELEMENTSOF(rows), head, size);
}

/* As lib/decompress.c of the kernel tells them; lz4 in its legacy frame, and in the one of today. */
Compression compression_detect_image(const uint8_t *head, size_t size)
{
        static const Magic rows[] = {
                { COMPRESSION_LZ4, { 0x02, 0x21, 0x4c, 0x18 }, 4 },
                { COMPRESSION_LZ4, { 0x04, 0x22, 0x4d, 0x18 }, 4 },
                { COMPRESSION_LZMA, { 0x5d, 0, 0 }, 3 },
                { COMPRESSION_BZIP2, { 'B', 'Z', 'h' }, 3 },
        };
        Compression compression = compression_detect(head, size);

        return compression != COMPRESSION_NONE ? compression
                                               : find_magic(rows, ELEMENTSOF(rows), head, size);
}

static bool load(Compression compression, Library *ret)
{
        static const char *const filters[] = {
                [COMPRESSION_GZIP] = "archive_read_support_filter_gzip",
                [COMPRESSION_XZ] = "archive_read_support_filter_xz",
                [COMPRESSION_ZSTD] = "archive_read_support_filter_zstd",
                [COMPRESSION_LZ4] = "archive_read_support_filter_lz4",
                [COMPRESSION_LZMA] = "archive_read_support_filter_lzma",
                [COMPRESSION_BZIP2] = "archive_read_support_filter_bzip2",
        };

        return archive_library_function("archive_read_new", &ret->new) &&
               archive_library_function("archive_read_support_format_raw", &ret->support_raw) &&
               archive_library_function(filters[compression], &ret->support_filter) &&
               archive_library_function("archive_read_open", &ret->open) &&
               archive_library_function("archive_read_open_memory", &ret->open_memory) &&
               archive_library_function("archive_read_next_header", &ret->next_header) &&
               archive_library_function("archive_read_data", &ret->data) &&
               archive_library_function("archive_filter_bytes", &ret->filter_bytes) &&
               archive_library_function("archive_read_free", &ret->free);
}

Decompressor *decompressor_free(Decompressor *decompressor)
{
        if (!decompressor)
                return NULL;
        if (decompressor->archive)
                (void) decompressor->library.free(decompressor->archive);
        free(decompressor->block);
        free(decompressor);
        return NULL;
}

/* Without anything to read yet. */
static int decompressor_new(Compression compression, Decompressor **ret)
{
        Decompressor *decompressor CLEANUP(decompressor_freep) = calloc(1, sizeof(*decompressor));
        const Library *library;

        if (!decompressor)
                return -ENOMEM;
        library = &decompressor->library;
        if (compression == COMPRESSION_NONE || !load(compression, &decompressor->library))
                return -EOPNOTSUPP;
        decompressor->archive = library->new ();
        if (!decompressor->archive)
                return -ENOMEM;
        /* ARCHIVE_WARN would mean that it runs an external program. */
        if (library->support_raw(decompressor->archive) != ARCHIVE_OK ||
                        library->support_filter(decompressor->archive) != ARCHIVE_OK)
                return -EOPNOTSUPP;
        *ret = STEAL(decompressor);
        return 0;
}

static la_ssize_t read_block(struct archive *archive, void *userdata, const void **ret)
{
        Decompressor *decompressor = userdata;
        size_t size = decompressor->left < BLOCK_SIZE ? (size_t) decompressor->left : BLOCK_SIZE;
        ssize_t n;

        do
                n = read(decompressor->fd, decompressor->block, size);
        while (n < 0 && errno == EINTR);
        if (n > 0)
                decompressor->left -= (uint64_t) n;
        *ret = decompressor->block;
        return n;
}

/* Where a frame of zstd ends and something else begins, libarchive fails, and keeps what it had from that
 * frame. So it is told how much there is. */
static int measure_zstd(int fd, uint64_t *ret)
{
        off_t start = lseek(fd, 0, SEEK_CUR), end;

        if (start < 0)
                return -errno;
        end = zstd_frames_end(fd, start);
        if (end < 0)
                return (int) end;
        *ret = (uint64_t) (end - start);
        return 0;
}

int decompressor_new_fd(int fd, Compression compression, bool followed, Decompressor **ret)
{
        Decompressor *decompressor CLEANUP(decompressor_freep) = NULL;
        struct archive_entry *entry;
        int r = decompressor_new(compression, &decompressor);

        if (r < 0)
                return r;
        decompressor->fd = fd;
        decompressor->left = UINT64_MAX;
        if (followed && compression == COMPRESSION_ZSTD)
                r = measure_zstd(fd, &decompressor->left);
        if (r < 0)
                return r;
        decompressor->block = malloc(BLOCK_SIZE);
        if (!decompressor->block)
                return -ENOMEM;
        if (decompressor->library.open(decompressor->archive, decompressor, NULL, read_block, NULL) !=
                                        ARCHIVE_OK ||
                        decompressor->library.next_header(decompressor->archive, &entry) != ARCHIVE_OK)
                return -EBADMSG;
        *ret = STEAL(decompressor);
        return 0;
}

int decompressor_new_memory(const uint8_t *data, size_t size, Compression compression, Decompressor **ret)
{
        Decompressor *decompressor CLEANUP(decompressor_freep) = NULL;
        struct archive_entry *entry;
        int r = decompressor_new(compression, &decompressor);

        if (r < 0)
                return r;
        if (decompressor->library.open_memory(decompressor->archive, data, size) != ARCHIVE_OK ||
                        decompressor->library.next_header(decompressor->archive, &entry) != ARCHIVE_OK)
                return -EBADMSG;
        *ret = STEAL(decompressor);
        return 0;
}

ssize_t decompressor_read(Decompressor *decompressor, void *buffer, size_t size)
{
        la_ssize_t n = decompressor->library.data(decompressor->archive, buffer, size);

        return n < 0 ? -EBADMSG : (ssize_t) n;
}

uint64_t decompressor_taken(const Decompressor *decompressor)
{
        la_int64_t taken = decompressor->library.filter_bytes(decompressor->archive, -1);

        return taken < 0 ? 0 : (uint64_t) taken;
}

/* Room for more; LIMIT + 1 at most, so that one byte too many is seen. */
static int grow(uint8_t **data, size_t *capacity, size_t limit)
{
        size_t wanted = *capacity == 0 ? CAPACITY_FIRST : *capacity * 2;
        uint8_t *larger;

        if (wanted > limit + 1)
                wanted = limit + 1;
        larger = realloc(*data, wanted);
        if (!larger)
                return -ENOMEM;
        *data = larger;
        *capacity = wanted;
        return 0;
}

int decompressor_read_all(Decompressor *decompressor, size_t limit, uint8_t **ret, size_t *ret_size)
{
        uint8_t *data CLEANUP_FREE = NULL;
        size_t capacity = 0, size = 0;

        for (;;) {
                ssize_t n;

                if (size == capacity && grow(&data, &capacity, limit) < 0)
                        return -ENOMEM;
                n = decompressor_read(decompressor, data + size, capacity - size);
                if (n < 0)
                        return (int) n;
                if (n == 0)
                        break;
                size += (size_t) n;
                if (size > limit)
                        return -EFBIG;
        }
        *ret = STEAL(data);
        *ret_size = size;
        return 0;
}

int decompress(int fd, Compression compression, size_t limit, uint8_t **ret, size_t *ret_size)
{
        Decompressor *decompressor CLEANUP(decompressor_freep) = NULL;
        int r;

        if (lseek(fd, 0, SEEK_SET) < 0)
                return -errno;
        r = decompressor_new_fd(fd, compression, false, &decompressor);
        return r < 0 ? r : decompressor_read_all(decompressor, limit, ret, ret_size);
}
