/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Adopted module files: in a tree and in updates/, in an order in which the file always has a name. It
 * removes a name only where the same file has another one. */

#include "change/parts/version-file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "change/parts/version-mark.h"
#include "host/module/module-file.h"
#include "host/name.h"
#include "util/directory.h"
#include "util/fs-copy.h"
#include "util/fs-tree.h"
#include "util/fs.h"
#include "util/text-format.h"

static bool is_module_file(const char *path)
{
        const char *slash = strrchr(path, '/');

        return slash && module_file_stem(slash + 1) > 0;
}

static bool is_outside(const char *path)
{
        return plan_path_is_outside(path) && is_module_file(path);
}

static bool is_inside(const char *path)
{
        return plan_path_is_in_tree(path, 4) && is_module_file(path);
}

static const RecordField fields[] = {
        RECORD_FIELD(PlanFile, release, RECORD_REQUIRED, name_is_valid),
        RECORD_FIELD(PlanFile, outside, RECORD_REQUIRED, is_outside),
        RECORD_FIELD(PlanFile, inside, RECORD_REQUIRED, is_inside),
        RECORD_FIELD(PlanFile, kept, RECORD_REQUIRED, NULL),
        RECORD_FIELD(PlanFile, before, RECORD_REQUIRED, NULL),
        RECORD_FIELD(PlanFile, after, RECORD_REQUIRED, NULL),
};
const Record version_file_record = { sizeof(PlanFile), fields, ELEMENTSOF(fields), NULL };

/* One file with the directories that it is and will be in. A descriptor is -1 where there is none. */
typedef struct FilePlaces {
        const char *outside; /* names in these directories */
        const char *inside;
        int outside_fd;
        int inside_fd;
} FilePlaces;

static void places_done(FilePlaces *places)
{
        places->outside_fd = fd_close(places->outside_fd);
        places->inside_fd = fd_close(places->inside_fd);
}

#define PLACES_NONE                               \
        {                                         \
                .outside_fd = -1, .inside_fd = -1 \
        }

static int blame(Refusal *refusal, int error, const PlanFile *file, const char *path)
{
        return refusal_blame(refusal, error, "/lib/modules/%s/%s", file->release, path);
}

static int open_places(int modules_fd, const PlanFile *file, FilePlaces *ret, Refusal *refusal)
{
        ret->outside_fd = fs_open_parent_at(modules_fd, file->outside, false, &ret->outside);
        if (ret->outside_fd < 0 && ret->outside_fd != -ENOENT)
                return blame(refusal, ret->outside_fd, file, file->outside);
        ret->inside_fd = fs_open_parent_at(modules_fd, file->inside, false, &ret->inside);
        if (ret->inside_fd < 0 && ret->inside_fd != -ENOENT)
                return blame(refusal, ret->inside_fd, file, file->inside);
        return 0;
}

/* 1 if a regular file stands there, 0 if nothing or a link does. */
static int is_there(int dir_fd, const char *name)
{
        struct stat st;

        if (dir_fd < 0)
                return 0;
        if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
                return errno == ENOENT ? 0 : -errno;
        if (S_ISLNK(st.st_mode))
                return 0;
        return S_ISREG(st.st_mode) ? 1 : -EEXIST;
}

/* Opens the file that another program keeps outside, maybe as a link to another kernel's. 1, or 0 if no
 * regular file is there; or a negative errno. */
