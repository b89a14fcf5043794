/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads whole files; replaces files and links so that whoever looks sees the old one or the new. */

#include "util/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>

int fd_close(int fd)
{
        int saved = errno;

        if (fd >= 0)
                (void) close(fd);
        errno = saved;
        return -1;
}

int fs_temporary_name(char name[static FS_TEMPORARY_NAME_SIZE])
{
        uint64_t random;

        if (getrandom(&random, sizeof(random), 0) != sizeof(random))
                return -EIO;
        (void) snprintf(name, FS_TEMPORARY_NAME_SIZE, FS_TEMPORARY_PREFIX "%016" PRIx64, random);
        return 0;
}

static int grow(char **data, size_t *capacity, size_t limit)
{
        size_t wanted = *capacity * 2 > limit ? limit : *capacity * 2;
        char *larger = realloc(*data, wanted + 1);

        if (!larger)
                return -ENOMEM;
        *data = larger;
        *capacity = wanted;
        return 0;
}

bool fs_is_temporary(const char *name)
{
        return strncmp(name, FS_TEMPORARY_PREFIX, strlen(FS_TEMPORARY_PREFIX)) == 0;
}

int fs_read_fd(int fd, size_t limit, char **ret_data, size_t *ret_size)
{
        char *data CLEANUP_FREE = NULL;
        size_t capacity, size = 0;
        struct stat st;

        if (fstat(fd, &st) < 0)
                return -errno;
        /* sysfs and proc say 0 or a page whatever is inside; one byte more than the size finds the end at
         * once. */
        capacity = st.st_size > 0 ? (size_t) st.st_size + 1 : 4096;
        if (capacity > limit)
                capacity = limit;
        data = malloc(capacity + 1);
        if (!data)
                return -ENOMEM;
        for (;;) {
                ssize_t n = read(fd, data + size, capacity - size + (capacity == limit && size == limit));

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return -errno;
                if (n == 0)
                        break;
                size += (size_t) n;
                if (size > limit)
                        return -EFBIG;
                if (size == capacity && capacity < limit && grow(&data, &capacity, limit) < 0)
                        return -ENOMEM;
        }
        data[size] = '\0';
        *ret_data = STEAL(data);
        if (ret_size)
                *ret_size = size;
        return 0;
}

int fs_read_file_at(int dir_fd, const char *path, size_t limit, char **ret_data, size_t *ret_size)
{
        /* O_NONBLOCK: a FIFO that stands there must not block the service. */
        int fd CLEANUP_FD = openat(dir_fd, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
        struct stat st;

        if (fd < 0)
                return errno == ENXIO ? -EINVAL : -errno;
        if (fstat(fd, &st) < 0)
                return -errno;
        if (!S_ISREG(st.st_mode))
                return -EINVAL;
        return fs_read_fd(fd, limit, ret_data, ret_size);
}

int fs_read_link_at(int dir_fd, const char *name, char **ret_target)
{
        char target[PATH_MAX];
        ssize_t n = readlinkat(dir_fd, name, target, sizeof(target) - 1);

        if (n < 0)
                return -errno;
        target[n] = '\0';
        *ret_target = strdup(target);
        return *ret_target ? 0 : -ENOMEM;
}

int fs_write_all(int fd, const char *data, size_t size)
{
        while (size > 0) {
                ssize_t n = write(fd, data, size);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return -errno;
                data += n;
                size -= (size_t) n;
        }
        return 0;
}

int fs_write_file_at(int dir_fd, const char *name, const char *data, size_t size, mode_t mode)
{
        char temporary[FS_TEMPORARY_NAME_SIZE];
        int fd CLEANUP_FD = -1;
        int r = fs_temporary_name(temporary);

        if (r < 0)
                return r;
        fd = openat(dir_fd, temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
        if (fd < 0)
                return -errno;
        r = fs_write_all(fd, data, size);
        if (r >= 0 && fchmod(fd, mode) < 0) /* whatever the umask says */
                r = -errno;
        if (r >= 0)
                r = fs_sync(fd);
        if (r >= 0 && renameat(dir_fd, temporary, dir_fd, name) < 0)
                r = -errno;
        if (r < 0)
                (void) unlinkat(dir_fd, temporary, 0);
        return r;
}

/* Swaps TEMPORARY with what stands at NAME, and swaps back should that be no link after all. */
static int exchange_link(int dir_fd, const char *temporary, const char *name)
{
        struct stat st;

        if (renameat2(dir_fd, temporary, dir_fd, name, RENAME_EXCHANGE) < 0) {
                if (errno != EINVAL && errno != ENOSYS)
                        return -errno;
                /* A file system without exchange: the check before has to do. */
                return renameat(dir_fd, temporary, dir_fd, name) < 0 ? -errno : 0;
        }
        if (fstatat(dir_fd, temporary, &st, AT_SYMLINK_NOFOLLOW) < 0)
                return -errno;
        if (!S_ISLNK(st.st_mode)) {
                if (renameat2(dir_fd, temporary, dir_fd, name, RENAME_EXCHANGE) < 0)
                        return -errno;
                return -EEXIST;
        }
        return unlinkat(dir_fd, temporary, 0) < 0 ? -errno : 0;
}

static int put_new_link(int dir_fd, const char *temporary, const char *name)
{
        if (renameat2(dir_fd, temporary, dir_fd, name, RENAME_NOREPLACE) >= 0)
                return 0;
        if (errno != EINVAL && errno != ENOSYS)
                return -errno;
        return renameat(dir_fd, temporary, dir_fd, name) < 0 ? -errno : 0;
}

int fs_swap_link_at(int dir_fd, const char *name, const char *target)
{
        char temporary[FS_TEMPORARY_NAME_SIZE];
        struct stat st;
        bool exists = fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) >= 0;
        int r;

        if (!exists && errno != ENOENT)
                return -errno;
        if (exists && !S_ISLNK(st.st_mode))
                return -EEXIST;
        r = fs_temporary_name(temporary);
        if (r < 0)
                return r;
        if (symlinkat(target, dir_fd, temporary) < 0)
                return -errno;
        r = exists ? exchange_link(dir_fd, temporary, name) : put_new_link(dir_fd, temporary, name);
        /* Only ever a link of our own: an exchange that could not be taken back leaves the other's file
         * alone. */
        if (r < 0 && fstatat(dir_fd, temporary, &st, AT_SYMLINK_NOFOLLOW) >= 0 && S_ISLNK(st.st_mode))
                (void) unlinkat(dir_fd, temporary, 0);
        return r;
}

int fs_remove_at(int dir_fd, const char *name)
{
        if (unlinkat(dir_fd, name, 0) >= 0)
                return 1;
        return errno == ENOENT ? 0 : -errno;
}

int fs_sync(int fd)
{
        if (fsync(fd) >= 0)
                return 0;
        return errno == EINVAL || errno == EROFS ? 0 : -errno;
}
