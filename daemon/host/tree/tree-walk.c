/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Walks a tree by openat() and the kind that readdir() tells, so that no entry is looked up but directories.
 * It opens directories only: what kind of thing a module file is, is for the visitor to find out. */

#include "host/tree/tree-walk.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "host/name.h"
#include "util/directory.h"
#include "util/exhausted.h"
#include "util/text-format.h"

typedef struct TreeWalk {
        const TreeScan *scan;
        const Tree *tree;
        const char *package; /* of the version directory that the walk is in */
        const char *version;
        TreeInfo *info;      /* of that version; each of its files gets a reference */
        char path[PATH_MAX]; /* of the directory that is being read, relative to the module directory */
        size_t path_size;    /* without its NUL */
        struct stat above[TREE_DEPTH_MAX + 1]; /* the directories on the way, where links are followed */
} TreeWalk;

static int walk_directory(TreeWalk *walk, int directory_fd, unsigned depth);

/* Appends "/NAME". False if the path gets too long. */
static bool path_push(TreeWalk *walk, const char *name)
{
        size_t size = strlen(name);

        if (walk->path_size + 1 + size >= sizeof(walk->path))
                return false;
        walk->path[walk->path_size] = '/';
        memcpy(walk->path + walk->path_size + 1, name, size + 1);
        walk->path_size += 1 + size;
        return true;
}

static void path_pop(TreeWalk *walk, size_t size)
{
        walk->path_size = size;
        walk->path[size] = '\0';
}

/* Tells of NAME (NULL: of the directory that is being read) as passed over. */
static int tell_skip(const TreeWalk *walk, const char *name, const char *reason, int error)
{
        char *path CLEANUP_FREE = NULL;

        if (text_format(&path, "%s%s%s", walk->path, name ? "/" : "", name ? name : "") < 0)
                return -ENOMEM;
        return walk->scan->skipped(walk->scan->userdata, path, reason, error);
}

static int skip(const TreeWalk *walk, const char *name, const char *reason)
{
        return tell_skip(walk, name, reason, 0);
}

static int skip_error(const TreeWalk *walk, const char *name, const char *what, int error)
{
        char reason[256];

        if (exhausted(error))
                return error;
        (void) snprintf(reason, sizeof(reason), "can't be %s: %s", what, strerror(-error));
        return tell_skip(walk, name, reason, error);
}

