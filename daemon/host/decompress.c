/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* libarchive's filters without a format around them ("raw"). It knows nothing of modules. */

#include "host/decompress.h"

#include <archive.h>
#include <archive_entry.h>
#include <dlfcn.h>
#include <errno.h>
#include <string.h>

#define LIBRARY "libarchive.so.13"
#define BLOCK_SIZE (64 * 1024)
#define CAPACITY_FIRST (256 * 1024)

/* The functions that are used, by their own prototypes. The library stays loaded, since loading it costs
 * more than decompressing. */
typedef struct Library {
        __typeof__(&archive_read_new) new;
        __typeof__(&archive_read_support_format_raw) support_raw;
        __typeof__(&archive_read_support_filter_gzip) support_filter;
        __typeof__(&archive_read_open_fd) open_fd;
        __typeof__(&archive_read_next_header) next_header;
        __typeof__(&archive_read_data) data;
        __typeof__(&archive_read_free) free;
} Library;

Compression compression_detect(const uint8_t *head, size_t size)
{
        static const struct {
                Compression compression;
                uint8_t magic[6];
                size_t size;
        } rows[] = {
                { COMPRESSION_GZIP, { 0x1f, 0x8b }, 2 },
                { COMPRESSION_XZ, { 0xfd, '7', 'z', 'X', 'Z', 0 }, 6 },
                { COMPRESSION_ZSTD, { 0x28, 0xb5, 0x2f, 0xfd }, 4 },
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++)
                if (size >= rows[i].size && memcmp(head, rows[i].magic, rows[i].size) == 0)
                        return rows[i].compression;
        return COMPRESSION_NONE;
}

static bool symbol(void *handle, const char *name, void *place)
{
        void *address = dlsym(handle, name);

        memcpy(place, &address, sizeof(address));
        return address != NULL;
}

static bool load(Compression compression, Library *ret)
{
        static const char *const filters[] = {
                [COMPRESSION_GZIP] = "archive_read_support_filter_gzip",
                [COMPRESSION_XZ] = "archive_read_support_filter_xz",
                [COMPRESSION_ZSTD] = "archive_read_support_filter_zstd",
        };
        void *handle = dlopen(LIBRARY, RTLD_LAZY | RTLD_NODELETE);
        bool found = handle && symbol(handle, "archive_read_new", &ret->new) &&
                     symbol(handle, "archive_read_support_format_raw", &ret->support_raw) &&
                     symbol(handle, filters[compression], &ret->support_filter) &&
                     symbol(handle, "archive_read_open_fd", &ret->open_fd) &&
                     symbol(handle, "archive_read_next_header", &ret->next_header) &&
                     symbol(handle, "archive_read_data", &ret->data) &&
                     symbol(handle, "archive_read_free", &ret->free);

        if (handle)
                (void) dlclose(handle); /* RTLD_NODELETE keeps it */
        return found;
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

static int read_all(const Library *library, struct archive *archive, size_t limit, uint8_t **ret,
                size_t *ret_size)
{
        uint8_t *data CLEANUP_FREE = NULL;
        size_t capacity = 0, size = 0;

        for (;;) {
                la_ssize_t n;

                if (size == capacity && grow(&data, &capacity, limit) < 0)
                        return -ENOMEM;
                n = library->data(archive, data + size, capacity - size);
                if (n < 0)
                        return -EBADMSG;
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
        struct archive_entry *entry;
        struct archive *archive;
        Library library;
        int r;

        if (compression == COMPRESSION_NONE || !load(compression, &library))
                return -EOPNOTSUPP;
        if (lseek(fd, 0, SEEK_SET) < 0)
                return -errno;
        archive = library.new();
        if (!archive)
                return -ENOMEM;
        /* ARCHIVE_WARN would mean that it runs an external program. */
        if (library.support_raw(archive) != ARCHIVE_OK || library.support_filter(archive) != ARCHIVE_OK)
                r = -EOPNOTSUPP;
        else if (library.open_fd(archive, fd, BLOCK_SIZE) != ARCHIVE_OK ||
                        library.next_header(archive, &entry) != ARCHIVE_OK)
                r = -EBADMSG;
        else
                r = read_all(&library, archive, limit, ret, ret_size);
        (void) library.free(archive);
        return r;
}
