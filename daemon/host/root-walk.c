/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Resolves a path one component after the other. It opens nothing but the result. */

#include "host/root-walk.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

/* As many as the kernel follows (path_resolution(7)). */
#define LINKS_MAX 40

typedef struct Walk {
        int root_fd;
        unsigned links;
        char done[PATH_MAX]; /* without links, "." and "..", relative to the root; "" is the root */
        char rest[PATH_MAX]; /* still to be resolved */
} Walk;

static const char *done_path(const Walk *walk)
{
        return walk->done[0] != '\0' ? walk->done : ".";
}

static int push(Walk *walk, const char *name, size_t size)
{
        size_t length = strlen(walk->done);

        if (size > NAME_MAX || length + 1 + size >= sizeof(walk->done))
                return -ENAMETOOLONG;
        if (length > 0)
                walk->done[length++] = '/';
        memcpy(walk->done + length, name, size);
        walk->done[length + size] = '\0';
        return 0;
}

/* The root is its own parent. */
static void pop(Walk *walk)
{
        char *slash = strrchr(walk->done, '/');

        *(slash ? slash : walk->done) = '\0';
}

/* Puts the text of a link before what is still to be resolved. */
static int follow(Walk *walk, char *target, size_t size, const char *rest)
{
        size_t length = strlen(rest);

        if (++walk->links > LINKS_MAX)
                return -ELOOP;
        if (size == 0)
                return -ENOENT;
        if (size + length >= sizeof(walk->rest))
                return -ENAMETOOLONG;
        pop(walk);
        if (target[0] == '/')
                walk->done[0] = '\0';
        memmove(walk->rest + size, rest, length + 1);
        memcpy(walk->rest, target, size);
        return 0;
}

/* "." and "..": 1 if NAME was one of them. */
static int take_dots(Walk *walk, const char *name, size_t size)
{
        bool is_parent = size == 2 && memcmp(name, "..", 2) == 0;
        struct stat st;

        if (!is_parent && !(size == 1 && name[0] == '.'))
                return 0;
        if (fstatat(walk->root_fd, done_path(walk), &st, AT_SYMLINK_NOFOLLOW) < 0)
                return -errno;
        if (!S_ISDIR(st.st_mode))
                return -ENOTDIR;
        if (is_parent)
                pop(walk);
        return 1;
}

/* Resolves the first component of the rest. 1 if there is more to do, 0 at the end. */
static int step(Walk *walk, bool keep_last_link)
{
        char target[PATH_MAX];
        char *name = walk->rest + strspn(walk->rest, "/");
        size_t size = strcspn(name, "/");
        const char *rest = name + size;
        bool is_last = rest[strspn(rest, "/")] == '\0';
        ssize_t n;
        int r;

        if (size == 0)
                return 0;
        r = take_dots(walk, name, size);
        if (r == 0) {
                r = push(walk, name, size);
                if (r < 0)
                        return r;
                if (rest[0] == '\0' && keep_last_link)
                        return 0;
                n = readlinkat(walk->root_fd, walk->done, target, sizeof(target));
                if (n >= 0) {
                        r = follow(walk, target, (size_t) n, rest);
                        return r < 0 ? r : 1;
                }
                if (errno != EINVAL && !(errno == ENOENT && is_last))
                        return -errno;
        }
        if (r >= 0)
                memmove(walk->rest, rest, strlen(rest) + 1);
        return r < 0 ? r : !is_last;
}

static int walk_all(Walk *walk, const char *path, bool keep_last_link)
{
        size_t size = strlen(path);
        int r;

        if (size == 0)
                return -ENOENT;
        if (size >= sizeof(walk->rest))
                return -ENAMETOOLONG;
        memcpy(walk->rest, path, size + 1);
        do
                r = step(walk, keep_last_link);
        while (r > 0);
        return r;
}

int root_walk_resolve(int root_fd, const char *path, char **ret)
{
        Walk walk = { .root_fd = root_fd };
        int r = walk_all(&walk, path, false);

        if (r < 0)
                return r;
        *ret = strdup(done_path(&walk));
        return *ret ? 0 : -ENOMEM;
}

int root_walk_open(int root_fd, const char *path, int flags, mode_t mode)
{
        Walk walk = { .root_fd = root_fd };
        bool keep_last_link =
                        (flags & O_NOFOLLOW) != 0 || (flags & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL);
        int r = walk_all(&walk, path, keep_last_link), fd;

        if (r < 0)
                return r;
        /* What is still there are slashes: only a directory may be before them. */
        if (walk.rest[0] == '/' && walk.rest[strspn(walk.rest, "/")] == '\0')
                flags |= O_DIRECTORY;
        fd = openat(root_fd, done_path(&walk), flags | O_NOFOLLOW | O_CLOEXEC, mode);
        return fd < 0 ? -errno : fd;
}