/* What readdir() says of an entry, asked of the kernel where the file system doesn't tell. */
static unsigned char entry_kind(int directory_fd, const struct dirent *entry)
{
        struct stat st;

        if (entry->d_type != DT_UNKNOWN)
                return entry->d_type;
        if (fstatat(directory_fd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
                return DT_UNKNOWN;
        return IFTODT(st.st_mode);
}

/* Whether NAME ends like a module file; which of those can be one, module_file_stem() says. */
static bool looks_like_module(const char *name)
{
        static const char *const endings[] = { ".ko", ".ko.gz", ".ko.xz", ".ko.zst" };
        size_t size = strlen(name);

        for (size_t i = 0; i < ELEMENTSOF(endings); i++) {
                size_t ending = strlen(endings[i]);

                if (size > ending && memcmp(name + size - ending, endings[i], ending) == 0)
                        return true;
        }
        return false;
}

/* 1 if the module of the file NAME is asked for, 0 if not. */
static int is_wanted(const TreeWalk *walk, const char *name)
{
        char *module CLEANUP_FREE = NULL;
        int r;

        if (walk->tree->has_packages || !walk->scan->wanted)
                return 1;
        r = module_name_from_file(name, &module);
        if (r < 0)
                return r;
        return string_set_contains(walk->scan->wanted, module);
}

static int walk_file(TreeWalk *walk, int directory_fd, const char *name)
{
        size_t size = walk->path_size;
        TreeFile file = {
                .package = walk->package,
                .version = walk->version,
                .path = walk->path,
                .directory_fd = directory_fd,
        };
        int r = is_wanted(walk, name);

        if (r <= 0)
                return r;
        if (!path_push(walk, name))
                return skip(walk, name, "has too long a path");
        file.info = tree_info_ref(walk->info);
        file.file = walk->path + size + 1;
        r = walk->scan->found(walk->scan->userdata, &file);
        path_pop(walk, size);
        return r < 0 ? r : 0;
}

/* Whether the open directory FD, at DEPTH, is one of those that the walk is in. */
static bool leads_back(TreeWalk *walk, int fd, unsigned depth)
{
        struct stat *own = &walk->above[depth];

        if (fstat(fd, own) < 0)
                return true;
        for (unsigned i = 0; i < depth; i++)
                if (walk->above[i].st_dev == own->st_dev && walk->above[i].st_ino == own->st_ino)
                        return true;
        return false;
}

/* Enters a directory of NAME, and takes back its name from the path. */
static int walk_below(TreeWalk *walk, int directory_fd, const char *name, unsigned depth)
{
        size_t size = walk->path_size;
        int fd = openat(directory_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        int r;

        if (fd < 0 && (errno == ENOENT || errno == ENOTDIR || errno == ELOOP))
                return 0; /* gone, or replaced, since the directory was read */
        if (fd < 0)
                return skip_error(walk, name, "opened", -errno);
        if (depth > TREE_DEPTH_MAX || !path_push(walk, name)) {
                (void) fd_close(fd);
                return skip(walk, name, "lies too deep");
        }
        if (walk->scan->follow)
                (void) leads_back(walk, fd, depth);
        r = walk_directory(walk, fd, depth);
        path_pop(walk, size);
        return r;
}

/* Enters the directory that the link NAME leads to, if it does. 1 if so, and 0 if it is something else. */
static int walk_link(TreeWalk *walk, const char *name, unsigned depth)
{
        size_t size = walk->path_size;
        int fd, r;

        if (!walk->scan->follow || depth > TREE_DEPTH_MAX || !path_push(walk, name))
                return 0;
        fd = walk->scan->follow(walk->scan->userdata, walk->path);
        if (fd < 0) {
                path_pop(walk, size);
                return exhausted(fd) ? fd : 0;
        }
        if (leads_back(walk, fd, depth)) {
                (void) fd_close(fd);
                r = tell_skip(walk, NULL, "is a link that leads back to a directory that it lies in",
                                -ELOOP);
        } else {
                r = walk_directory(walk, fd, depth);
        }
        path_pop(walk, size);
        return r < 0 ? r : 1;
}

/* Enters the version directory FD, named by the walk's path: it owns all that is found below. */
static int begin_version(TreeWalk *walk, int fd)
{
        if (!walk->tree->read_info)
                return 0;
        return walk->tree->read_info(fd, &walk->info);
}

/* The depth of a version directory: the tree's own is 0, a package's is 1. */
#define VERSION_DEPTH 2

static int walk_subdirectory(TreeWalk *walk, int directory_fd, const char *name, unsigned depth)
{
        int r;

        if (!walk->tree->has_packages || depth > VERSION_DEPTH)
                return walk_below(walk, directory_fd, name, depth);
        if (depth < VERSION_DEPTH)
                walk->package = name;
        else
                walk->version = name;
        r = walk_below(walk, directory_fd, name, depth);
        if (depth == VERSION_DEPTH)
                walk->info = tree_info_unref(walk->info);
        return r;
}

static int walk_entry(TreeWalk *walk, int directory_fd, const struct dirent *entry, unsigned depth)
{
        const char *name = entry->d_name;
        unsigned char kind = entry_kind(directory_fd, entry);
        bool directory = kind == DT_DIR;
        NameDefect defect;

        if (kind == DT_LNK) {
                int r = walk_link(walk, name, depth + 1);

                if (r < 0 || (r > 0 && !looks_like_module(name)))
                        return r < 0 ? r : 0;
        }
        if (!directory && !looks_like_module(name))
                return 0;
        defect = name_check(name);
        if (defect != NAME_VALID)
                return !walk->tree->has_packages ? 0 : skip(walk, name, name_defect_text(defect));
        if (directory)
                return walk_subdirectory(walk, directory_fd, name, depth + 1);
        /* A file beside the packages or the versions belongs to no version. */
        if (walk->tree->has_packages && depth < VERSION_DEPTH)
                return skip(walk, name, "lies in no version's directory");
        if (module_file_stem(name) == 0)
                return !walk->tree->has_packages ? 0
                                                 : skip(walk, name, "has a name that no module can have");
        return walk_file(walk, directory_fd, name);
}

/* Reads the directory FD, which it closes. */
static int walk_directory(TreeWalk *walk, int fd, unsigned depth)
{
        DIR *dir CLEANUP_DIRECTORY = NULL;
        int r = directory_open(fd, &dir);

        if (r < 0)
                return exhausted(r) ? r : skip_error(walk, NULL, "read", r);
        if (walk->tree->has_packages && depth == VERSION_DEPTH)
                r = begin_version(walk, fd);
        while (r >= 0) {
                const struct dirent *entry;

                errno = 0;
                entry = readdir(dir);
                if (!entry)
                        return errno == 0 || errno == ENOENT ? 0 : skip_error(walk, NULL, "read", -errno);
                if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
                        r = walk_entry(walk, fd, entry, depth);
        }
        return r;
}

int tree_walk(const Tree *tree, const TreeScan *scan)
{
        TreeWalk walk = { .scan = scan, .tree = tree, .package = "", .version = KERNEL_VERSION_ID };
        int fd, r;

        if (strlen(scan->directory) >= sizeof(walk.path))
                return scan->skipped(scan->userdata, scan->directory, "has too long a path", 0);
        walk.path_size = strlen(scan->directory);
        memcpy(walk.path, scan->directory, walk.path_size + 1);
        fd = openat(scan->modules_fd, scan->directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (fd < 0 && errno == ENOENT)
                return 0;
        if (fd < 0 && (errno == ELOOP || errno == ENOTDIR))
                return skip(&walk, NULL, "is not a directory; links to directories are not followed");
        if (fd < 0)
                return skip_error(&walk, NULL, "opened", -errno);
        if (scan->follow)
                (void) leads_back(&walk, fd, 0);
        r = walk_directory(&walk, fd, 0);
        walk.info = tree_info_unref(walk.info);
        return r;
}
