/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* fsync of each file of the module index, since depmod does none. */

#include "change/tool/index-sync.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "util/directory.h"
#include "util/fs.h"

#define INDEX_PREFIX "modules."

static int sync_file(int dir_fd, const char *name)
{
        int fd CLEANUP_FD = openat(dir_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);

        if (fd < 0) /* another depmod may be at work, and links are nobody's index */
                return errno == ENOENT || errno == ELOOP ? 0 : -errno;
        return fs_sync(fd);
}

int index_sync(const HostRoot *root, const char *release)
{
        DIR *directory CLEANUP_DIRECTORY = NULL;
        const struct dirent *entry;
        int r = directory_open(host_root_open_modules(root, release), &directory);

        while (r >= 0 && (entry = readdir(directory)))
                if (strncmp(entry->d_name, INDEX_PREFIX, strlen(INDEX_PREFIX)) == 0)
                        r = sync_file(dirfd(directory), entry->d_name);
        return r < 0 ? r : fs_sync(dirfd(directory));
}
