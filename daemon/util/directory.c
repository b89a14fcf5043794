/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What fdopendir() lacks: one owner of the descriptor, whatever happens. */

#include "util/directory.h"

#include <errno.h>

int directory_open(int fd, DIR **ret)
{
        DIR *directory;

        if (fd < 0)
                return fd;
        directory = fdopendir(fd);
        if (!directory) {
                int r = -errno;

                (void) fd_close(fd);
                return r;
        }
        *ret = directory;
        return 0;
}

DIR *directory_close(DIR *directory)
{
        if (directory)
                (void) closedir(directory);
        return NULL;
}
