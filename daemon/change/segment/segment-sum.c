/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One file's line of an mtree list, in memory. */

#include "change/segment/segment-sum.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "host/module/archive-library.h"

#define BLOCK_SIZE (128U * 1024)
/* libarchive writes blocks of 10 KiB. */
#define LIST_SIZE (32U * 1024)
#define KEYWORD "sha256digest="

typedef struct Library {
        __typeof__(&archive_write_new) new;
        __typeof__(&archive_write_set_format_mtree) set_format;
        __typeof__(&archive_write_set_format_option) set_option;
        __typeof__(&archive_write_open_memory) open_memory;
        __typeof__(&archive_write_header) header;
        __typeof__(&archive_write_data) data;
        __typeof__(&archive_write_close) close;
        __typeof__(&archive_write_free) free;
        __typeof__(&archive_entry_new) entry_new;
        __typeof__(&archive_entry_free) entry_free;
        __typeof__(&archive_entry_set_pathname) set_path;
        __typeof__(&archive_entry_set_mode) set_mode;
        __typeof__(&archive_entry_set_size) set_size;
} Library;

static bool load(Library *ret)
{
        return archive_library_function("archive_write_new", &ret->new) &&
               archive_library_function("archive_write_set_format_mtree", &ret->set_format) &&
               archive_library_function("archive_write_set_format_option", &ret->set_option) &&
               archive_library_function("archive_write_open_memory", &ret->open_memory) &&
               archive_library_function("archive_write_header", &ret->header) &&
               archive_library_function("archive_write_data", &ret->data) &&
               archive_library_function("archive_write_close", &ret->close) &&
               archive_library_function("archive_write_free", &ret->free) &&
               archive_library_function("archive_entry_new", &ret->entry_new) &&
               archive_library_function("archive_entry_free", &ret->entry_free) &&
               archive_library_function("archive_entry_set_pathname", &ret->set_path) &&
               archive_library_function("archive_entry_set_mode", &ret->set_mode) &&
               archive_library_function("archive_entry_set_size", &ret->set_size);
}

static bool begin(const Library *library, struct archive *list, uint64_t size, char *text, size_t *used)
{
        struct archive_entry *entry;
        bool begun = library->set_format(list) == ARCHIVE_OK &&
                     library->set_option(list, "mtree", "all", NULL) == ARCHIVE_OK &&
                     library->set_option(list, "mtree", "sha256", "1") == ARCHIVE_OK &&
                     library->open_memory(list, text, LIST_SIZE - 1, used) == ARCHIVE_OK;

        entry = begun ? library->entry_new() : NULL;
        if (!entry)
                return false;
        library->set_path(entry, "image");
        library->set_mode(entry, S_IFREG | 0600);
        library->set_size(entry, (la_int64_t) size);
        begun = library->header(list, entry) == ARCHIVE_OK;
        library->entry_free(entry);
        return begun;
}

static int add_content(const Library *library, struct archive *list, int fd, uint64_t size)
{
        char *block CLEANUP_FREE = malloc(BLOCK_SIZE);
        uint64_t done = 0;

        if (!block)
                return -ENOMEM;
        while (done < size) {
                size_t wanted = size - done < BLOCK_SIZE ? (size_t) (size - done) : BLOCK_SIZE;
                ssize_t n = pread(fd, block, wanted, (off_t) done);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n <= 0)
                        return n < 0 ? -errno : -EBADMSG;
                if (library->data(list, block, (size_t) n) != (la_ssize_t) n)
                        return -EIO;
                done += (uint64_t) n;
        }
        return library->close(list) == ARCHIVE_OK ? 0 : -EIO;
}

int segment_sum(int fd, uint64_t size, char ret[static SEGMENT_SHA256_SIZE])
{
        char *text CLEANUP_FREE = calloc(1, LIST_SIZE);
        struct archive *list;
        const char *digits;
        Library library;
        size_t used = 0;
        int r;

        if (!text)
                return -ENOMEM;
        if (!load(&library))
                return -EOPNOTSUPP;
        list = library.new();
        if (!list)
                return -ENOMEM;
        r = begin(&library, list, size, text, &used) ? add_content(&library, list, fd, size) : -EOPNOTSUPP;
        (void) library.free(list);
        if (r < 0)
                return r;
        digits = strstr(text, KEYWORD);
        digits = digits ? digits + strlen(KEYWORD) : "";
        if (strspn(digits, "0123456789abcdef") != SEGMENT_SHA256_SIZE - 1)
                return -EOPNOTSUPP; /* libarchive was built without a library for sums */
        memcpy(ret, digits, SEGMENT_SHA256_SIZE - 1);
        ret[SEGMENT_SHA256_SIZE - 1] = '\0';
        return 0;
}
