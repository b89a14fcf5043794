/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Looks for the first module file of a kernel's own. It reads no module. */

#include "host/kernel/kernel-installed.h"

#include <errno.h>
#include <sys/stat.h>

#include "host/tree/tree-walk.h"

/* Ends the walk at the first find. */
static int on_found(void *userdata, const TreeFile *file)
{
        (void) tree_info_unref(file->info);
        return -EEXIST;
}

static int on_skipped(void *userdata, const char *path, const char *reason, int error)
{
        return -EEXIST;
}

int kernel_is_installed(const HostRoot *root, const char *release)
{
        int fd CLEANUP_FD = host_root_open_modules(root, release);
        const TreeScan scan = { .modules_fd = fd,
                .directory = tree_fallback()->base,
                .found = on_found,
                .skipped = on_skipped };
        struct stat st;
        int r;

        if (fd == -ENOENT || fd == -ENOTDIR)
                return 0;
        if (fd < 0)
                return fd;
        /* kbuild makes it, not depmod: a kernel may have all its drivers built in. */
        if (fstatat(fd, "modules.builtin", &st, 0) >= 0 && st.st_size > 0)
                return 1;
        r = tree_walk(tree_fallback(), &scan);
        return r == -EEXIST ? 1 : r;
}
