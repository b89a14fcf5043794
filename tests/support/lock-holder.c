/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A child that takes the lock, says so, and waits. It writes nothing. */

#include "lock-holder.h"

#include <fcntl.h>
#include <glib.h>
#include <unistd.h>

pid_t lock_holder_start(const char *path, int *ret_end)
{
        int ready[2], end[2];
        pid_t pid;
        char byte;

        g_assert_cmpint(pipe2(ready, O_CLOEXEC), ==, 0);
        g_assert_cmpint(pipe2(end, O_CLOEXEC), ==, 0);
        pid = fork();
        if (pid == 0) {
                struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
                int fd = open(path, O_RDWR | O_CLOEXEC);

                (void) close(end[1]);
                if (fd < 0 || fcntl(fd, F_SETLK, &lock) < 0 || write(ready[1], "", 1) != 1)
                        _exit(1);
                _exit(read(end[0], &byte, 1) == 0 ? 0 : 1);
        }
        g_assert_cmpint(pid, >, 0);
        (void) close(ready[1]);
        (void) close(end[0]);
        g_assert_cmpint(read(ready[0], &byte, 1), ==, 1);
        (void) close(ready[0]);
        *ret_end = end[1];
        return pid;
}
