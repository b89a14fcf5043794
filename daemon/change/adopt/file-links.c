/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Walks all module directories and asks every link where it leads. It follows none. */

#include "change/adopt/file-links.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "host/tree/tree-walk.h"
#include "util/directory.h"
#include "util/fs.h"
#include "util/text-format.h"

#define MODULES "/lib/modules"

/* A file and the directories that it lies in. */
typedef struct Target {
        dev_t device;
        ino_t inode;
} Target;

typedef struct Search {
        const HostRoot *root;
        Target targets[TREE_DEPTH_MAX];
        size_t count;
        const char *stays;
        char *own; /* "/lib/modules/…"; NULL: none */
        char *found;
} Search;

static void search_done(Search *search)
{
        free(search->own);
        free(search->found);
}

/* PATH, and what is above it as far as that is in the module directory. */
static int set_targets(Search *search, const char *release, const char *path)
{
        char *rest CLEANUP_FREE = strdup(path);
        char *slash;

        if (!rest)
                return -ENOMEM;
        do {
                char *whole CLEANUP_FREE = NULL;
                int fd CLEANUP_FD = -1;
                struct stat st;

                if (text_format(&whole, MODULES "/%s/%s", release, rest) < 0)
                        return -ENOMEM;
                fd = host_root_open(search->root, whole, O_PATH);
                if (fd < 0 || fstat(fd, &st) < 0)
                        return fd < 0 ? fd : -errno;
                search->targets[search->count++] = (Target){ st.st_dev, st.st_ino };
                slash = strrchr(rest, '/');
                if (slash)
                        *slash = '\0';
        } while (slash && search->count < TREE_DEPTH_MAX);
        return 0;
}

static bool leads_to_stays(const Search *search, int dir_fd, const char *name)
{
        char *text CLEANUP_FREE = NULL;
        size_t size, end;

        if (!search->stays || fs_read_link_at(dir_fd, name, &text) < 0)
                return false;
        size = strlen(text);
        end = strlen(search->stays);
        return size > end && text[size - end - 1] == '/' && strcmp(text + size - end, search->stays) == 0;
}

static int look_at(Search *search, int dir_fd, const char *path, const char *name)
{
        int fd CLEANUP_FD = host_root_open(search->root, path, O_PATH);
        struct stat st;

        if (fd < 0 || fstat(fd, &st) < 0 || (search->own && strcmp(path, search->own) == 0))
                return 0;
        for (size_t i = 0; i < search->count; i++) {
                if (search->targets[i].device != st.st_dev || search->targets[i].inode != st.st_ino)
                        continue;
                if (leads_to_stays(search, dir_fd, name))
                        return 0;
                search->found = strdup(path);
                return search->found ? 0 : -ENOMEM;
        }
        return 0;
}

/* Takes FD. What can't be read has no links. */
static int walk(Search *search, int fd_taken, const char *path, unsigned depth)
{
        DIR *dir CLEANUP_DIRECTORY = NULL;
        const struct dirent *entry;
        int r = directory_open(fd_taken, &dir);

        if (r < 0 || depth > TREE_DEPTH_MAX)
                return r == -ENOMEM ? r : 0;
        while (r >= 0 && !search->found && (entry = readdir(dir))) {
                char *below CLEANUP_FREE = NULL;
                struct stat st;

                if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
                                entry->d_type == DT_REG ||
                                fstatat(fd_taken, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
                        continue;
                if (text_format(&below, "%s/%s", path, entry->d_name) < 0)
                        return -ENOMEM;
                if (S_ISLNK(st.st_mode))
                        r = look_at(search, fd_taken, below, entry->d_name);
                else if (S_ISDIR(st.st_mode))
                        r = walk(search,
                                        openat(fd_taken, entry->d_name,
                                                        O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC),
                                        below, depth + 1);
        }
        return r < 0 ? r : 0;
}

int file_links_find(const HostRoot *root, const char *release, const char *path, const char *own,
                const char *stays, char **ret)
{
        Search search CLEANUP(search_done) = { .root = root, .stays = stays };
        int r = set_targets(&search, release, path);

        if (r >= 0 && own && text_format(&search.own, MODULES "/%s/updates/%s", release, own) < 0)
                r = -ENOMEM;
        if (r >= 0)
                r = walk(&search, host_root_open(root, MODULES, O_RDONLY | O_DIRECTORY), MODULES, 0);
        if (r < 0)
                return r;
        *ret = STEAL(search.found);
        return 0;
}
