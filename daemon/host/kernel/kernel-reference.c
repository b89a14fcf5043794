/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Walks the kernel's own module tree until it meets a sound module file. */

#include "host/kernel/kernel-reference.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "host/module/module-read.h"
#include "host/name.h"
#include "util/directory.h"
#include "util/exhausted.h"

#define DEPTH_MAX 16

typedef struct Search {
        const char *other_than;
        ModuleFile *file;
        int fd;
} Search;

/* 1 if NAME is what is searched for. */
static int try_file(Search *search, int directory_fd, const char *name)
{
        ModuleFile *file CLEANUP(module_file_unrefp) = NULL;
        char *module CLEANUP_FREE = NULL;
        int fd CLEANUP_FD = -1;
        int r = module_name_from_file(name, &module);

        if (r < 0)
                return exhausted(r) ? r : 0;
        if (strcmp(module, search->other_than) == 0)
                return 0;
        fd = openat(directory_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
        if (fd < 0)
                return 0;
        r = module_file_read(fd, NULL, &file);
        if (r < 0)
                return r;
        if (file->defect != MODULE_SOUND)
                return 0;
        search->file = STEAL(file);
        search->fd = fd_steal(&fd);
        return 1;
}

/* Takes FD. 1 if found, 0 if not, -ENOMEM. Directories that can't be read have nothing. */
static int walk(Search *search, int fd, unsigned depth)
{
        DIR *listing CLEANUP_DIRECTORY = NULL;
        struct dirent *entry;
        int r = directory_open(fd, &listing);

        if (r < 0)
                return exhausted(r) ? r : 0;
        while (r == 0 && (entry = readdir(listing))) {
                if (entry->d_name[0] == '.')
                        continue;
                if (module_file_stem(entry->d_name) > 0)
                        r = try_file(search, dirfd(listing), entry->d_name);
                else if (depth < DEPTH_MAX)
                        r = walk(search,
                                        openat(dirfd(listing), entry->d_name,
                                                        O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC),
                                        depth + 1);
        }
        return r;
}

int kernel_reference_open(const HostRoot *root, const char *release, const char *other_than,
                ModuleFile **ret, int *ret_fd)
{
        Search search = { .other_than = other_than, .fd = -1 };
        int modules CLEANUP_FD = host_root_open_modules(root, release);
        int r = modules < 0 ? modules
                            : walk(&search, openat(modules, "kernel", O_RDONLY | O_DIRECTORY | O_CLOEXEC),
                                              0);

        if (exhausted(r))
                return r;
        if (r <= 0)
                return -ENOENT;
        *ret = search.file;
        *ret_fd = search.fd;
        return 0;
}
