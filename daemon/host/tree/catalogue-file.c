/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Finds out what a directory entry of a module file's name is, and reads it only if nobody knows it yet. */

#include "host/tree/catalogue-file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "host/module-path.h"
#include "host/module/module-assemble.h"
#include "host/module/module-read.h"
#include "util/exhausted.h"
#include "util/text-format.h"

/* O_NONBLOCK: should a FIFO take the file's place meanwhile, it must not block the service. */
#define READ_FLAGS (O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)

static int defective(ModuleDefect defect, int error, ModuleFile **ret)
{
        int r = exhausted(error) ? error : module_file_new_defective(defect, error, ret);

        return r < 0 ? r : 1;
}

/* Reads the open file FD, whose stamp is *STAMP or, if it has been replaced since, becomes that. */
static int read_open(const FileSource *source, const TreeFile *file, const char *cache_path, int fd,
                FileStamp *stamp, ModuleFile **ret)
{
        ModuleFile *metadata CLEANUP(module_file_unrefp) = NULL;
        char *path CLEANUP_FREE = NULL;
        FileStamp after;
        struct stat st;
        int r;

        if (fstat(fd, &st) < 0)
                return defective(MODULE_UNREADABLE, -errno, ret);
        if (!S_ISREG(st.st_mode))
                return defective(MODULE_NOT_REGULAR, 0, ret);
        *stamp = file_stamp(&st);
        if (source->modules_path && text_format(&path, "%s/%s", source->modules_path, file->path) < 0)
                return -ENOMEM;
        r = module_file_read(fd, path, &metadata);
        if (r < 0)
                return r;
        /* Not if it changed while it was read; and what can't be read now may be readable soon. */
        if (source->cache && source->cache->keep && metadata->defect != MODULE_UNREADABLE &&
                        fstat(fd, &st) >= 0) {
                after = file_stamp(&st);
                if (file_stamp_equal(stamp, &after))
                        (void) source->cache->keep(source->cache->userdata, cache_path, stamp, metadata);
        }
        *ret = STEAL(metadata);
        return 1;
}

/* 1 if the metadata of a file of this stamp is known. */
static int find_known(const FileSource *source, const TreeFile *file, const char *cache_path,
                const FileStamp *stamp, ModuleFile **ret)
{
        const CatalogueFile *previous = NULL;

        if (source->previous)
                previous = catalogue_file_at(source->previous, file->path);
        if (previous && previous->file->defect != MODULE_UNREADABLE &&
                        file_stamp_equal(&previous->stamp, stamp)) {
                *ret = module_file_ref(previous->file);
                return 1;
        }
        if (!source->cache || !source->cache->find)
                return 0;
        return source->cache->find(source->cache->userdata, cache_path, stamp, ret) > 0;
}

/* Opens what the link FILE leads to, which is open as LINK_FD by O_PATH. -1 with errno set. */
static int open_link_target(const TreeFile *file, int link_fd, const struct stat *st)
{
        char link[sizeof("/proc/self/fd/") + 3 * sizeof(int)];
        struct stat now;
        int fd;

        (void) snprintf(link, sizeof(link), "/proc/self/fd/%d", link_fd);
        /* By that name the kernel opens the very file that was checked (proc(5)). */
        fd = open(link, READ_FLAGS);
        if (fd >= 0 || errno != ENOENT)
                return fd;
        /* A chroot may lack /proc: by the link's name it may be another file by now. */
        fd = openat(file->directory_fd, file->file, READ_FLAGS);
        if (fd >= 0 && (fstat(fd, &now) < 0 || now.st_dev != st->st_dev || now.st_ino != st->st_ino)) {
                fd = fd_close(fd);
                errno = ENOENT;
        }
        return fd;
}

/* LINK_FD is the file that a link leads to, opened by O_PATH; -1 if FILE is no link. */
static int read_regular(const FileSource *source, const TreeFile *file, int link_fd, const struct stat *st,
                FileStamp *ret_stamp, ModuleFile **ret)
{
        char *cache_path CLEANUP_FREE = NULL;
        int fd CLEANUP_FD = -1;

        *ret_stamp = file_stamp(st);
        if (text_format(&cache_path, "/lib/modules/%s/%s", source->release, file->path) < 0)
                return -ENOMEM;
        if (find_known(source, file, cache_path, ret_stamp, ret) > 0)
                return 1;
        fd = link_fd >= 0 ? open_link_target(file, link_fd, st)
                          : openat(file->directory_fd, file->file, READ_FLAGS | O_NOFOLLOW);
        if (fd < 0 && (errno == ENOENT || errno == ELOOP))
                return 0;
        if (fd < 0)
                return defective(MODULE_UNREADABLE, -errno, ret);
        return read_open(source, file, cache_path, fd, ret_stamp, ret);
}

/* What the link FILE leads to, if it is a regular file beneath the module directory. */
static int read_link_target(
                const FileSource *source, const TreeFile *file, FileStamp *ret_stamp, ModuleFile **ret)
{
        int fd CLEANUP_FD = openat(file->directory_fd, file->file, O_PATH | O_CLOEXEC);
        char *path CLEANUP_FREE = NULL, *target CLEANUP_FREE = NULL;
        struct stat st;
        int r;

        if (fd < 0)
                return defective(MODULE_UNREADABLE, -errno, ret);
        r = text_format(&path, "/lib/modules/%s/%s", source->release, file->path);
        if (r >= 0)
                r = module_path_place(source->root, source->release, source->modules_fd, path, fd, &target);
        if (exhausted(r))
                return r;
        if (r == -EXDEV)
                return defective(MODULE_NOT_REGULAR, 0, ret);
        if (r < 0 || fstat(fd, &st) < 0)
                return defective(MODULE_UNREADABLE, r < 0 ? r : -errno, ret);
        if (!S_ISREG(st.st_mode))
                return defective(MODULE_NOT_REGULAR, 0, ret);
        return read_regular(source, file, fd, &st, ret_stamp, ret);
}

int catalogue_file_read(
                const FileSource *source, const TreeFile *file, FileStamp *ret_stamp, ModuleFile **ret)
{
        struct stat st;

        *ret_stamp = (FileStamp){ 0 };
        if (fstatat(file->directory_fd, file->file, &st, AT_SYMLINK_NOFOLLOW) < 0)
                return errno == ENOENT ? 0 : defective(MODULE_UNREADABLE, -errno, ret);
        if (S_ISLNK(st.st_mode))
                return read_link_target(source, file, ret_stamp, ret);
        if (!S_ISREG(st.st_mode))
                return defective(MODULE_NOT_REGULAR, 0, ret);
        return read_regular(source, file, -1, &st, ret_stamp, ret);
}
