/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where links lead. It opens nothing and follows nothing. */

#include "host/path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "util/fs.h"
#include "util/text-format.h"

/* Takes "." and ".." and double slashes out of the absolute PATH, in its place. */
static void normalize(char *path)
{
        char *end = path;
        const char *next = path;

        while (*next != '\0') {
                size_t size;

                next += strspn(next, "/");
                size = strcspn(next, "/");
                if (size == 2 && memcmp(next, "..", 2) == 0) {
                        while (end > path && *--end != '/')
                                ;
                } else if (size > 0 && !(size == 1 && *next == '.')) {
                        *end++ = '/';
                        memmove(end, next, size);
                        end += size;
                }
                next += size;
        }
        if (end == path)
                *end++ = '/';
        *end = '\0';
}

int path_of_link(const char *base, const char *target, char **ret)
{
        /* The slash in front leaves room for that of the root directory. */
        int r = target[0] == '/' ? text_format(ret, "/%s", target)
                                 : text_format(ret, "/%s/%s", base, target);

        if (r < 0)
                return r;
        normalize(*ret);
        return 0;
}

int path_of_descriptor(int fd, char **ret)
{
        char link[sizeof("/proc/self/fd/") + 3 * sizeof(int)];
        int r;

        (void) snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
        r = fs_read_link_at(AT_FDCWD, link, ret);
        return r == -ENOENT ? -EOPNOTSUPP : r;
}

int path_beneath(int directory_fd, int fd, char **ret)
{
        char *directory CLEANUP_FREE = NULL, *path CLEANUP_FREE = NULL;
        struct stat st;
        size_t size;
        int r;

        if (fstat(fd, &st) < 0)
                return -errno;
        if (st.st_nlink == 0)
                return -ENOENT; /* /proc would name it "… (deleted)" */
        r = path_of_descriptor(directory_fd, &directory);
        if (r < 0)
                return r;
        r = path_of_descriptor(fd, &path);
        if (r < 0)
                return r;
        size = strlen(directory);
        if (strncmp(path, directory, size) != 0 || path[size] != '/')
                return -EXDEV;
        *ret = strdup(path + size + 1);
        return *ret ? 0 : -ENOMEM;
}

bool path_is_below(const char *path)
{
        size_t length = strlen(path);

        if (length == 0 || path[0] == '/' || path[length - 1] == '/')
                return false;
        for (const char *part = path; part; part = strchr(part, '/')) {
                size_t n;

                part += *part == '/';
                n = strcspn(part, "/");
                if (n == 0 || (n == 1 && part[0] == '.') || (n == 2 && part[0] == '.' && part[1] == '.'))
                        return false;
                part += n;
        }
        return true;
}
