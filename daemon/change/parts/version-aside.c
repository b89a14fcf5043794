/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Finds a place on the right side of mount points, and clears it. */

#include "change/parts/version-aside.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "util/fs-tree.h"

/* depmod passes over directories of this name, at whatever depth (depmod_modules_search_dir() of kmod).
 * Whatever else begins with a dot it reads. */
#define UNREAD_NAME "build"

int version_aside_open(
                const HostRoot *root, const PlanDirectory *directory, bool make, const char **ret_name)
{
        int modules_fd CLEANUP_FD = -1;

        *ret_name = directory->inside ? UNREAD_NAME : directory->aside;
        if (!directory->inside)
                return host_root_open(root, "/lib/modules", O_RDONLY | O_DIRECTORY);
        modules_fd = host_root_open_modules(root, directory->release);
        return modules_fd < 0 ? modules_fd : fs_open_directory_at(modules_fd, directory->aside, make);
}

static int discard(const HostRoot *root, const PlanDirectory *directory)
{
        int fd CLEANUP_FD = directory->inside ? host_root_open_modules(root, directory->release)
                                              : host_root_open(root, "/lib/modules", O_RDONLY | O_DIRECTORY);

        if (fd < 0)
                return fd == -ENOENT ? 0 : fd;
        return fs_remove_tree_at(fd, directory->aside);
}

int version_aside_discard(const HostRoot *root, const Plan *plan)
{
        int r = 0;

        for (size_t i = 0; i < plan->directory_count; i++) {
                int discarded = discard(root, &plan->directories[i]);

                if (r >= 0)
                        r = discarded;
        }
        return r;
}

/* --- choosing -------------------------------------------------------------------------------------------
 */

/* Opens the last directory of the way to PLACE that is there; PLACE itself isn't looked at. */
static int open_nearest(int modules_fd, const char *place)
{
        char *path CLEANUP_FREE = strdup(place);
        char *slash;

        if (!path)
                return -ENOMEM;
        while ((slash = strrchr(path, '/'))) {
                int fd;

                *slash = '\0';
                fd = fs_open_directory_at(modules_fd, path, false);
                if (fd != -ENOENT)
                        return fd;
        }
        return fs_open_directory_at(modules_fd, "", false);
}

static int refuse_mount(const PlanDirectory *directory, Refusal *refusal)
{
        return refuse(refusal, REFUSAL_NOT_SUPPORTED,
                        "Something is mounted on the way to /lib/modules/%s/%s, so a version can't come or go "
                        "there in one step. Unmount it (findmnt -T names it), or %s, and run `hostdriverctl "
                        "rescan`.",
                        directory->release, directory->place,
                        directory->after ? "make that directory by hand and copy the files into it"
                                         : "remove that directory by hand");
}

/* What is in its place now. */
static int check_place(int modules_fd, int nearest_fd, const PlanDirectory *directory, Refusal *refusal)
{
        int fd CLEANUP_FD = fs_open_directory_at(modules_fd, directory->place, false);
        int r;

        if (fd < 0)
                return fd == -ENOENT ? 0 : fd;
        if (directory->after)
                return refuse(refusal, REFUSAL_CONFLICT,
                                "/lib/modules/%s/%s is there already. Remove it first, or choose another name.",
                                directory->release, directory->place);
        r = fs_same_mount(fd, nearest_fd);
        return r == 0 ? refuse_mount(directory, refusal) : r;
}

static int choose(const HostRoot *root, PlanDirectory *directory, Refusal *refusal)
{
        int store_fd CLEANUP_FD = host_root_open(root, "/lib/modules", O_RDONLY | O_DIRECTORY);
        int modules_fd CLEANUP_FD = host_root_open_modules(root, directory->release);
        int nearest_fd CLEANUP_FD = -1;
        int r;

        if (store_fd < 0 || modules_fd < 0)
                return store_fd < 0 ? store_fd : modules_fd;
        nearest_fd = open_nearest(modules_fd, directory->place);
        if (nearest_fd < 0)
                return nearest_fd;
        r = check_place(modules_fd, nearest_fd, directory, refusal);
        if (r < 0)
                return r;
        r = fs_same_mount(nearest_fd, store_fd);
        if (r != 0)
                return r < 0 ? r : 0;
        r = fs_same_mount(nearest_fd, modules_fd);
        directory->inside = r > 0;
        return r == 0 ? refuse_mount(directory, refusal) : r;
}

int version_aside_choose(const HostRoot *root, Plan *plan, Refusal *refusal)
{
        int r = 0;

        for (size_t i = 0; r >= 0 && i < plan->directory_count; i++) {
                const PlanDirectory *directory = &plan->directories[i];

                r = choose(root, &plan->directories[i], refusal);
                if (r < 0 && r != -ECANCELED && r != -ENOMEM)
                        r = refuse(refusal, REFUSAL_FAILED, "/lib/modules/%s/%s can't be looked at: %s.",
                                        directory->release, directory->place, strerror(-r));
        }
        return r < 0 ? r : 0;
}
