/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Free space and inodes, by statvfs(3), against what depmod will write. */

#include "change/checks/space.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "util/text-format.h"

/* For links, generated lines and what a file system needs to hold them. */
#define SPACE_RESERVE (64U * 1024)
/* depmod writes eleven files before it removes the old ones. */
#define INODE_RESERVE 16U

/* depmod writes the new index beside the old one, so it takes that much again. */
static uint64_t index_size(int modules_fd)
{
        int fd = openat(modules_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        DIR *dir = fd < 0 ? NULL : fdopendir(fd);
        struct dirent *entry;
        struct stat st;
        uint64_t sum = 0;

        if (!dir) {
                (void) fd_close(fd);
                return 0;
        }
        while ((entry = readdir(dir)))
                if (strncmp(entry->d_name, "modules.", strlen("modules.")) == 0 &&
                                fstatat(modules_fd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) >= 0 &&
                                S_ISREG(st.st_mode))
                        sum += (uint64_t) st.st_size;
        (void) closedir(dir);
        return sum;
}

/* Without CAP_SYS_RESOURCE the blocks that are reserved for root are out of reach. */
static uint64_t available_bytes(const struct statvfs *vfs)
{
        return (uint64_t) vfs->f_frsize * (geteuid() == 0 ? vfs->f_bfree : vfs->f_bavail);
}

int space_available(int fd, uint64_t *ret)
{
        struct statvfs vfs;

        if (fstatvfs(fd, &vfs) < 0)
                return -errno;
        *ret = available_bytes(&vfs);
        return 0;
}

static int check_directory(int fd, const char *path, const char *what, uint64_t needed, ProblemList *ret)
{
        struct statvfs vfs;
        uint64_t free_bytes;

        if (fstatvfs(fd, &vfs) < 0)
                return 0;
        if (vfs.f_flag & ST_RDONLY)
                return problem_list_add(ret, SEVERITY_ERROR, "read-only",
                                "%s is on a read-only file system, so no selection can be written there. "
                                "Mount it writable.",
                                path);
        free_bytes = available_bytes(&vfs);
        if (free_bytes < needed)
                return problem_list_add(ret, SEVERITY_ERROR, "no-space",
                                "%s has %llu KiB of free space, but %s %llu KiB. Make room there.", path,
                                (unsigned long long) free_bytes / 1024, what,
                                (unsigned long long) needed / 1024);
        /* File systems without a table of inodes say 0 of 0. */
        if (vfs.f_files > 0 && vfs.f_ffree < INODE_RESERVE)
                return problem_list_add(ret, SEVERITY_ERROR, "no-space",
                                "%s has only %llu free inodes, but a new module index needs %u. Remove "
                                "files there.",
                                path, (unsigned long long) vfs.f_ffree, INODE_RESERVE);
        return 0;
}

static int check_release(int fd, const char *release, uint64_t bytes, ProblemList *ret)
{
        char *path CLEANUP_FREE = NULL;

        if (text_format(&path, "/lib/modules/%s", release) < 0)
                return -ENOMEM;
        return check_directory(fd, path,
                        bytes > 0 ? "the module files and a new module index need"
                                  : "a new module index needs",
                        bytes + index_size(fd) + SPACE_RESERVE, ret);
}

int space_check(const HostRoot *root, const StringSet *releases, uint64_t bytes, ProblemList *ret)
{
        int etc_fd CLEANUP_FD = host_root_open(root, "/etc", O_RDONLY | O_DIRECTORY);
        dev_t *devices CLEANUP_FREE = calloc(releases->count + 1, sizeof(dev_t));
        int r = etc_fd < 0 ? 0
                           : check_directory(etc_fd, "/etc", "the generated files need", SPACE_RESERVE, ret);

        if (!devices)
                return -ENOMEM;
        for (size_t i = 0; r >= 0 && i < releases->count; i++) {
                int fd CLEANUP_FD = host_root_open_modules(root, releases->items[i]);
                uint64_t sum = bytes;
                struct stat st;

                if (fd < 0 || fstat(fd, &st) < 0)
                        continue;
                devices[i] = st.st_dev;
                /* Those before share the space. The index replaces the old one each time. */
                for (size_t j = 0; j < i; j++)
                        sum += devices[j] == st.st_dev ? bytes : 0;
                r = check_release(fd, releases->items[i], sum, ret);
        }
        return r;
}
