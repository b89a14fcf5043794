/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copies the old image without the segment that it may have, reads it, and appends a new one. */

#include "change/segment/segment-build.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "change/segment/segment-archive.h"
#include "change/segment/segment-content.h"
#include "change/segment/segment-mark.h"
#include "host/module/module-read.h"
#include "host/name.h"
#include "util/fs-copy.h"

#define MODULE_SIZE_MAX (64U * 1024 * 1024)
#define IMAGE_SIZE_MAX (4ULL * 1024 * 1024 * 1024)

/* --- the copy -------------------------------------------------------------------------------------------
 */

/* The image that is there, if it is still the one that was looked at. A descriptor. */
static int open_old(const SegmentTask *task, struct stat *ret_stat, Refusal *refusal)
{
        int old CLEANUP_FD = openat(task->dir_fd, task->name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
        FileStamp stamp;

        if (old < 0 || fstat(old, ret_stat) < 0)
                return -errno;
        stamp = file_stamp(ret_stat);
        if (!file_stamp_equal(&stamp, &task->old->stamp))
                return refuse(refusal, REFUSAL_FAILED, "%s has changed meanwhile.", task->old->path);
        return fd_steal(&old);
}

/* The part of OLD that is no segment, at the temporary name, checked. A descriptor to read and write it. */
static int copy_base(const SegmentTask *task, int old, const struct stat *st, SegmentBaseMark *ret,
                Refusal *refusal)
{
        int copy CLEANUP_FD = -1;
        char sum[SEGMENT_SHA256_SIZE];
        int r = segment_find(old, ret);

        if (r == 0)
                ret->size = (uint64_t) st->st_size;
        if (r >= 0)
                r = segment_sum(old, ret->size, ret->sha256);
        if (r < 0)
                return r;
        /* By no other name, which would stay if this process is killed. */
        copy = openat(task->dir_fd, task->temporary, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
                        0600);
        if (copy < 0)
                return -errno;
        r = fs_copy_fd(old, copy, IMAGE_SIZE_MAX, true);
        if (r < 0)
                return r;
        if (ftruncate(copy, (off_t) ret->size) < 0)
                return -errno;
        r = segment_sum(copy, ret->size, sum);
        if (r < 0)
                return r;
        if (strcmp(sum, ret->sha256) != 0)
                return refuse(refusal, REFUSAL_FAILED, "The copy of %s isn't what was copied.",
                                task->old->path);
        return fd_steal(&copy);
}

/* --- the archive ----------------------------------------------------------------------------------------
 */

/* Directories that lead to PATH and aren't in the image. One that is there must not come again: an entry for
 * "lib" would replace the link of that name, and nothing would boot (measured with Linux 6.1). */
static int add_parents(SegmentArchive *archive, StringSet *there, const char *path)
{
        char *parent CLEANUP_FREE = strdup(path);
        int r = parent ? 0 : -ENOMEM;

        for (char *slash = parent; r >= 0 && (slash = strchr(slash, '/')); *slash++ = '/') {
                *slash = '\0';
                r = string_set_add(there, parent);
                if (r > 0)
                        r = segment_archive_add(archive, parent, S_IFDIR | 0755, NULL, 0);
        }
        return r;
}

static bool is_module(const SegmentFile *file)
{
        const char *slash = strrchr(file->path, '/');

        return S_ISREG(file->mode) && module_file_stem(slash ? slash + 1 : file->path) > 0;
}

static int add_mark(SegmentArchive *archive, const SegmentBaseMark *mark, const SegmentContent *content)
{
        ModuleFile **modules = calloc(content->count + 1, sizeof(ModuleFile *));
        char *text CLEANUP_FREE = NULL;
        size_t count = 0;
        int r = modules ? 0 : -ENOMEM;

        for (size_t i = 0; r >= 0 && i < content->count; i++) {
                const SegmentFile *file = &content->files[i];

                if (is_module(file))
                        r = module_file_parse_packed(
                                        file->data, file->size, MODULE_SIZE_MAX, &modules[count]);
                count += modules[count] != NULL;
        }
        if (r >= 0)
                r = segment_mark_format(mark, modules, count, &text);
        for (size_t i = 0; modules && i < count; i++)
                (void) module_file_unref(modules[i]);
        free(modules);
        if (r >= 0)
                r = segment_archive_add(archive, SEGMENT_MARK_DIRECTORY, S_IFDIR | 0755, NULL, 0);
        return r < 0 ? r
                     : segment_archive_add(archive, SEGMENT_MARK_FILE, S_IFREG | 0644, text, strlen(text));
}

/* Behind the base. */
static int append(int fd, SegmentBase *base, const SegmentBaseMark *mark, const SegmentContent *content)
{
        SegmentArchive *archive CLEANUP(segment_archive_freep) = NULL;
        int r;

        if (lseek(fd, (off_t) mark->size, SEEK_SET) < 0)
                return -errno;
        r = segment_archive_new(fd, base->compression, &archive);
        if (r >= 0)
                r = add_mark(archive, mark, content);
        for (size_t i = 0; r >= 0 && i < content->count; i++) {
                const SegmentFile *file = &content->files[i];

                r = add_parents(archive, &base->paths, file->path);
                if (r >= 0)
                        r = segment_archive_add(archive, file->path, file->mode, file->data, file->size);
        }
        return r < 0 ? r : segment_archive_end(archive);
}

/* The kernel passes over what it can't write, and a link may lead nowhere. */
static int check_parents(const SegmentTask *task, const SegmentBase *base, const SegmentContent *content,
                Refusal *refusal)
{
        for (size_t i = 0; i < content->count; i++) {
                char *parent CLEANUP_FREE = strdup(content->files[i].path);

                if (!parent)
                        return -ENOMEM;
                for (char *slash = parent; (slash = strchr(slash, '/')); *slash++ = '/') {
                        *slash = '\0';
                        if (string_set_contains(&base->others, parent))
                                return refuse(refusal, REFUSAL_NOT_SUPPORTED,
                                                "%s has something else than a directory at %s.",
                                                task->old->path, parent);
                }
        }
        return 0;
}

static int check_base(const SegmentTask *task, const SegmentBase *base, const SegmentBaseMark *mark,
                Refusal *refusal)
{
        if (!segment_archive_can(base->compression))
                return refuse(refusal, REFUSAL_NOT_SUPPORTED,
                                "%s is compressed in a way that this service can't write.", task->old->path);
        if (base->compression == COMPRESSION_NONE && mark->size % 4 != 0)
                return refuse(refusal, REFUSAL_NOT_SUPPORTED,
                                "%s has bytes behind its end that nothing can follow.", task->old->path);
        return 0;
}

/* What the old segment brought, the new one brings, too. */
static int take_old_segment(int old, const struct stat *st, const SegmentBaseMark *mark,
                const SegmentBase *base, SegmentStage *stage, SegmentContent *content, Refusal *refusal)
{
        if (mark->size == (uint64_t) st->st_size)
                return 0;
        if (lseek(old, (off_t) mark->size, SEEK_SET) < 0)
                return -errno;
        return segment_content_take(old, base, stage, content, refusal);
}

int segment_build(const SegmentTask *task, Refusal *refusal)
{
        SegmentStage stage CLEANUP(segment_stage_done) = SEGMENT_STAGE_NONE;
        SegmentBase base CLEANUP(segment_base_done) = { 0 };
        SegmentContent content CLEANUP(segment_content_done) = { 0 };
        SegmentBaseMark mark;
        struct stat st;
        int old CLEANUP_FD = open_old(task, &st, refusal);
        int fd CLEANUP_FD = old < 0 ? old : copy_base(task, old, &st, &mark, refusal);
        int r = fd;

        if (r >= 0)
                r = segment_stage_init(task->release, &stage);
        if (r >= 0)
                r = segment_base_read(fd, task->root, &stage, &base, refusal);
        if (r >= 0)
                r = check_base(task, &base, &mark, refusal);
        if (r >= 0)
                r = take_old_segment(old, &st, &mark, &base, &stage, &content, refusal);
        if (r >= 0)
                r = segment_content_make(
                                task->root, task->old, &base, task->wants, &stage, &content, refusal);
        if (r >= 0)
                r = check_parents(task, &base, &content, refusal);
        if (r >= 0)
                r = append(fd, &base, &mark, &content);
        if (r < 0)
                return r;
        /* Triggered updates of an image that is newer than what triggers them are passed over, and this one
         * is no newer than it was (initramfs-tools 0.148, update-initramfs). */
        return futimens(fd, (const struct timespec[]){ st.st_atim, st.st_mtim }) < 0 ? -errno : 0;
}
