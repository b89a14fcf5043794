/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Looks at the names in /lib/modules. It judges no driver. */

#include "registry/root-kernel.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "host/kernel/kernel-installed.h"
#include "host/name.h"
#include "model/version-order.h"
#include "util/directory.h"

/* Whether NAME is to be taken rather than BEST, which may be NULL: 1 or 0, or a negative errno. */
static int is_better(const HostRoot *root, const char *name, const char *best, bool *best_is_installed)
{
        int installed;

        if (!name_is_kernel_release(name))
                return 0;
        installed = kernel_is_installed(root, name);
        if (installed < 0)
                return installed == -ENOTDIR ? 0 : installed;
        if (best && (*best_is_installed != (installed > 0) ? *best_is_installed
                                                           : version_compare(name, best) <= 0))
                return 0;
        *best_is_installed = installed > 0;
        return 1;
}

int root_kernel_choose(const HostRoot *root, char **ret)
{
        int fd CLEANUP_FD = host_root_open_modules(root, host_root_kernel(root));
        DIR *directory CLEANUP_DIRECTORY = NULL;
        char *best CLEANUP_FREE = NULL;
        bool best_is_installed = false;
        const struct dirent *entry;
        int r;

        if (fd >= 0) {
                *ret = strdup(host_root_kernel(root));
                return *ret ? 0 : -ENOMEM;
        }
        *ret = NULL;
        r = directory_open(host_root_open(root, "/lib/modules", O_RDONLY | O_DIRECTORY), &directory);
        if (r < 0)
                return r == -ENOENT ? 0 : r;
        while ((entry = readdir(directory))) {
                r = is_better(root, entry->d_name, best, &best_is_installed);
                if (r < 0)
                        return r;
                if (r == 0)
                        continue;
                free(best);
                best = strdup(entry->d_name);
                if (!best)
                        return -ENOMEM;
        }
        *ret = STEAL(best);
        return 0;
}
