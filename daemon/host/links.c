/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Walks a directory of links. */

#include "host/links.h"

#include <errno.h>
#include <fcntl.h>

#include "host/path.h"
#include "util/directory.h"
#include "util/exhausted.h"
#include "util/fs.h"

int links_read(const HostRoot *root, const char *path, int (*found)(void *userdata, const char *target),
                void *userdata)
{
        DIR *dir CLEANUP_DIRECTORY = NULL;
        const struct dirent *entry;
        int fd = host_root_open(root, path, O_RDONLY | O_DIRECTORY), r = directory_open(fd, &dir);

        if (r < 0)
                return exhausted(r) ? r : 0;
        while (r >= 0 && (entry = readdir(dir))) {
                char *text CLEANUP_FREE = NULL, *target CLEANUP_FREE = NULL;

                r = fs_read_link_at(fd, entry->d_name, &text);
                if (r < 0) {
                        r = exhausted(r) ? r : 0; /* unplugged, or "bind", "uevent", "." */
                        continue;
                }
                r = path_of_link(path, text, &target);
                if (r >= 0)
                        r = found(userdata, target);
        }
        return r < 0 ? r : 0;
}
