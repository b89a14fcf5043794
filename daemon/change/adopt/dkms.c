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

/* 1 if the open directory, which is taken, has a file of MODULE, however it is compressed: `dkms install`
 * compresses what it copies. */
static int has_module(int directory_fd, const char *module)
{
        DIR *dir CLEANUP_DIRECTORY = NULL;
        const struct dirent *entry;
        int r = directory_open(directory_fd, &dir);

        if (r < 0)
                return r == -ENOMEM ? r : 0;
        while ((entry = readdir(dir))) {
                char *name CLEANUP_FREE = NULL;

                r = module_name_from_file(entry->d_name, &name);
                if (r == -ENOMEM)
                        return r;
                if (r >= 0 && strcmp(name, module) == 0)
                        return 1;
        }
        return 0;
}

/* 1 if PACKAGE's build for that release has the module. The link kernel-RELEASE-ARCH names the installed
 * version (dkms(8), "/var/lib/dkms"). */
static int has_built(const HostRoot *root, const char *package, const char *release, const char *module)
{
        char *path CLEANUP_FREE = NULL, *prefix CLEANUP_FREE = NULL;
        DIR *dir CLEANUP_DIRECTORY = NULL;
        const struct dirent *entry;
        int found = 0, r;

        if (text_format(&path, DKMS_DIRECTORY "/%s", package) < 0)
                return -ENOMEM;
        if (text_format(&prefix, "kernel-%s-", release) < 0)
                return -ENOMEM;
        r = directory_open(host_root_open(root, path, O_RDONLY | O_DIRECTORY), &dir);
        if (r < 0)
                return r == -ENOMEM ? r : 0;
        while (found == 0 && (entry = readdir(dir))) {
                char *built CLEANUP_FREE = NULL;

                if (strncmp(entry->d_name, prefix, strlen(prefix)) != 0)
                        continue;
                if (text_format(&built, "%s/%s/module", path, entry->d_name) < 0)
                        return -ENOMEM;
                found = has_module(host_root_open(root, built, O_RDONLY | O_DIRECTORY), module);
        }
        return found;
}

int dkms_find_package(const HostRoot *root, const char *release, const char *module, char **ret)
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
                r = has_built(root, entry->d_name, release, module);
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
