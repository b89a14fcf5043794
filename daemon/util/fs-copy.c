/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copies files with all that belongs to them, and compares them byte by byte. It overwrites nothing. */

#include "util/fs-copy.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include "util/fs.h"

#define BLOCK_SIZE (128U * 1024)

/* Reads up to SIZE bytes at OFFSET; less only at the end of the file. */
static ssize_t read_block(int fd, char *block, size_t size, uint64_t offset)
{
        size_t done = 0;

        while (done < size) {
                ssize_t n = pread(fd, block + done, size - done, (off_t) (offset + done));

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return -errno;
                if (n == 0)
                        break;
                done += (size_t) n;
        }
        return (ssize_t) done;
}

static int copy_content(int from, int to, uint64_t limit)
{
        char *block CLEANUP_FREE = malloc(BLOCK_SIZE);
        uint64_t offset = 0;

        if (!block)
                return -ENOMEM;
        for (;;) {
                ssize_t n = read_block(from, block, BLOCK_SIZE, offset);
                int r;

                if (n <= 0)
                        return (int) n;
                offset += (uint64_t) n;
                if (offset > limit)
                        return -EFBIG;
                r = fs_write_all(to, block, (size_t) n);
                if (r < 0)
                        return r;
        }
}

static int copy_attribute(int from, int to, const char *name)
{
        ssize_t size = fgetxattr(from, name, NULL, 0);
        char *value CLEANUP_FREE = size < 0 ? NULL : malloc((size_t) size + 1);

        if (size < 0)
                return 0; /* gone meanwhile, or not for us to read */
        if (!value)
                return -ENOMEM;
        size = fgetxattr(from, name, value, (size_t) size);
        if (size < 0 || fsetxattr(to, name, value, (size_t) size, 0) >= 0)
                return 0;
        /* A file system that has none, and a policy that sets the label itself, are no reason to fail. */
        return errno == ENOTSUP || errno == EPERM || errno == EACCES ? 0 : -errno;
}

static int copy_attributes(int from, int to)
{
        ssize_t size = flistxattr(from, NULL, 0);
        char *names CLEANUP_FREE = size <= 0 ? NULL : calloc((size_t) size + 1, 1);

        if (size <= 0)
                return size == 0 || errno == ENOTSUP ? 0 : -errno;
        if (!names)
                return -ENOMEM;
        size = flistxattr(from, names, (size_t) size);
        for (const char *name = names; size > 0 && name < names + size; name += strlen(name) + 1) {
                int r = copy_attribute(from, to, name);

                if (r < 0)
                        return r;
        }
        return 0;
}

static int copy_metadata(int from, int to, bool like_source)
{
        struct stat st;

        if (!like_source)
                return fchmod(to, 0644) < 0 ? -errno : 0;
        if (fstat(from, &st) < 0)
                return -errno;
        /* Who isn't root keeps what is his. */
        if (geteuid() == 0 && fchown(to, st.st_uid, st.st_gid) < 0)
                return -errno;
        if (fchmod(to, st.st_mode & 07777) < 0)
                return -errno;
        if (futimens(to, (const struct timespec[]){ st.st_atim, st.st_mtim }) < 0)
                return -errno;
        return copy_attributes(from, to);
}

int fs_copy_fd(int source_fd, int target_fd, uint64_t limit, bool like_source)
{
        int r = copy_content(source_fd, target_fd, limit);

        return r < 0 ? r : copy_metadata(source_fd, target_fd, like_source);
}

static int put_new_file(int dir_fd, const char *temporary, const char *name)
{
        struct stat st;

        if (renameat2(dir_fd, temporary, dir_fd, name, RENAME_NOREPLACE) >= 0)
                return 0;
        if (errno != EINVAL && errno != ENOSYS)
                return -errno;
        /* A file system without it: the look before has to do. */
        if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) >= 0)
                return -EEXIST;
        return renameat(dir_fd, temporary, dir_fd, name) < 0 ? -errno : 0;
}

int fs_copy_file_at(int source_fd, int dir_fd, const char *name, uint64_t limit, bool like_source)
{
        char temporary[FS_TEMPORARY_NAME_SIZE];
        int fd CLEANUP_FD = -1;
        int r = fs_temporary_name(temporary);

        if (r < 0)
                return r;
        fd = openat(dir_fd, temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (fd < 0)
                return -errno;
        r = fs_copy_fd(source_fd, fd, limit, like_source);
        if (r >= 0)
                r = fs_sync(fd);
        if (r >= 0)
                r = put_new_file(dir_fd, temporary, name);
        if (r < 0)
                (void) unlinkat(dir_fd, temporary, 0);
        return r;
}

/* 1 with *ret_fd open, 0 if it isn't there or is no regular file. */
static int open_regular(int dir_fd, const char *name, int *ret_fd, struct stat *ret_stat)
{
        int fd CLEANUP_FD = openat(dir_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);

        if (fd < 0)
                return errno == ENOENT || errno == ELOOP || errno == ENXIO ? 0 : -errno;
        if (fstat(fd, ret_stat) < 0)
                return -errno;
        if (!S_ISREG(ret_stat->st_mode))
                return 0;
        *ret_fd = fd_steal(&fd);
        return 1;
}

static int compare_content(int a, int b, uint64_t size)
{
        char *blocks CLEANUP_FREE = malloc(2 * (size_t) BLOCK_SIZE);

        if (!blocks)
                return -ENOMEM;
        for (uint64_t offset = 0; offset < size; offset += BLOCK_SIZE) {
                ssize_t n = read_block(a, blocks, BLOCK_SIZE, offset);
                ssize_t m = n < 0 ? n : read_block(b, blocks + BLOCK_SIZE, BLOCK_SIZE, offset);

                if (m < 0)
                        return (int) m;
                if (n != m || memcmp(blocks, blocks + BLOCK_SIZE, (size_t) n) != 0)
                        return 0;
        }
        return 1;
}

static int same_content(int a_fd, const struct stat *a, int b_fd, const struct stat *b)
{
        if (a->st_dev == b->st_dev && a->st_ino == b->st_ino)
                return 1;
        return a->st_size == b->st_size ? compare_content(a_fd, b_fd, (uint64_t) a->st_size) : 0;
}

int fs_same_content(int a_fd, int b_fd)
{
        struct stat a, b;

        return fstat(a_fd, &a) < 0 || fstat(b_fd, &b) < 0 ? -errno : same_content(a_fd, &a, b_fd, &b);
}

int fs_same_file_at(int a_dir_fd, const char *a, int b_dir_fd, const char *b)
{
        int a_fd CLEANUP_FD = -1, b_fd CLEANUP_FD = -1;
        struct stat a_stat, b_stat;
        int r = open_regular(a_dir_fd, a, &a_fd, &a_stat);

        if (r > 0)
                r = open_regular(b_dir_fd, b, &b_fd, &b_stat);
        return r <= 0 ? r : same_content(a_fd, &a_stat, b_fd, &b_stat);
}
