/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Version directories that come and go in one step, by renaming between their place and where they stand
 * aside: see version-aside.h. It removes nothing that stands in its place. */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "change/parts/transaction-parts.h"
#include "change/parts/version-aside.h"
#include "util/fs-tree.h"
#include "util/fs.h"

/* Where a directory is or will be. */
typedef struct DirectoryPlaces {
        int aside_fd;      /* what it is aside in; -1 if that isn't there */
        const char *aside; /* its name in that */
        int modules_fd;    /* the module directory */
        int parent_fd;     /* the package's; -1 if it isn't there */
        const char *name;  /* in that */
} DirectoryPlaces;

static void places_done(DirectoryPlaces *places)
{
        places->aside_fd = fd_close(places->aside_fd);
        places->modules_fd = fd_close(places->modules_fd);
        places->parent_fd = fd_close(places->parent_fd);
}

#define PLACES_NONE                                               \
        {                                                         \
                .aside_fd = -1, .modules_fd = -1, .parent_fd = -1 \
        }

static int blame_place(Refusal *refusal, const PlanDirectory *directory, int error)
{
        char *path CLEANUP_FREE = NULL;

        if (error == -ECANCELED || error == -ENOMEM)
                return error;
        if (error == -EXDEV)
                return refuse(refusal, REFUSAL_NOT_SUPPORTED,
                                "The file system of /lib/modules/%s can't move %s in one step, so that no version "
                                "can come or go there. Do it by hand, and run `hostdriverctl rescan`.",
                                directory->release, directory->place);
        if (asprintf(&path, "/lib/modules/%s/%s", directory->release, directory->place) < 0) {
                path = NULL;
                return -ENOMEM;
        }
        return blame(refusal, path, error);
}

/* Opens what is there. 1 if the release is gone, with all that was in it. */
static int open_places(const HostRoot *root, const PlanDirectory *directory, DirectoryPlaces *ret)
{
        ret->modules_fd = host_root_open_modules(root, directory->release);
        if (ret->modules_fd < 0)
                return ret->modules_fd == -ENOENT ? 1 : ret->modules_fd;
        ret->aside_fd = version_aside_open(root, directory, false, &ret->aside);
        if (ret->aside_fd < 0 && ret->aside_fd != -ENOENT)
                return ret->aside_fd;
        ret->parent_fd = fs_open_parent_at(ret->modules_fd, directory->place, false, &ret->name);
        return ret->parent_fd < 0 && ret->parent_fd != -ENOENT ? ret->parent_fd : 0;
}

static bool is_there(int dir_fd, const char *name)
{
        struct stat st;

        return dir_fd >= 0 && fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) >= 0;
}

/* A rename that replaces nothing, not even an empty directory. */
static int move(int from_fd, const char *from, int to_fd, const char *to)
{
        if (renameat2(from_fd, from, to_fd, to, RENAME_NOREPLACE) >= 0)
                return 0;
        if (errno != EINVAL && errno != ENOSYS)
                return -errno;
        if (is_there(to_fd, to))
                return -EEXIST;
        return renameat(from_fd, from, to_fd, to) < 0 ? -errno : 0;
}

int remove_empty_directories(int modules_fd, const char *path)
{
        char *rest CLEANUP_FREE = strdup(path);
        char *slash;

        if (!rest)
                return -ENOMEM;
        while ((slash = strrchr(rest, '/'))) {
                const char *name;
                int fd CLEANUP_FD = fs_open_parent_at(modules_fd, rest, false, &name);

                if (fd >= 0) {
                        int r = 0;

                        if (unlinkat(fd, name, AT_REMOVEDIR) < 0)
                                r = errno == ENOENT ? 0 : -errno;
                        if (r == -ENOTEMPTY || r == -EEXIST)
                                return fs_sync(fd);
                        if (r >= 0)
                                r = fs_sync(fd);
                        if (r < 0)
                                return r;
                } else if (fd != -ENOENT) {
                        return fd;
                }
                *slash = '\0';
        }
        return 0;
}

