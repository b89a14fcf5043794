/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An ordinary file beside the database, with a word for people. It knows nothing of the journal. */

#include "change/pending-mark.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "util/fs.h"

#define NAME "pending"
#define TEXT                                                                                                  \
        "A change of kernel drivers is under way. If nobody is at it, hostdriver-recover.service deals with " \
        "it.\n"

int pending_mark_set(const HostRoot *root)
{
        int fd CLEANUP_FD = host_root_make_directory(root, STATE_DIRECTORY, 0700);
        int r;

        if (fd < 0)
                return fd;
        if (faccessat(fd, NAME, F_OK, AT_SYMLINK_NOFOLLOW) >= 0)
                return 0;
        r = fs_write_file_at(fd, NAME, TEXT, strlen(TEXT), 0600);
        return r < 0 ? r : fs_sync(fd);
}

int pending_mark_clear(const HostRoot *root)
{
        int fd CLEANUP_FD = host_root_open(root, STATE_DIRECTORY, O_RDONLY | O_DIRECTORY);
        int r;

        if (fd < 0)
                return fd == -ENOENT ? 0 : fd;
        r = fs_remove_at(fd, NAME);
        return r < 0 ? r : 0;
}
