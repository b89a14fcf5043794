/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Searches the file lists of dpkg. It runs no program. */

#include "host/package-list.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "host/module/module-file.h"
#include "util/directory.h"
#include "util/exhausted.h"
#include "util/fs.h"

#define DPKG_DIRECTORY "/var/lib/dpkg/info"
#define LIST_SIZE_MAX (16U * 1024 * 1024)

/* Whether TEXT has a line that is PATH, or PATH with /usr in front. */
static bool lists(const char *text, const char *path)
{
        size_t size = strlen(path);

        for (const char *at = strstr(text, path); at; at = strstr(at + 1, path)) {
                const char *begin = at;

                if (at[size] != '\n' && at[size] != '\0')
                        continue;
                if ((size_t) (at - text) >= strlen("/usr") && memcmp(at - 4, "/usr", 4) == 0)
                        begin -= 4;
                if (begin == text || begin[-1] == '\n')
                        return true;
        }
        return false;
}

/* When it was written; 0: nobody knows. */
static int64_t time_of(int dir_fd, const char *name)
{
        struct stat st;

        return fstatat(dir_fd, name, &st, 0) < 0 ? 0 : file_stamp(&st).mtime_ns;
}

int package_list_find(const HostRoot *root, const char *path, char **ret, int64_t *ret_time_ns)
{
        int fd = host_root_open(root, DPKG_DIRECTORY, O_RDONLY | O_DIRECTORY);
        DIR *dir CLEANUP_DIRECTORY = NULL;
        char *found CLEANUP_FREE = NULL;
        const struct dirent *entry;
        int r = directory_open(fd, &dir);

        *ret = NULL;
        if (r < 0)
                return exhausted(r) ? r : 0;
        while (!found && (entry = readdir(dir))) {
                char *text CLEANUP_FREE = NULL;
                size_t size = strlen(entry->d_name);

                if (size <= 5 || strcmp(entry->d_name + size - 5, ".list") != 0)
                        continue;
                r = fs_read_file_at(fd, entry->d_name, LIST_SIZE_MAX, &text, NULL);
                if (exhausted(r))
                        return r;
                if (r < 0 || !lists(text, path))
                        continue;
                found = strndup(entry->d_name, size - 5);
                if (!found)
                        return -ENOMEM;
                if (ret_time_ns)
                        *ret_time_ns = time_of(fd, entry->d_name);
        }
        *ret = STEAL(found);
        return 0;
}
