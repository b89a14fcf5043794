/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An ordinary file beside the database. That it is there is all that counts, so that only its directory is
 * synced, and not the words for people in it. It knows nothing of the journal. */

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
        int mark CLEANUP_FD = -1;

        if (fd < 0)
                return fd;
        mark = openat(fd, NAME, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (mark < 0)
                return errno == EEXIST ? 0 : -errno;
        (void) !fs_write_all(mark, TEXT, strlen(TEXT));
        return fs_sync(fd);
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
