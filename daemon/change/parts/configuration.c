/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Makes and opens directories. What is written in them their parts know. */

#include "change/parts/configuration.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "util/fs-tree.h"
#include "util/fs.h"

static int make_directory(const HostRoot *root, const char *path)
{
        int fd CLEANUP_FD = host_root_make_directory(root, path, 0755);
        int parent_fd CLEANUP_FD = -1;
        int r;

        if (fd < 0)
                return fd_steal(&fd);
        parent_fd = host_root_open(root, "/etc", O_RDONLY | O_DIRECTORY);
        r = parent_fd < 0 ? parent_fd : fs_sync(parent_fd);
        return r < 0 ? r : fd_steal(&fd);
}

int configuration_open(const HostRoot *root, const char *path, bool make)
{
        int fd CLEANUP_FD = host_root_open(root, path, O_RDONLY | O_DIRECTORY);
        int r;

        if (fd == -ENOENT && make)
                fd = make_directory(root, path);
        r = fd < 0 ? fd : fs_sweep_temporaries(fd, S_IFREG);
        return r < 0 ? r : fd_steal(&fd);
}
