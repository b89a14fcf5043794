/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A flock(2) on a file beside the database: gone with its holder, so that a crash leaves nothing to clean
 * up. */

#include "change/host-lock.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>

/* -EWOULDBLOCK if somebody has it. */
static int take(int dir_fd, const char *name)
{
        const int flags = O_CLOEXEC | O_NOFOLLOW | O_NOCTTY;
        int fd CLEANUP_FD = openat(dir_fd, name, O_RDWR | O_CREAT | flags, 0600);

        /* What can't be written can still be locked; the database will say what it can't. */
        if (fd < 0 && errno == EROFS)
                fd = openat(dir_fd, name, O_RDONLY | flags);
        if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) < 0)
                return -errno;
        return fd_steal(&fd);
}

int host_lock_take(const HostRoot *root, Refusal *refusal)
{
        int dir_fd CLEANUP_FD = host_root_make_directory(root, STATE_DIRECTORY, 0700);
        int fd;

        if (dir_fd < 0)
                return refuse(refusal, REFUSAL_FAILED, STATE_DIRECTORY " could not be made: %s.",
                                strerror(-dir_fd));
        fd = take(dir_fd, "lock");
        if (fd == -EWOULDBLOCK)
                return refuse(refusal, REFUSAL_BUSY,
                                "Another program is changing this host's drivers now (it holds " HOST_LOCK_PATH
                                "). Try again when it is done.");
        if (fd < 0)
                return refuse(refusal, REFUSAL_FAILED, HOST_LOCK_PATH " could not be taken: %s.",
                                strerror(-fd));
        return fd;
}

int host_lock_take_service(const HostRoot *root)
{
        int dir_fd CLEANUP_FD = host_root_make_directory(root, STATE_DIRECTORY, 0700);
        int fd;

        if (dir_fd < 0)
                return dir_fd;
        fd = take(dir_fd, "service");
        return fd == -EWOULDBLOCK ? -EBUSY : fd;
}
