/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Asks DKMS's own directory. It runs no dkms. */

#include "change/adopt/dkms.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "host/name.h"
#include "util/directory.h"
#include "util/text-format.h"

#define DKMS_DIRECTORY "/var/lib/dkms"

/* 1 if PACKAGE's build for that release has the file. The link kernel-RELEASE-ARCH names the installed
 * version (dkms(8), "/var/lib/dkms"). */
static int has_built(const HostRoot *root, const char *package, const char *release, const char *file)
{
        char *path CLEANUP_FREE = NULL, *prefix CLEANUP_FREE = NULL;
        DIR *dir CLEANUP_DIRECTORY = NULL;
        const struct dirent *entry;
        int found = 0, r;

        if (text_format(&path, DKMS_DIRECTORY "/%s", package) < 0 ||
                        text_format(&prefix, "kernel-%s-", release) < 0)
                return -ENOMEM;
        r = directory_open(host_root_open(root, path, O_RDONLY | O_DIRECTORY), &dir);
        if (r < 0)
                return r == -ENOMEM ? r : 0;
        while (!found && (entry = readdir(dir))) {
                char *built CLEANUP_FREE = NULL;
                int fd CLEANUP_FD = -1;

                if (strncmp(entry->d_name, prefix, strlen(prefix)) != 0)
                        continue;
                if (text_format(&built, "%s/%s/module/%s", path, entry->d_name, file) < 0)
                        return -ENOMEM;
                fd = host_root_open(root, built, O_PATH);
                found = fd >= 0;
        }
        return found;
}

int dkms_find_package(const HostRoot *root, const char *release, const char *file, char **ret)
{
        DIR *dir CLEANUP_DIRECTORY = NULL;
        const struct dirent *entry;
        char *found CLEANUP_FREE = NULL;
        int r = directory_open(host_root_open(root, DKMS_DIRECTORY, O_RDONLY | O_DIRECTORY), &dir);

        if (r == -ENOMEM)
                return r;
        while (r >= 0 && !found && (entry = readdir(dir))) {
                if (!name_is_valid(entry->d_name))
                        continue;
                r = has_built(root, entry->d_name, release, file);
                if (r > 0) {
                        found = strdup(entry->d_name);
                        r = found ? 0 : -ENOMEM;
                }
        }
        if (r == -ENOMEM)
                return r;
        *ret = STEAL(found);
        return 0;
}
