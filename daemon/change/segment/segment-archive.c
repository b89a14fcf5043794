/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* libarchive's "newc" format with a filter around it, and no padding behind: `zstd -t` and lsinitramfs fail
 * at zeros behind a frame. */

#include "change/segment/segment-archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <string.h>

#include "host/module/archive-library.h"
#include "util/fs.h"

/* The functions that are used, by their own prototypes. */
typedef struct Library {
        __typeof__(&archive_write_new) new;
        __typeof__(&archive_write_set_format_cpio_newc) set_format;
        __typeof__(&archive_write_add_filter_none) add_filter;
        __typeof__(&archive_write_set_bytes_in_last_block) set_last_block;
        __typeof__(&archive_write_open) open;
        __typeof__(&archive_write_header) header;
        __typeof__(&archive_write_data) data;
        __typeof__(&archive_write_close) close;
        __typeof__(&archive_write_free) free;
        __typeof__(&archive_entry_new) entry_new;
        __typeof__(&archive_entry_free) entry_free;
        __typeof__(&archive_entry_set_pathname) set_path;
        __typeof__(&archive_entry_set_mode) set_mode;
        __typeof__(&archive_entry_set_size) set_size;
        __typeof__(&archive_entry_set_symlink) set_symlink;
        __typeof__(&archive_entry_set_nlink) set_links;
} Library;

struct SegmentArchive {
        Library library;
        struct archive *archive;
        int fd;
        int error; /* of write(2) */
};

static const char *filter_of(Compression compression)
{
        switch (compression) {
        case COMPRESSION_NONE:
                return "archive_write_add_filter_none";
        case COMPRESSION_GZIP:
                return "archive_write_add_filter_gzip";
        case COMPRESSION_ZSTD:
                return "archive_write_add_filter_zstd";
        default:
                return NULL;
        }
}

bool segment_archive_can(Compression compression)
{
        return filter_of(compression);
}

static bool load(Compression compression, Library *ret)
{
        return archive_library_function("archive_write_new", &ret->new) &&
               archive_library_function("archive_write_set_format_cpio_newc", &ret->set_format) &&
               archive_library_function(filter_of(compression), &ret->add_filter) &&
               archive_library_function("archive_write_set_bytes_in_last_block", &ret->set_last_block) &&
               archive_library_function("archive_write_open", &ret->open) &&
               archive_library_function("archive_write_header", &ret->header) &&
               archive_library_function("archive_write_data", &ret->data) &&
               archive_library_function("archive_write_close", &ret->close) &&
               archive_library_function("archive_write_free", &ret->free) &&
               archive_library_function("archive_entry_new", &ret->entry_new) &&
               archive_library_function("archive_entry_free", &ret->entry_free) &&
               archive_library_function("archive_entry_set_pathname", &ret->set_path) &&
               archive_library_function("archive_entry_set_mode", &ret->set_mode) &&
               archive_library_function("archive_entry_set_size", &ret->set_size) &&
               archive_library_function("archive_entry_set_symlink", &ret->set_symlink) &&
               archive_library_function("archive_entry_set_nlink", &ret->set_links);
}

SegmentArchive *segment_archive_free(SegmentArchive *archive)
{
        if (!archive)
                return NULL;
        if (archive->archive)
                (void) archive->library.free(archive->archive);
        free(archive);
        return NULL;
}

static la_ssize_t write_block(struct archive *archive, void *userdata, const void *data, size_t size)
{
        SegmentArchive *segment = userdata;
        int r = segment->error < 0 ? segment->error : fs_write_all(segment->fd, data, size);

        if (r >= 0)
                return (la_ssize_t) size;
        segment->error = r;
        return -1;
}

int segment_archive_new(int fd, Compression compression, SegmentArchive **ret)
{
        SegmentArchive *archive CLEANUP(segment_archive_freep) = NULL;
        const Library *library;

        if (!segment_archive_can(compression))
                return -EOPNOTSUPP;
        archive = calloc(1, sizeof(*archive));
        if (!archive)
                return -ENOMEM;
        archive->fd = fd;
        library = &archive->library;
        if (!load(compression, &archive->library))
                return -EOPNOTSUPP;
        archive->archive = library->new ();
        if (!archive->archive)
                return -ENOMEM;
        /* ARCHIVE_WARN would mean that it runs an external program. */
        if (library->set_format(archive->archive) != ARCHIVE_OK ||
                        library->add_filter(archive->archive) != ARCHIVE_OK ||
                        library->set_last_block(archive->archive, 1) != ARCHIVE_OK ||
                        library->open(archive->archive, archive, NULL, write_block, NULL) != ARCHIVE_OK)
                return -EOPNOTSUPP;
        *ret = STEAL(archive);
        return 0;
}

static int error_of(const SegmentArchive *archive)
{
        return archive->error < 0 ? archive->error : -EIO;
}

int segment_archive_add(
                SegmentArchive *archive, const char *path, mode_t mode, const void *data, size_t size)
{
        const Library *library = &archive->library;
        struct archive_entry *entry = library->entry_new();
        char *text CLEANUP_FREE = S_ISLNK(mode) ? strndup(data, size) : NULL;
        bool written;

        if (!entry || (S_ISLNK(mode) && !text)) {
                library->entry_free(entry);
                return -ENOMEM;
        }
        library->set_path(entry, path);
        library->set_mode(entry, mode);
        library->set_links(entry, S_ISDIR(mode) ? 2 : 1);
        if (S_ISLNK(mode))
                library->set_symlink(entry, text);
        library->set_size(entry, S_ISREG(mode) ? (la_int64_t) size : 0);
        written = library->header(archive->archive, entry) == ARCHIVE_OK &&
                  (!S_ISREG(mode) || size == 0 ||
                                  library->data(archive->archive, data, size) == (la_ssize_t) size);
        library->entry_free(entry);
        return written ? 0 : error_of(archive);
}

int segment_archive_end(SegmentArchive *archive)
{
        return archive->library.close(archive->archive) == ARCHIVE_OK ? 0 : error_of(archive);
}
