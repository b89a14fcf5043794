/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Opens a module file's path as a name only, and asks where that is. */

#include "host/module-path.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "host/path.h"
#include "util/text-format.h"

int module_path_place(const HostRoot *root, const char *release, int modules_fd, const char *path, int fd,
                char **ret)
{
        char *modules CLEANUP_FREE = NULL, *directory CLEANUP_FREE = NULL, *place CLEANUP_FREE = NULL;
        int r = path_beneath(modules_fd, fd, ret);
        size_t size;

        if (r != -EOPNOTSUPP)
                return r;
        r = text_format(&modules, "/lib/modules/%s", release);
        if (r >= 0)
                r = host_root_place(root, modules, &directory);
        if (r >= 0)
                r = host_root_place(root, path, &place);
        if (r < 0)
                return r;
        size = strlen(directory);
        if (strncmp(place, directory, size) != 0 || place[size] != '/')
                return -EXDEV;
        *ret = strdup(place + size + 1);
        return *ret ? 0 : -ENOMEM;
}

int module_path_follow(const HostRoot *root, const char *release, const char *path, char **ret)
{
        char *absolute CLEANUP_FREE = NULL;
        int modules_fd CLEANUP_FD = host_root_open_modules(root, release);
        int fd CLEANUP_FD = -1;
        struct stat st;
        int r = text_format(&absolute, "%s%s%s%s", path[0] == '/' ? "" : "/lib/modules/",
                        path[0] == '/' ? "" : release, path[0] == '/' ? "" : "/", path);

        if (r < 0 || modules_fd < 0)
                return r < 0 ? r : modules_fd;
        fd = host_root_open(root, absolute, O_PATH);
        if (fd < 0)
                return fd;
        if (fstat(fd, &st) < 0)
                return -errno;
        return S_ISREG(st.st_mode) ? module_path_place(root, release, modules_fd, absolute, fd, ret)
                                   : -EINVAL;
}
