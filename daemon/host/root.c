/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Opens paths beneath the host's root. It makes directories where asked, and changes nothing else. */

#include "host/root.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>

#include "host/name.h"
#include "host/path.h"
#include "host/root-walk.h"
#include "util/chroot.h"
#include "util/fs.h"
#include "util/text-format.h"

/* The kernel gives up with EAGAIN when ".." meets a rename anywhere in the system; a handful of tries do. */
#define OPEN_ATTEMPTS 16

struct HostRoot {
        char *path;
        char *kernel;
        int fd;
        bool is_host;
        bool is_running;
};

static int kernel_release(const char *kernel, char **ret)
{
        struct utsname uts;

        if (kernel && !name_is_valid(kernel))
                return -EINVAL;
        if (!kernel && uname(&uts) < 0)
                return -errno;
        *ret = strdup(kernel ? kernel : uts.release);
        return *ret ? 0 : -ENOMEM;
}

int host_root_new(const char *path, const char *kernel, HostRoot **ret)
{
        HostRoot *root CLEANUP(host_root_freep) = calloc(1, sizeof(*root));
        int r;

        if (!root)
                return -ENOMEM;
        root->fd = -1;
        root->path = realpath(path, NULL);
        if (!root->path)
                return -errno;
        root->fd = open(root->path, O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (root->fd < 0)
                return -errno;
        root->is_host = strcmp(root->path, "/") == 0;
        root->is_running = root->is_host && !chroot_is_entered();
        r = kernel_release(kernel, &root->kernel);
        if (r < 0)
                return r;
        *ret = STEAL(root);
        return 0;
}

HostRoot *host_root_free(HostRoot *root)
{
        if (!root)
                return NULL;
        (void) fd_close(root->fd);
        free(root->path);
        free(root->kernel);
        free(root);
        return NULL;
}

const char *host_root_path(const HostRoot *root)
{
        return root->path;
}

const char *host_root_kernel(const HostRoot *root)
{
        return root->kernel;
}

bool host_root_is_host(const HostRoot *root)
{
        return root->is_host;
}

bool host_root_is_running(const HostRoot *root)
{
        return root->is_running;
}

int host_root_open(const HostRoot *root, const char *path, int flags)
{
        bool creates = (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE;
        struct open_how how = {
                .flags = (unsigned) flags | O_CLOEXEC,
                .mode = creates ? 0644 : 0,
                .resolve = RESOLVE_IN_ROOT,
        };
        long fd = -1;

        /* Nothing can lead out of "/". */
        if (root->is_host) {
                fd = openat(root->fd, path, flags | O_CLOEXEC, (mode_t) how.mode);
                return fd < 0 ? -errno : (int) fd;
        }
        for (unsigned i = 0; i < OPEN_ATTEMPTS; i++) {
                fd = syscall(SYS_openat2, root->fd, path, &how, sizeof(how));
                if (fd >= 0 || errno != EAGAIN)
                        break;
        }
        if (fd < 0 && errno == ENOSYS)
                return root_walk_open(root->fd, path, flags, (mode_t) how.mode);
        return fd < 0 ? -errno : (int) fd;
}

/* Opens PATH, whose parent is open as PARENT and whose last component is NAME; makes it if it is not there.
 */
static int open_or_make(const HostRoot *root, int parent, const char *path, const char *name, mode_t mode)
{
        int fd = host_root_open(root, path, O_RDONLY | O_DIRECTORY);

        if (fd != -ENOENT)
                return fd;
        if (mkdirat(parent, name, mode) < 0 && errno != EEXIST)
                return -errno;
        return host_root_open(root, path, O_RDONLY | O_DIRECTORY);
}

int host_root_make_directory(const HostRoot *root, const char *path, mode_t mode)
{
        char *prefix CLEANUP_FREE = strdup(path);
        int fd CLEANUP_FD = -1;
        char *name;

        if (!prefix)
                return -ENOMEM;
        fd = host_root_open(root, "/", O_RDONLY | O_DIRECTORY);
        name = prefix + strspn(prefix, "/");
        while (fd >= 0 && *name != '\0') {
                char *end = name + strcspn(name, "/");
                char separator = *end;
                int next;

                *end = '\0';
                next = open_or_make(root, fd, prefix, name, mode);
                (void) fd_close(fd);
                fd = next;
                *end = separator;
                name = end + strspn(end, "/");
        }
        return fd_steal(&fd);
}

int host_root_read(const HostRoot *root, const char *path, size_t limit, char **ret_data, size_t *ret_size)
{
        /* O_NONBLOCK: a FIFO that stands there must not block the service. */
        int fd CLEANUP_FD = host_root_open(root, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
        struct stat st;

        if (fd < 0)
                return fd == -ENXIO ? -EINVAL : fd;
        if (fstat(fd, &st) < 0)
                return -errno;
        if (!S_ISREG(st.st_mode))
                return -EINVAL;
        return fs_read_fd(fd, limit, ret_data, ret_size);
}

int host_root_place(const HostRoot *root, const char *path, char **ret)
{
        char *place CLEANUP_FREE = NULL;
        int r = root_walk_resolve(root->fd, path, &place);

        return r < 0 ? r : text_format(ret, "/%s", strcmp(place, ".") == 0 ? "" : place);
}

/* Where PATH lies, which is open as FD, for another program. */
static int whole_path(const HostRoot *root, const char *path, int fd, char **ret)
{
        char *place CLEANUP_FREE = NULL;
        int r = path_of_descriptor(fd, ret);

        if (r != -EOPNOTSUPP)
                return r;
        r = host_root_place(root, path, &place);
        return r < 0 ? r : text_format(ret, "%s%s", root->is_host ? "" : root->path, place);
}

/* PATH doesn't exist, but its parent may: where it would be made. */
static int resolve_parent(const HostRoot *root, const char *path, char **ret)
{
        size_t size = strlen(path);
        char *parent CLEANUP_FREE = NULL, *directory CLEANUP_FREE = NULL;
        int fd CLEANUP_FD = -1;
        const char *name;
        struct stat st;
        int r;

        while (size > 0 && path[size - 1] == '/')
                size--;
        parent = strndup(path, size);
        if (!parent)
                return -ENOMEM;
        name = strrchr(parent, '/');
        if (!name || name_check(name + 1) == NAME_RESERVED)
                return -ENOENT;
        parent[name - parent] = '\0';
        name++;
        fd = host_root_open(root, parent[0] != '\0' ? parent : "/", O_PATH | O_DIRECTORY);
        if (fd < 0)
                return fd;
        /* A link to nothing: whoever opened it by its name would be led out of the root. */
        if (fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) >= 0)
                return -ENOENT;
        r = whole_path(root, parent[0] != '\0' ? parent : "/", fd, &directory);
        if (r < 0)
                return r;
        r = text_format(ret, "%s/%s", strcmp(directory, "/") == 0 ? "" : directory, name);
        return r < 0 ? -ENOMEM : 0;
}

int host_root_resolve(const HostRoot *root, const char *path, char **ret)
{
        int fd CLEANUP_FD = host_root_open(root, path, O_PATH);

        if (fd == -ENOENT)
                return resolve_parent(root, path, ret);
        return fd < 0 ? fd : whole_path(root, path, fd, ret);
}

int host_root_open_modules(const HostRoot *root, const char *release)
{
        char path[sizeof("/lib/modules/") + NAME_BYTES_MAX];

        if (!name_is_valid(release))
                return -EINVAL;
        (void) snprintf(path, sizeof(path), "/lib/modules/%s", release);
        return host_root_open(root, path, O_RDONLY | O_DIRECTORY);
}
