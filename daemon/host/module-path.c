/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Opens a module file's path as a name only, and asks where that is. */

#include "host/module-path.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "host/path.h"
#include "util/text-format.h"

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
        return S_ISREG(st.st_mode) ? path_beneath(modules_fd, fd, ret) : -EINVAL;
}
