/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* depmod follows links to directories and tells the path by which it came (kmod 30 and 34), so that links to
 * what is the same afterwards make an index of the same paths. Only directories on the way to what changes
 * are made anew. */

#include "change/checks/staged-tree.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "change/parts/link.h"
#include "change/parts/override-file.h"
#include "change/tool/depmod.h"
#include "host/index/depmod-config.h"
#include "host/index/override-list.h"
#include "host/kmod-config.h"
#include "util/directory.h"
#include "util/fs-tree.h"
#include "util/fs.h"
#include "util/text-format.h"

typedef struct Stage {
        HostRoot *root;
        int modules_fd; /* its module directory */
        int real_fd;    /* the one that it shows */
        char *real;     /* and its path */
} Stage;

static void stage_done(Stage *stage)
{
        (void) host_root_free(stage->root);
        stage->modules_fd = fd_close(stage->modules_fd);
        stage->real_fd = fd_close(stage->real_fd);
        free(stage->real);
}

static int put_link(int dir_fd, const char *name, const char *directory, const char *path)
{
        char *target CLEANUP_FREE = NULL;

        if (text_format(&target, "%s/%s", directory, path) < 0)
                return -ENOMEM;
        return symlinkat(target, dir_fd, name) < 0 ? -errno : 0;
}

/* What depmod reads is linked, and what it has written is not. */
static bool is_index(const char *name)
{
        return strncmp(name, "modules.", strlen("modules.")) == 0 && !index_is_source(name);
}

/* Links in DIR_FD to all entries of the directory REAL_FD, which is taken, at PATH. */
static int link_entries(int dir_fd, int real_fd_taken, const char *path)
{
        DIR *dir CLEANUP_DIRECTORY = NULL;
        const struct dirent *entry;
        int r = directory_open(real_fd_taken, &dir);

        while (r >= 0 && (entry = readdir(dir))) {
                const char *name = entry->d_name;

                if (strcmp(name, ".") != 0 && strcmp(name, "..") != 0 && !is_index(name))
                        r = put_link(dir_fd, name, path, name);
        }
        return r < 0 ? r : 0;
}

/* Makes the link NAME in DIR_FD a directory of links, one level deep, and opens it; one that isn't there is
 * empty. PATH is its own from the module directory on. */
static int open_up(const Stage *stage, int dir_fd, const char *name, const char *path)
{
        char *real CLEANUP_FREE = NULL;
        int fd CLEANUP_FD = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), real_fd,
               r;

        if (fd >= 0)
                return fd_steal(&fd);
        if (errno != ENOENT && unlinkat(dir_fd, name, 0) < 0)
                return -errno;
        if (mkdirat(dir_fd, name, 0700) < 0)
                return -errno;
        fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (fd < 0)
                return -errno;
        if (text_format(&real, "%s/%s", stage->real, path) < 0)
                return -ENOMEM;
        real_fd = openat(stage->real_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (real_fd < 0)
                return errno == ENOENT ? fd_steal(&fd) : -errno;
        r = link_entries(fd, real_fd, real);
        return r < 0 ? r : fd_steal(&fd);
}

/* Opens the directory that PATH lies in, all on the way being directories of the stage's own. */
static int open_parent(const Stage *stage, const char *path, const char **ret_name)
{
        char *above CLEANUP_FREE = strdup(path);
        char *name = above, *slash;
        int fd CLEANUP_FD = above ? fcntl(stage->modules_fd, F_DUPFD_CLOEXEC, 3) : -1;

        if (fd < 0)
                return above ? -errno : -ENOMEM;
        while ((slash = strchr(name, '/'))) {
                int below;

                *slash = '\0';
                below = open_up(stage, fd, name, above);
                if (below < 0)
                        return below;
                (void) fd_close(fd);
                fd = below;
                *slash = '/';
                name = slash + 1;
        }
        *ret_name = path + (name - above);
        return fd_steal(&fd);
}

