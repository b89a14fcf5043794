/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Writes the mark, reads it, and finds it from the end of an image: a compressed archive has no length, and
 * to decompress all that comes before takes a second. */

#include "change/segment/segment-mark.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <string.h>
#include <sys/stat.h>

#include "host/initramfs/cpio-reader.h"
#include "util/exhausted.h"

#define FORMAT 1
#define MARK_SIZE_MAX (64U * 1024)
/* What a segment has decompressed before its mark is seen. */
#define HEAD_BYTES_MAX (1024U * 1024)
#define WINDOW_SIZE (256U * 1024)
#define MAGIC_SIZE_MAX 6U

/* --- the text -------------------------------------------------------------------------------------------
 */

static json_t *format_modules(ModuleFile *const *files, size_t count)
{
        json_t *object = json_object();

        for (size_t i = 0; object && i < count; i++) {
                const ModuleFile *file = files[i];
                json_t *module = json_pack(
                                "{s:s, s:s}", "version", file->version, "build-id", file->build_id);

                if (json_object_set_new(object, file->name, module) < 0) {
                        json_decref(object);
                        return NULL;
                }
        }
        return object;
}

int segment_mark_format(const SegmentBaseMark *base, ModuleFile *const *files, size_t count, char **ret)
{
        json_t *list = format_modules(files, count), *mark;

        if (!list)
                return -ENOMEM;
        mark = json_pack("{s:i, s:{s:I, s:s}, s:o}", "format", FORMAT, "base", "size",
                        (json_int_t) base->size, "sha256", base->sha256, "modules", list);
        if (!mark)
                return -ENOMEM;
        *ret = json_dumps(mark, JSON_INDENT(1) | JSON_SORT_KEYS);
        json_decref(mark);
        return *ret ? 0 : -ENOMEM;
}

int segment_mark_parse(const char *text, SegmentBaseMark *ret)
{
        json_t *mark = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
        const char *sum;
        json_int_t size;
        int format;
        bool known;

        known = mark &&
                json_unpack(mark, "{s:i, s:{s:I, s:s}}", "format", &format, "base", "size", &size, "sha256",
                                &sum) == 0 &&
                format == FORMAT && size > 0 && strlen(sum) + 1 == SEGMENT_SHA256_SIZE;
        if (known) {
                ret->size = (uint64_t) size;
                memcpy(ret->sha256, sum, SEGMENT_SHA256_SIZE);
        }
        if (mark)
                json_decref(mark);
        return known ? 0 : -EBADMSG;
}

/* --- the end of an image --------------------------------------------------------------------------------
 */

/* Whether a segment begins at OFFSET: its mark says that this is where its base ends. */
static int check_at(int fd, off_t offset, SegmentBaseMark *ret)
{
        CpioReader *reader CLEANUP(cpio_reader_freep) = NULL;
        uint8_t *text CLEANUP_FREE = NULL;
        CpioEntry *entry CLEANUP_FREE = malloc(sizeof(*entry));
        int copy = fcntl(fd, F_DUPFD_CLOEXEC, 3);
        int r;

        if (copy < 0 || !entry || lseek(copy, offset, SEEK_SET) < 0) {
                r = entry ? -errno : -ENOMEM;
                (void) fd_close(copy);
                return r;
        }
        r = cpio_reader_new(copy, HEAD_BYTES_MAX, &reader);
        if (r >= 0)
                r = cpio_reader_next(reader, entry);
        if (r > 0)
                r = strcmp(entry->name, SEGMENT_MARK_DIRECTORY) == 0 ? cpio_reader_next(reader, entry) : 0;
        if (r > 0)
                r = strcmp(entry->name, SEGMENT_MARK_FILE) == 0
                                    ? cpio_reader_content(reader, MARK_SIZE_MAX, &text)
                                    : -EBADMSG;
        if (r >= 0 && text)
                r = segment_mark_parse((char *) text, ret);
        if (exhausted(r))
                return r;
        return r >= 0 && text && (off_t) ret->size == offset ? 1 : 0;
}

/* What a segment may begin with: what this service compresses with, or cpio's own. */
static bool may_begin(const uint8_t *bytes, off_t offset)
{
        switch (compression_detect(bytes, MAGIC_SIZE_MAX)) {
        case COMPRESSION_GZIP:
                return bytes[2] == 8; /* "deflate", the one method there is (RFC 1952) */
        case COMPRESSION_ZSTD:
                return true;
        default:
                return offset % 4 == 0 && memcmp(bytes, "070701", MAGIC_SIZE_MAX) == 0;
        }
}

int segment_find(int fd, SegmentBaseMark *ret)
{
        uint8_t *window CLEANUP_FREE = malloc(WINDOW_SIZE + MAGIC_SIZE_MAX);
        struct stat st;
        off_t end;

        if (!window)
                return -ENOMEM;
        if (fstat(fd, &st) < 0)
                return -errno;
        /* Windows overlap by a magic, so that none is cut in two. */
        for (end = st.st_size; end > 0;) {
                off_t start = end > (off_t) WINDOW_SIZE ? end - (off_t) WINDOW_SIZE : 0;
                size_t wanted = (size_t) (end - start) + MAGIC_SIZE_MAX;
                ssize_t n = pread(fd, window, wanted, start);

                if (n < 0)
                        return -errno;
                for (ssize_t i = end - start; i-- > 0;) {
                        int r;

                        if (i + (ssize_t) MAGIC_SIZE_MAX > n || start + i == 0 ||
                                        !may_begin(window + i, start + i))
                                continue;
                        r = check_at(fd, start + i, ret);
                        if (r != 0)
                                return r;
                }
                end = start;
        }
        return 0;
}
