/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fcntl(F_OFD_GETLK) on the lock files that package managers are known to lock as a whole. */

#include "host/package-lock.h"

#include <errno.h>
#include <fcntl.h>

#include "util/fs.h"

/* dpkg(1), apt(8) and rpm(8). The first is taken for the whole of an installation, the second for each run
 * of dpkg in it. */
static const char *const paths[] = {
        "/var/lib/dpkg/lock-frontend",
        "/var/lib/dpkg/lock",
        "/var/lib/apt/lists/lock",
        "/var/cache/apt/archives/lock",
        "/var/lib/rpm/.rpm.lock",
        "/usr/lib/sysimage/rpm/.rpm.lock",
};

static int is_locked(int fd)
{
        struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

        if (fcntl(fd, F_OFD_GETLK, &lock) < 0)
                return -errno;
        return lock.l_type != F_UNLCK;
}

int package_lock_held(const HostRoot *root, const char **ret)
{
        int result = 0;

        for (size_t i = 0; i < ELEMENTSOF(paths); i++) {
                int fd CLEANUP_FD = host_root_open(root, paths[i], O_RDONLY | O_NOCTTY | O_NONBLOCK);
                int r = fd < 0 ? fd : is_locked(fd);

                if (r > 0) {
                        *ret = paths[i];
                        return 1;
                }
                if (r < 0 && r != -ENOENT && r != -ENOTDIR)
                        result = r;
        }
        return result;
}