/* --- what the plan changes ------------------------------------------------------------------------------
 */

/* Makes the file at PATH a link to the real file REAL; NULL: none. */
static int set_file(const Stage *stage, const char *path, const char *real)
{
        const char *name;
        int fd CLEANUP_FD = open_parent(stage, path, &name);

        if (fd < 0)
                return fd;
        if (unlinkat(fd, name, 0) < 0 && errno != ENOENT)
                return -errno;
        return real ? put_link(fd, name, stage->real, real) : 0;
}

static bool is_link_afterwards(const Plan *plan, const char *release, const char *path)
{
        for (size_t i = 0; i < plan->change_count; i++) {
                const char *link = plan->changes[i].after.link;

                if (link && strcmp(plan->changes[i].release, release) == 0 &&
                                strncmp(path, "updates/", strlen("updates/")) == 0 &&
                                strcmp(path + strlen("updates/"), link) == 0)
                        return true;
        }
        return false;
}

static int set_files(const Stage *stage, const Plan *plan, const char *release)
{
        int r = 0;

        for (size_t i = 0; r >= 0 && i < plan->file_count; i++) {
                const PlanFile *file = &plan->files[i];

                if (strcmp(file->release, release) != 0 || file->before == file->after)
                        continue;
                r = set_file(stage, file->inside, file->after ? file->outside : NULL);
                if (r >= 0 && !file->kept && !is_link_afterwards(plan, release, file->outside))
                        r = set_file(stage, file->outside, file->after ? NULL : file->inside);
        }
        return r;
}

/* The very parts that will change the host. */
static int place_parts(const Stage *stage, const Plan *plan, const char *release)
{
        const PartSite site = { stage->root, plan, release, stage->modules_fd, NULL };
        Refusal ignored CLEANUP_REFUSAL = { 0 };
        const char *name;
        int fd CLEANUP_FD = open_parent(stage, "updates/", &name);
        int r = fd < 0 ? fd : part_link.steps[PART_PLACE](&site, &ignored);

        return r < 0 ? r : part_override_file.steps[PART_PLACE](&site, &ignored);
}

/* --- all of it ------------------------------------------------------------------------------------------
 */

static int copy_configuration(void *userdata, const char *file, const char *text)
{
        const int *dir_fd = userdata;

        return fs_write_file_at(*dir_fd, strrchr(file, '/') + 1, text, strlen(text), 0600);
}

static int open_stage(const HostRoot *root, const char *release, const char *path, Stage *ret)
{
        char *modules CLEANUP_FREE = NULL;
        int r = host_root_new(path, release, &ret->root);

        if (r >= 0 && text_format(&modules, "/lib/modules/%s", release) < 0)
                r = -ENOMEM;
        if (r >= 0)
                r = host_root_resolve(root, modules, &ret->real);
        if (r >= 0)
                r = ret->real_fd = host_root_open_modules(root, release);
        if (r >= 0)
                r = ret->modules_fd = host_root_make_directory(ret->root, modules, 0700);
        return r;
}

int staged_tree_make(const HostRoot *root, const char *release, const Plan *plan, const char *path)
{
        Stage stage CLEANUP(stage_done) = { .modules_fd = -1, .real_fd = -1 };
        int configuration_fd CLEANUP_FD = -1, real_fd;
        int r = open_stage(root, release, path, &stage);

        if (r < 0)
                return r;
        real_fd = openat(stage.real_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        r = real_fd < 0 ? -errno : link_entries(stage.modules_fd, real_fd, stage.real);
        if (r >= 0)
                r = configuration_fd = host_root_make_directory(stage.root, OVERRIDE_DIRECTORY, 0700);
        if (r >= 0)
                r = kmod_config_read(root, depmod_directories, DEPMOD_DIRECTORY_COUNT, copy_configuration,
                                &configuration_fd);
        if (r >= 0 && plan)
                r = place_parts(&stage, plan, release);
        return r < 0 || !plan ? r : set_files(&stage, plan, release);
}
