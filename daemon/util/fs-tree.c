/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Walks relative paths part by part, and removes trees. It follows no link. */

#include "util/fs-tree.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "util/directory.h"
#include "util/fs.h"

/* Deeper than any tree that is read. */
#define DEPTH_MAX 64

static int open_one(int dir_fd, const char *name, bool make)
{
        int fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        int r;

        if (fd >= 0)
                return fd;
        if (errno != ENOENT || !make)
                return -errno;
        if (mkdirat(dir_fd, name, 0755) < 0 && errno != EEXIST)
                return -errno;
        r = fs_sync(dir_fd);
        if (r < 0)
                return r;
        fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        return fd < 0 ? -errno : fd;
}

static int open_parts(int dir_fd, const char *path, const char *end, bool make)
{
        int fd CLEANUP_FD = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        if (fd < 0)
                return -errno;
        while (path < end) {
                size_t size = strcspn(path, "/");
                char name[NAME_MAX + 1];
                int next;

                if (size == 0 || size > NAME_MAX)
                        return -EINVAL;
                memcpy(name, path, size);
                name[size] = '\0';
                next = open_one(fd, name, make);
                if (next < 0)
                        return next;
                (void) fd_close(fd);
                fd = next;
                path += size + (path[size] == '/');
        }
        return fd_steal(&fd);
}

int fs_open_directory_at(int dir_fd, const char *path, bool make)
{
        return open_parts(dir_fd, path, path + strlen(path), make);
}

int fs_open_parent_at(int dir_fd, const char *path, bool make, const char **ret_name)
{
        const char *slash = strrchr(path, '/');
        int fd = open_parts(dir_fd, path, slash ? slash : path, make);

        if (fd >= 0)
                *ret_name = slash ? slash + 1 : path;
        return fd;
}

static int remove_tree(int dir_fd, const char *name, dev_t device, unsigned depth);

static int remove_entries(int fd, dev_t device, unsigned depth)
{
        DIR *dir CLEANUP_DIRECTORY = NULL;
        const struct dirent *entry;
        int r = directory_open(fd, &dir);

        while (r >= 0 && (errno = 0, entry = readdir(dir))) {
                if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
                        continue;
                r = remove_tree(fd, entry->d_name, device, depth);
        }
        return r < 0 ? r : -errno;
}

static int remove_tree(int dir_fd, const char *name, dev_t device, unsigned depth)
{
        struct stat st;
        int fd, r;

        if (unlinkat(dir_fd, name, 0) >= 0 || errno == ENOENT)
                return 0;
        if (errno != EISDIR && errno != EPERM)
                return -errno;
        fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (fd < 0)
                return errno == ENOENT ? 0 : -errno;
        if (fstat(fd, &st) < 0 || (depth > 0 && st.st_dev != device) || depth > DEPTH_MAX) {
                (void) fd_close(fd);
                return -EXDEV;
        }
        r = remove_entries(fd, st.st_dev, depth + 1);
        if (r < 0)
                return r;
        return unlinkat(dir_fd, name, AT_REMOVEDIR) >= 0 || errno == ENOENT ? 0 : -errno;
}

int fs_remove_tree_at(int dir_fd, const char *name)
{
        return remove_tree(dir_fd, name, 0, 0);
}

/* rename(2) doesn't even lead from one bind mount of a file system to another. */
int fs_same_mount(int a_fd, int b_fd)
{
        struct statx a, b;

        if (statx(a_fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &a) < 0 ||
                        statx(b_fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &b) < 0)
                return -errno;
        if (a.stx_dev_major != b.stx_dev_major || a.stx_dev_minor != b.stx_dev_minor)
                return 0;
        return !(a.stx_mask & b.stx_mask & STATX_MNT_ID) || a.stx_mnt_id == b.stx_mnt_id;
}

int fs_sweep_temporaries(int dir_fd, mode_t type)
{
        DIR *dir CLEANUP_DIRECTORY = NULL;
        const struct dirent *entry;
        struct stat st;
        int r = directory_open(fs_open_directory_at(dir_fd, "", false), &dir);

        while (r >= 0 && (entry = readdir(dir)))
                if (fs_is_temporary(entry->d_name) &&
                                fstatat(dir_fd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) >= 0 &&
                                (st.st_mode & S_IFMT) == type)
                        r = fs_remove_at(dir_fd, entry->d_name);
        return r < 0 ? r : 0;
}

int fs_remove_empty_parents_at(int dir_fd, const char *path)
{
        char *rest CLEANUP_FREE = strdup(path);
        char *slash;

        if (!rest)
                return -ENOMEM;
        while ((slash = strrchr(rest, '/')) && slash != strchr(rest, '/')) {
                const char *name;
                int fd CLEANUP_FD = -1, r;

                *slash = '\0';
                r = fd = fs_open_parent_at(dir_fd, rest, false, &name);
                if (fd >= 0)
                        r = unlinkat(fd, name, AT_REMOVEDIR) >= 0 ? 0 : -errno;
                if (r == -ENOTEMPTY || r == -EEXIST)
                        return fs_sync(fd);
                if (fd >= 0 && (r >= 0 || r == -ENOENT))
                        r = fs_sync(fd);
                if (r < 0 && r != -ENOENT)
                        return r;
        }
        return 0;
}
