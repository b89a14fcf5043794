/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Tells our files beside an image by their names: temporary ones, and ".initrd.img-6.1.0.hostdriver-" with
 * random digits for what is kept. */

#include "change/initramfs/initramfs-place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "util/directory.h"
#include "util/fs-tree.h"
#include "util/fs.h"

/* PATH with its links resolved, but still beneath the root. */
static int resolve_inside(const HostRoot *root, const char *path, char **ret)
{
        char *base CLEANUP_FREE = NULL, *resolved CLEANUP_FREE = NULL;
        const char *inside;
        size_t size;
        int r = host_root_resolve(root, "/", &base);

        if (r >= 0)
                r = host_root_resolve(root, path, &resolved);
        if (r < 0)
                return r;
        size = strcmp(base, "/") == 0 ? 0 : strlen(base);
        if (strncmp(resolved, base, size) != 0 || resolved[size] != '/')
                return -EXDEV;
        inside = resolved + size;
        *ret = strdup(inside);
        return *ret ? 0 : -ENOMEM;
}

int image_place_open(const HostRoot *root, const char *path, char **ret_path)
{
        char *resolved CLEANUP_FREE = NULL, *directory CLEANUP_FREE = NULL;
        int r = resolve_inside(root, path, &resolved), fd;

        if (r < 0)
                return r;
        directory = strndup(resolved, (size_t) (strrchr(resolved, '/') - resolved) + 1);
        if (!directory)
                return -ENOMEM;
        fd = host_root_open(root, directory, O_RDONLY | O_DIRECTORY);
        if (fd >= 0)
                *ret_path = STEAL(resolved);
        return fd;
}

int image_place_name_kept(const char *name, char ret[static NAME_MAX + 1])
{
        char temporary[FS_TEMPORARY_NAME_SIZE];
        int r = fs_temporary_name(temporary);

        if (r < 0)
                return r;
        return snprintf(ret, NAME_MAX + 1, ".%s%s", name, temporary) > NAME_MAX ? -ENAMETOOLONG : 0;
}

static bool is_kept(const char *entry, const char *name)
{
        size_t size = strlen(name);

        return entry[0] == '.' && strncmp(entry + 1, name, size) == 0 && fs_is_temporary(entry + 1 + size);
}

void image_place_sweep(const HostRoot *root, const char *path)
{
        char *resolved CLEANUP_FREE = NULL;
        int fd CLEANUP_FD = image_place_open(root, path, &resolved);

        /* What can't be removed is tried again at the next start. */
        if (fd >= 0)
                (void) !fs_sweep_temporaries(fd, S_IFREG);
}

/* How many images are kept beside the one at PATH; with REMOVE, they are gone then, if they can be. */
static unsigned find_kept(const HostRoot *root, const char *path, bool remove)
{
        char *resolved CLEANUP_FREE = NULL;
        DIR *dir CLEANUP_DIRECTORY = NULL;
        const struct dirent *entry;
        unsigned count = 0;

        if (directory_open(image_place_open(root, path, &resolved), &dir) < 0)
                return 0;
        while ((entry = readdir(dir))) {
                if (!is_kept(entry->d_name, strrchr(resolved, '/') + 1))
                        continue;
                count++;
                if (remove)
                        (void) !fs_remove_at(dirfd(dir), entry->d_name);
        }
        return count;
}

bool image_place_keeps(const HostRoot *root, const char *path)
{
        return find_kept(root, path, false) > 0;
}

void image_place_forget(const HostRoot *root, const char *path)
{
        (void) find_kept(root, path, true);
}
