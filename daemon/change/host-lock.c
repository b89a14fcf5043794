/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A flock(2) on a file in /run: gone with its holder, so that a crash leaves nothing to clean up. */

#include "change/host-lock.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>

int host_lock_take(const HostRoot *root, Refusal *refusal)
{
        int dir_fd CLEANUP_FD = host_root_make_directory(root, "/run/hostdriver", 0755);
        int fd CLEANUP_FD = -1;

        if (dir_fd < 0)
                return refuse(refusal, REFUSAL_FAILED, "/run/hostdriver could not be made: %s.",
                                strerror(-dir_fd));
        fd = openat(dir_fd, "lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, 0600);
        if (fd < 0)
                return refuse(refusal, REFUSAL_FAILED, HOST_LOCK_PATH " could not be opened: %s.",
                                strerror(errno));
        if (flock(fd, LOCK_EX | LOCK_NB) >= 0)
                return fd_steal(&fd);
        if (errno != EWOULDBLOCK)
                return -errno;
        return refuse(refusal, REFUSAL_BUSY,
                        "Another program is changing this host's drivers now (it holds " HOST_LOCK_PATH
                        "). Try again when it is done.");
}