static int check_each(const HostRoot *root, const PlanDirectory *directory, Refusal *refusal)
{
        DirectoryPlaces places CLEANUP(places_done) = PLACES_NONE;
        int r = open_places(root, directory, &places);
        bool aside, there;

        if (r != 0)
                return r;
        aside = is_there(places.aside_fd, places.aside);
        there = is_there(places.parent_fd, places.name);
        if (directory->after && aside && there)
                return refuse(refusal, REFUSAL_CONFLICT,
                                "/lib/modules/%s/%s is there already. Remove that version first, or choose "
                                "another name.",
                                directory->release, directory->place);
        if (directory->after && !aside && !there)
                return refuse(refusal, REFUSAL_FAILED,
                                "What was to become /lib/modules/%s/%s is gone. Try again.",
                                directory->release, directory->place);
        return 0;
}

static int sync_both(const DirectoryPlaces *places)
{
        int r = places->parent_fd < 0 ? 0 : fs_sync(places->parent_fd);

        return r < 0 || places->aside_fd < 0 ? r : fs_sync(places->aside_fd);
}

static int place_each(const HostRoot *root, const PlanDirectory *directory, Refusal *refusal)
{
        DirectoryPlaces places CLEANUP(places_done) = PLACES_NONE;
        int r;

        if (!directory->after)
                return 0;
        r = open_places(root, directory, &places);
        if (r != 0)
                return r;
        if (is_there(places.aside_fd, places.aside)) {
                if (places.parent_fd < 0)
                        places.parent_fd = fs_open_parent_at(
                                        places.modules_fd, directory->place, true, &places.name);
                r = places.parent_fd < 0
                                    ? places.parent_fd
                                    : move(places.aside_fd, places.aside, places.parent_fd, places.name);
        }
        return r < 0 ? r : sync_both(&places);
}

static int take_each(const HostRoot *root, const PlanDirectory *directory, Refusal *refusal)
{
        DirectoryPlaces places CLEANUP(places_done) = PLACES_NONE;
        const char *slash = strrchr(directory->place, '/');
        char *package CLEANUP_FREE = NULL;
        int r;

        if (directory->after)
                return 0;
        r = open_places(root, directory, &places);
        if (r != 0)
                return r;
        /* What stands there while ours is aside is somebody else's. */
        if (is_there(places.parent_fd, places.name) && !is_there(places.aside_fd, places.aside)) {
                if (places.aside_fd < 0)
                        places.aside_fd = version_aside_open(root, directory, true, &places.aside);
                r = places.aside_fd < 0 ? places.aside_fd
                                        : move(places.parent_fd, places.name, places.aside_fd, places.aside);
        }
        if (r >= 0)
                r = sync_both(&places);
        if (r < 0)
                return r;
        package = strndup(directory->place, (size_t) (slash - directory->place));
        return package ? remove_empty_directories(places.modules_fd, package) : -ENOMEM;
}

static int for_release(const HostRoot *root, const Plan *plan, const char *release, Refusal *refusal,
                int (*each)(const HostRoot *root, const PlanDirectory *directory, Refusal *refusal))
{
        for (size_t i = 0; i < plan->directory_count; i++) {
                const PlanDirectory *directory = &plan->directories[i];
                int r;

                if (strcmp(directory->release, release) != 0)
                        continue;
                r = each(root, directory, refusal);
                if (r < 0)
                        return blame_place(refusal, directory, r);
        }
        return 0;
}

int version_directories_check(const HostRoot *root, const Plan *plan, const char *release, Refusal *refusal)
{
        return for_release(root, plan, release, refusal, check_each);
}

int version_directories_place(const HostRoot *root, const Plan *plan, const char *release, Refusal *refusal)
{
        return for_release(root, plan, release, refusal, place_each);
}

int version_directories_take(const HostRoot *root, const Plan *plan, const char *release, Refusal *refusal)
{
        return for_release(root, plan, release, refusal, take_each);
}
