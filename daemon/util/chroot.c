/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Compares two directories. It changes nothing. */

#include "util/chroot.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

static bool is_within_mount(void)
{
        struct statx root;

        /* Since Linux 5.8. */
        return statx(AT_FDCWD, "/", 0, STATX_TYPE, &root) >= 0 &&
               (root.stx_attributes_mask & STATX_ATTR_MOUNT_ROOT) &&
               !(root.stx_attributes & STATX_ATTR_MOUNT_ROOT);
}

bool chroot_is_entered(void)
{
        struct stat ours, first;

        if (is_within_mount())
                return true;
        if (stat("/proc/1/root/.", &first) < 0)
                return errno == ENOENT;
        return stat("/", &ours) >= 0 && (ours.st_dev != first.st_dev || ours.st_ino != first.st_ino);
}
