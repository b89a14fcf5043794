/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Version directories that come and go in one step, by renaming between their place and where they stand
 * aside: see version-aside.h. It removes nothing that stands in its place. */

#include "change/parts/version-directory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "change/parts/version-aside.h"
#include "host/name.h"
#include "util/fs-tree.h"
#include "util/fs.h"

static bool is_place(const char *path)
{
        return plan_path_is_in_tree(path, 3);
}

/* What is aside gets removed. */
static bool is_aside(const char *name)
{
        return name_is_valid(name) && fs_is_temporary(name);
}

static const RecordField fields[] = {
        RECORD_FIELD(PlanDirectory, release, RECORD_REQUIRED, name_is_valid),
        RECORD_FIELD(PlanDirectory, place, RECORD_REQUIRED, is_place),
        RECORD_FIELD(PlanDirectory, aside, RECORD_REQUIRED, is_aside),
        RECORD_FIELD(PlanDirectory, inside, RECORD_OMITTED, NULL),
        RECORD_FIELD(PlanDirectory, before, RECORD_REQUIRED, NULL),
        RECORD_FIELD(PlanDirectory, after, RECORD_REQUIRED, NULL),
};
const Record version_directory_record = { sizeof(PlanDirectory), fields, ELEMENTSOF(fields), NULL };

/* Where a directory is or will be. */
typedef struct DirectoryPlaces {
        int aside_fd;      /* what it is aside in; -1 if that isn't there */
        const char *aside; /* its name in that */
        int parent_fd;     /* the package's; -1 if it isn't there */
        const char *name;  /* in that */
} DirectoryPlaces;

static void places_done(DirectoryPlaces *places)
{
        places->aside_fd = fd_close(places->aside_fd);
        places->parent_fd = fd_close(places->parent_fd);
}

#define PLACES_NONE                             \
        {                                       \
                .aside_fd = -1, .parent_fd = -1 \
        }

static int blame(Refusal *refusal, int error, const PlanDirectory *directory)
{
        if (error == -EXDEV)
                return refuse(refusal, REFUSAL_NOT_SUPPORTED,
                                "The file system of /lib/modules/%s can't move %s in one step, so that no version "
                                "can come or go there. Do it by hand, and run `hostdriverctl rescan`.",
                                directory->release, directory->place);
        return refusal_blame(refusal, error, "/lib/modules/%s/%s", directory->release, directory->place);
}

/* Opens what is there. */
static int open_places(const PartSite *site, const PlanDirectory *directory, DirectoryPlaces *ret)
{
        ret->aside_fd = version_aside_open(site->root, directory, false, &ret->aside);
        if (ret->aside_fd < 0 && ret->aside_fd != -ENOENT)
                return ret->aside_fd;
        ret->parent_fd = fs_open_parent_at(site->modules_fd, directory->place, false, &ret->name);
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

static int check(const PartSite *site, Refusal *refusal)
{
        const PlanDirectory *directory = site->item;
        DirectoryPlaces places CLEANUP(places_done) = PLACES_NONE;
        int r = open_places(site, directory, &places);
        bool aside, there;

        if (r < 0)
                return blame(refusal, r, directory);
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

static int place(const PartSite *site, Refusal *refusal)
{
        const PlanDirectory *directory = site->item;
        DirectoryPlaces places CLEANUP(places_done) = PLACES_NONE;
        int r;

        if (!directory->after)
                return 0;
        r = open_places(site, directory, &places);
        if (r >= 0 && is_there(places.aside_fd, places.aside)) {
                if (places.parent_fd < 0)
                        places.parent_fd = fs_open_parent_at(
                                        site->modules_fd, directory->place, true, &places.name);
                r = places.parent_fd < 0
                                    ? places.parent_fd
                                    : move(places.aside_fd, places.aside, places.parent_fd, places.name);
        }
        if (r >= 0)
                r = sync_both(&places);
        return blame(refusal, r, directory);
}

static int take(const PartSite *site, Refusal *refusal)
{
        const PlanDirectory *directory = site->item;
        DirectoryPlaces places CLEANUP(places_done) = PLACES_NONE;
        int r;

        if (directory->after)
                return 0;
        r = open_places(site, directory, &places);
        /* What stands there while ours is aside is somebody else's. */
        if (r >= 0 && is_there(places.parent_fd, places.name) && !is_there(places.aside_fd, places.aside)) {
                if (places.aside_fd < 0)
                        places.aside_fd = version_aside_open(site->root, directory, true, &places.aside);
                r = places.aside_fd < 0 ? places.aside_fd
                                        : move(places.parent_fd, places.name, places.aside_fd, places.aside);
        }
        if (r >= 0)
                r = sync_both(&places);
        if (r >= 0)
                r = fs_remove_empty_parents_at(site->modules_fd, directory->place);
        return blame(refusal, r, directory);
}

static int describe(const PlanDirectory *directory, bool after, PlanText *text)
{
        if (directory->after != after || directory->before == after)
                return 0;
        return plan_say(text, "%s /lib/modules/%s/%s with all that is in it.", after ? "Add" : "Remove",
                        directory->release, directory->place);
}

static int describe_placed(const Plan *plan, const void *item, PlanText *text)
{
        return describe(item, true, text);
}

static int describe_taken(const Plan *plan, const void *item, PlanText *text)
{
        return describe(item, false, text);
}

const Part part_version_directory = {
        .name = "version directory",
        .scope = PART_OF_ITEM,
        PART_ITEMS(directories, directory_count),
        .release_offset = offsetof(PlanDirectory, release),
        .check = check,
        .steps = { [PART_PLACE] = place, [PART_TAKE] = take },
        .discard = version_aside_discard,
        .describe = { [PART_PLACE] = describe_placed, [PART_TAKE] = describe_taken },
};