static int open_kept(const HostRoot *root, const PlanFile *file, int *ret_fd)
{
        char *path CLEANUP_FREE = NULL;
        int fd CLEANUP_FD = -1;
        struct stat st;

        if (text_format(&path, "/lib/modules/%s/%s", file->release, file->outside) < 0)
                return -ENOMEM;
        fd = host_root_open(root, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
        if (fd < 0)
                return fd == -ENOENT || fd == -ELOOP ? 0 : fd;
        if (fstat(fd, &st) < 0)
                return -errno;
        if (!S_ISREG(st.st_mode))
                return 0;
        *ret_fd = fd_steal(&fd);
        return 1;
}

static int is_outside_there(const HostRoot *root, const PlanFile *file, const FilePlaces *places)
{
        int fd CLEANUP_FD = -1;

        return file->kept ? open_kept(root, file, &fd) : is_there(places->outside_fd, places->outside);
}

/* Whether both places have the same file; 0 if one of them has none. */
static int is_same(const HostRoot *root, const PlanFile *file, const FilePlaces *places)
{
        int outside CLEANUP_FD = -1, inside CLEANUP_FD = -1;
        int r;

        if (places->outside_fd < 0 || places->inside_fd < 0)
                return 0;
        if (!file->kept)
                return fs_same_file_at(
                                places->outside_fd, places->outside, places->inside_fd, places->inside);
        r = open_kept(root, file, &outside);
        if (r > 0)
                r = is_there(places->inside_fd, places->inside);
        if (r <= 0)
                return r;
        inside = openat(places->inside_fd, places->inside,
                        O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
        return inside < 0 ? -errno : fs_same_content(outside, inside);
}

static int refuse_other(Refusal *refusal, const PlanFile *file)
{
        return refuse(refusal, REFUSAL_CONFLICT,
                        "/lib/modules/%s/%s and /lib/modules/%s/%s are different files, and neither is ever "
                        "overwritten. Move one of them away, then try again.",
                        file->release, file->outside, file->release, file->inside);
}

static int check(const PartSite *site, Refusal *refusal)
{
        const PlanFile *file = site->item;
        FilePlaces places CLEANUP(places_done) = PLACES_NONE;
        int r = open_places(site->modules_fd, file, &places, refusal), outside, inside;

        if (r < 0)
                return r;
        outside = is_outside_there(site->root, file, &places);
        inside = is_there(places.inside_fd, places.inside);
        if (outside < 0 || inside < 0)
                return refuse(refusal, REFUSAL_CONFLICT,
                                "/lib/modules/%s/%s is no regular file. Move it away, then try again.",
                                file->release, outside < 0 ? file->outside : file->inside);
        if (!file->after || (!outside && inside))
                return 0;
        if (!outside)
                return refuse(refusal, REFUSAL_CONFLICT,
                                "/lib/modules/%s/%s, which was to be adopted, is gone. Call "
                                "`hostdriverctl rescan` and look again.",
                                file->release, file->outside);
        if (!inside)
                return 0;
        r = is_same(site->root, file, &places);
        if (r < 0)
                return blame(refusal, r, file, file->outside);
        return r > 0 ? 0 : refuse_other(refusal, file);
}

/* A second name for the file; a copy where that can't be. */
static int link_or_copy(int from_fd, const char *from, int to_fd, const char *to)
{
        int fd CLEANUP_FD = -1;

        if (linkat(from_fd, from, to_fd, to, 0) >= 0)
                return 0;
        if (errno != EXDEV && errno != EPERM && errno != EMLINK && errno != ENOTSUP)
                return -errno;
        fd = openat(from_fd, from, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
        return fd < 0 ? -errno : fs_copy_file_at(fd, to_fd, to, MODULE_FILE_SIZE_MAX, true);
}

/* The name outside for what has the name TEMPORARY there, whatever stands there. */
static int give_outside(const FilePlaces *places, const char *temporary)
{
        int r = renameat(places->outside_fd, temporary, places->outside_fd, places->outside) < 0 ? -errno
                                                                                                 : 0;

        if (r < 0)
                (void) unlinkat(places->outside_fd, temporary, 0);
        return r;
}

static int sync_file(int dir_fd, const char *name)
{
        int fd CLEANUP_FD = openat(dir_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);

        return fd < 0 ? -errno : fs_sync(fd);
}

/* --- becoming a version ---------------------------------------------------------------------------------
 */

static int make_inside(const HostRoot *root, const PlanFile *file, const FilePlaces *places)
{
        int fd CLEANUP_FD = -1;
        int r;

        if (!file->kept)
                return link_or_copy(places->outside_fd, places->outside, places->inside_fd, places->inside);
        r = open_kept(root, file, &fd);
        if (r == 0)
                r = -ENOENT;
        return r < 0 ? r
                     : fs_copy_file_at(fd, places->inside_fd, places->inside, MODULE_FILE_SIZE_MAX, true);
}

static int place_inside(const PartSite *site, const PlanFile *file, FilePlaces *places)
{
        int r;

        if (places->inside_fd < 0) {
                places->inside_fd = fs_open_parent_at(site->modules_fd, file->inside, true, &places->inside);
                if (places->inside_fd < 0)
                        return places->inside_fd;
        }
        r = fs_sweep_temporaries(places->inside_fd, S_IFREG);
        /* The mark is first: whoever finds the file knows where it came from. */
        if (r >= 0)
                r = version_mark_write(places->inside_fd, places->inside, file->outside);
        if (r < 0)
                return r;
        if (is_there(places->inside_fd, places->inside) == 0) {
                r = make_inside(site->root, file, places);
                if (r >= 0)
                        r = sync_file(places->inside_fd, places->inside);
        }
        return r < 0 ? r : fs_sync(places->inside_fd);
}

int version_file_put_link(int modules_fd, const PlanFile *file, const char *target)
{
        char temporary[FS_TEMPORARY_NAME_SIZE];
        FilePlaces places CLEANUP(places_done) = PLACES_NONE;
        Refusal ignored CLEANUP_REFUSAL = { 0 };
        int r = open_places(modules_fd, file, &places, &ignored);

        if (r >= 0 && places.outside_fd < 0)
                r = -ENOENT;
        if (r >= 0)
                r = places.inside_fd < 0 ? 0
                                         : fs_same_file_at(places.outside_fd, places.outside,
                                                           places.inside_fd, places.inside);
        if (r <= 0)
                return r < 0 ? r : -EEXIST;
        r = fs_temporary_name(temporary);
        if (r < 0)
                return r;
        if (symlinkat(target, places.outside_fd, temporary) < 0)
                return -errno;
        return give_outside(&places, temporary);
}

/* --- ceasing to be one ----------------------------------------------------------------------------------
 */

/* What a crash left: further names of the very file. */
static int sweep_names(const FilePlaces *places)
{
        int fd = openat(places->outside_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        DIR *dir CLEANUP_DIRECTORY = NULL;
        const struct dirent *entry;
        int r = directory_open(fd, &dir);

        while (r >= 0 && (entry = readdir(dir))) {
                r = !fs_is_temporary(entry->d_name) ? 0
                                                    : fs_same_file_at(places->outside_fd, entry->d_name,
                                                                      places->inside_fd, places->inside);
                if (r > 0)
                        r = fs_remove_at(places->outside_fd, entry->d_name);
        }
        return r < 0 ? r : 0;
}

static int place_outside(int modules_fd, const PlanFile *file, FilePlaces *places)
{
        char temporary[FS_TEMPORARY_NAME_SIZE];
        int r;

        if (file->kept || is_there(places->inside_fd, places->inside) != 1)
                return 0;
        if (places->outside_fd < 0) {
                places->outside_fd = fs_open_parent_at(modules_fd, file->outside, true, &places->outside);
                if (places->outside_fd < 0)
                        return places->outside_fd;
        }
        r = sweep_names(places);
        if (r < 0 || is_there(places->outside_fd, places->outside) == 1)
                return r;
        r = fs_temporary_name(temporary);
        if (r >= 0)
                r = link_or_copy(places->inside_fd, places->inside, places->outside_fd, temporary);
        if (r < 0)
                return r;
        r = give_outside(places, temporary);
        return r < 0 ? r : fs_sync(places->outside_fd);
}

/* The tree's own directory, which may have been made for this file alone. */
static int remove_empty_tree(const PartSite *site, const PlanFile *file)
{
        char *tree CLEANUP_FREE = strndup(file->inside, strcspn(file->inside, "/"));

        if (!tree)
                return -ENOMEM;
        if (unlinkat(site->modules_fd, tree, AT_REMOVEDIR) >= 0)
                return fs_sync(site->modules_fd);
        return errno == ENOENT || errno == ENOTEMPTY || errno == EEXIST ? 0 : -errno;
}

/* Another file that has come to stand outside meanwhile is left alone, and this one stays a version. */
static int take_inside(const PartSite *site, const PlanFile *file, const FilePlaces *places)
{
        int r = is_there(places->inside_fd, places->inside);

        if (places->inside_fd < 0)
                r = 0;
        else if (r == 1) {
                r = is_same(site->root, file, places);
                if (r <= 0)
                        return r;
                r = fs_remove_at(places->inside_fd, places->inside);
        }
        if (r >= 0 && places->inside_fd >= 0) {
                r = fs_sweep_temporaries(places->inside_fd, S_IFREG);
                if (r >= 0)
                        r = version_mark_remove(places->inside_fd, places->inside);
                if (r >= 0)
                        r = fs_sync(places->inside_fd);
        }
        if (r >= 0)
                r = fs_remove_empty_parents_at(site->modules_fd, file->inside);
        return r < 0 ? r : remove_empty_tree(site, file);
}

/* Where the link has another name or place than the file had. */
static int take_outside(const PlanFile *file, const FilePlaces *places)
{
        int r;

        if (file->kept || places->outside_fd < 0 || places->inside_fd < 0)
                return 0;
        r = sweep_names(places);
        if (r >= 0)
                r = fs_same_file_at(places->outside_fd, places->outside, places->inside_fd, places->inside);
        if (r > 0)
                r = fs_remove_at(places->outside_fd, places->outside);
        return r > 0 ? fs_sync(places->outside_fd) : r;
}

/* --- as a part -------------------------------------------------------------------------------------------
 */

static int place(const PartSite *site, Refusal *refusal)
{
        const PlanFile *file = site->item;
        FilePlaces places CLEANUP(places_done) = PLACES_NONE;
        int r = open_places(site->modules_fd, file, &places, refusal);

        if (r < 0)
                return r;
        /* The file is inside alone once all is done, and this may be done again. */
        if (file->after && is_outside_there(site->root, file, &places) == 0)
                return 0;
        r = file->after ? place_inside(site, file, &places) : place_outside(site->modules_fd, file, &places);
        return blame(refusal, r, file, file->after ? file->inside : file->outside);
}

static int take(const PartSite *site, Refusal *refusal)
{
        const PlanFile *file = site->item;
        FilePlaces places CLEANUP(places_done) = PLACES_NONE;
        int r = open_places(site->modules_fd, file, &places, refusal);

        if (r < 0)
                return r;
        r = file->after ? take_outside(file, &places) : take_inside(site, file, &places);
        return blame(refusal, r, file, file->after ? file->outside : file->inside);
}

static int describe(const Plan *plan, const void *item, PlanText *text)
{
        const PlanFile *file = item;
        const char *from = file->after ? file->outside : file->inside;
        const char *to = file->after ? file->inside : file->outside;

        if (file->before == file->after)
                return 0;
        if (file->kept && !file->after)
                return plan_say(text, "Remove the copy /lib/modules/%s/%s.", file->release, from);
        return plan_say(text, "%s the module file /lib/modules/%s/%s to %s.", file->kept ? "Copy" : "Move",
                        file->release, from, to);
}

/* Placed before the links, each is where it shall be, and still where it was; what stands where a link
 * belongs goes when that is put. Taken after the override file, it is no longer where it shall not be. */
const Part part_version_file = {
        .name = "version file",
        .scope = PART_OF_ITEM,
        PART_ITEMS(files, file_count),
        .release_offset = offsetof(PlanFile, release),
        .check = check,
        .steps = { [PART_PLACE] = place, [PART_TAKE] = take },
        .describe = { [PART_PLACE] = describe },
};
