/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Searches the file lists of dpkg (dpkg-query(1), --listfiles prints the same). */

#include "change/adopt/package-owner.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "util/directory.h"
#include "util/fs.h"
#include "util/text-format.h"

#define DPKG_INFO "/var/lib/dpkg/info"
#define LIST_ENDING ".list"
#define LIST_SIZE_MAX (64U * 1024 * 1024)

/* "PACKAGE.list" or "PACKAGE:ARCHITECTURE.list". */
static size_t list_stem(const char *name)
{
        size_t size = strlen(name);

        if (size <= strlen(LIST_ENDING) || strcmp(name + size - strlen(LIST_ENDING), LIST_ENDING) != 0)
                return 0;
        return size - strlen(LIST_ENDING);
}

/* The first list that holds WORDS. */
static int find_in_lists(const HostRoot *root, const char *words, char **ret)
{
        int fd = host_root_open(root, DPKG_INFO, O_RDONLY | O_DIRECTORY);
        DIR *dir CLEANUP_DIRECTORY = NULL;
        char *found CLEANUP_FREE = NULL;
        const struct dirent *entry;
        int r = directory_open(fd, &dir);

        if (r < 0)
                return r == -ENOMEM ? r : (*ret = NULL, 0);
        while (!found && (entry = readdir(dir))) {
                char *text CLEANUP_FREE = NULL;
                size_t stem = list_stem(entry->d_name);

                r = stem > 0 ? fs_read_file_at(fd, entry->d_name, LIST_SIZE_MAX, &text, NULL) : -ENOENT;
                if (r == -ENOMEM)
                        return r;
                if (r < 0 || !strstr(text, words))
                        continue;
                found = strndup(entry->d_name, stem);
                if (!found)
                        return -ENOMEM;
        }
        *ret = STEAL(found);
        return 0;
}

int package_owner_find(const HostRoot *root, const char *path, char **ret)
{
        char *below CLEANUP_FREE = NULL;

        /* Whether the list says /lib or /usr/lib, these bytes are in it. */
        if (text_format(&below, "%s/", path) < 0)
                return -ENOMEM;
        return find_in_lists(root, below, ret);
}
