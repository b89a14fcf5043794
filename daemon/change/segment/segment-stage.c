/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Links stand for files of the host that are the image's own, byte for byte: nothing is copied that needn't
 * be. */

#include "change/segment/segment-stage.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "change/tool/depmod.h"
#include "host/name.h"
#include "host/path.h"
#include "util/directory.h"
#include "util/fs-tree.h"
#include "util/fs.h"
#include "util/text-format.h"

/* The service's units have a /tmp of their own. */
#define PARENT "/tmp"
#define PREFIX "hostdriver-segment-"
#define TEMPLATE PARENT "/" PREFIX "XXXXXX"
/* How often a new directory may be swept before it is locked. */
#define TRIES_MAX 10U
#define INDEX_SIZE_MAX (16U * 1024 * 1024)

/* --- the directory --------------------------------------------------------------------------------------
 */

/* Opens it, and locks it for as long as this process holds the descriptor. -ENOENT if it is gone. */
static int lock_base(const char *base)
{
        int fd CLEANUP_FD = open(base, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        struct stat st;

        if (fd < 0 || flock(fd, LOCK_EX) < 0 || fstat(fd, &st) < 0)
                return -errno;
        return st.st_nlink == 0 ? -ENOENT : fd_steal(&fd);
}

static int make_base(SegmentStage *stage)
{
        int r = -ENOENT;

        for (unsigned i = 0; r == -ENOENT && i < TRIES_MAX; i++) {
                char *base CLEANUP_FREE = strdup(TEMPLATE);

                if (!base)
                        return -ENOMEM;
                if (!mkdtemp(base))
                        return -errno;
                r = stage->base_fd = lock_base(base);
                if (r >= 0)
                        stage->base = STEAL(base);
        }
        return r;
}

/* Whose process lives has its lock. */
static void sweep_one(int parent_fd, const char *name)
{
        int fd CLEANUP_FD = openat(parent_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        struct stat st;

        if (fd < 0 || fstat(fd, &st) < 0 || st.st_uid != geteuid() || flock(fd, LOCK_EX | LOCK_NB) < 0)
                return;
        (void) !fs_remove_tree_at(parent_fd, name);
}

void segment_stage_sweep(void)
{
        DIR *parent CLEANUP_DIRECTORY = NULL;
        const struct dirent *entry;

        if (directory_open(open(PARENT, O_RDONLY | O_DIRECTORY | O_CLOEXEC), &parent) < 0)
                return;
        while ((entry = readdir(parent)))
                if (strncmp(entry->d_name, PREFIX, strlen(PREFIX)) == 0)
                        sweep_one(dirfd(parent), entry->d_name);
}

static int make_parents(int dir_fd, const char *path)
{
        char *parent CLEANUP_FREE = strdup(path);

        if (!parent)
                return -ENOMEM;
        for (char *slash = parent; (slash = strchr(slash, '/')); *slash++ = '/') {
                *slash = '\0';
                if (mkdirat(dir_fd, parent, 0755) < 0 && errno != EEXIST)
                        return -errno;
        }
        return 0;
}

int segment_stage_init(const char *release, SegmentStage *ret)
{
        SegmentStage stage CLEANUP(segment_stage_done) = { .release = release, .base_fd = -1, .fd = -1 };
        char *path CLEANUP_FREE = NULL;
        int r;

        if (text_format(&path, "lib/modules/%s/", release) < 0)
                return -ENOMEM;
        r = make_base(&stage);
        if (r >= 0)
                r = make_parents(stage.base_fd, path);
        if (r < 0)
                return r;
        stage.fd = openat(stage.base_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (stage.fd < 0)
                return -errno;
        *ret = stage;
        stage = SEGMENT_STAGE_NONE;
        return 0;
}

void segment_stage_done(SegmentStage *stage)
{
        int fd CLEANUP_FD = -1;

        stage->fd = fd_close(stage->fd);
        if (stage->base) {
                fd = open(PARENT, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
                if (fd >= 0)
                        (void) !fs_remove_tree_at(fd, stage->base + strlen(PARENT "/"));
        }
        stage->base_fd = fd_close(stage->base_fd);
        free(stage->base);
        string_set_done(&stage->paths);
        *stage = SEGMENT_STAGE_NONE;
}

/* Opens the directory that PATH lies in, never through a link; makes it. */
static int open_parent(const SegmentStage *stage, const char *path, const char **ret_name)
{
        int fd = fs_open_parent_at(stage->fd, path, false, ret_name);
        int r;

        if (fd != -ENOENT)
                return fd;
        r = make_parents(stage->fd, path);
        return r < 0 ? r : fs_open_parent_at(stage->fd, path, false, ret_name);
}

/* Makes room for PATH. */
static int begin(SegmentStage *stage, const char *path, int *ret_fd, const char **ret_name)
{
        const char *file = strrchr(path, '/');
        int fd CLEANUP_FD = path_is_below(path) ? open_parent(stage, path, ret_name) : -EINVAL;
        int r;

        if (fd < 0)
                return fd;
        r = fs_remove_at(fd, *ret_name);
        if (r >= 0 && module_file_stem(file ? file + 1 : path) > 0)
                r = string_set_add(&stage->paths, path);
        if (r >= 0)
                *ret_fd = fd_steal(&fd);
        return r;
}

int segment_stage_put(SegmentStage *stage, const char *path, const void *data, size_t size)
{
        int parent CLEANUP_FD = -1, fd CLEANUP_FD = -1;
        const char *name;
        int r = begin(stage, path, &parent, &name);

        if (r < 0)
                return r;
        fd = openat(parent, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
        return fd < 0 ? -errno : fs_write_all(fd, data, size);
}

int segment_stage_link(SegmentStage *stage, const char *path, const char *target)
{
        int parent CLEANUP_FD = -1;
        const char *name;
        int r = begin(stage, path, &parent, &name);

        if (r < 0)
                return r;
        return symlinkat(target, parent, name) < 0 ? -errno : 0;
}

/* The canonical name of the module file at PATH. */
static int module_at(const char *path, char **ret)
{
        const char *file = strrchr(path, '/');

        return module_name_from_file(file ? file + 1 : path, ret);
}

int segment_stage_drop(SegmentStage *stage, const char *module)
{
        for (size_t i = 0; i < stage->paths.count;) {
                char *path CLEANUP_FREE = strdup(stage->paths.items[i]), *name CLEANUP_FREE = NULL;
                int r = path ? module_at(path, &name) : -ENOMEM;

                if (r == -ENOMEM)
                        return r;
                if (r < 0 || strcmp(name, module) != 0) {
                        i++;
                        continue;
                }
                if (unlinkat(stage->fd, path, 0) < 0)
                        return -errno;
                (void) string_set_remove(&stage->paths, path);
        }
        return 0;
}

int segment_stage_modules(const SegmentStage *stage, StringSet *ret)
{
        for (size_t i = 0; i < stage->paths.count; i++) {
                char *name CLEANUP_FREE = NULL;
                int r = module_at(stage->paths.items[i], &name);

                if (r >= 0)
                        r = string_set_add(ret, name);
                if (r == -ENOMEM)
                        return r;
        }
        return 0;
}

/* --- the index ------------------------------------------------------------------------------------------
 */

/* What it prints is of no use: warnings about modules that no image holds. */
static int run(const char *const argv[])
{
        static const char *const environment[] = { "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C", NULL };
        posix_spawn_file_actions_t actions;
        pid_t pid;
        int status, r;

        r = posix_spawn_file_actions_init(&actions);
        if (r != 0)
                return -r;
        for (int fd = STDOUT_FILENO; r == 0 && fd <= STDERR_FILENO; fd++)
                r = posix_spawn_file_actions_addopen(&actions, fd, "/dev/null", O_WRONLY, 0);
        if (r == 0)
                r = posix_spawn(&pid, argv[0], &actions, NULL, (char *const *) argv,
                                (char *const *) environment);
        (void) posix_spawn_file_actions_destroy(&actions);
        if (r != 0)
                return -r;
        while (waitpid(pid, &status, 0) < 0)
                if (errno != EINTR)
                        return -errno;
        return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -EIO;
}

/* The host's depmod.d, but for another directory. */
static int run_depmod(const SegmentStage *stage, const HostRoot *root, Refusal *refusal)
{
        DepmodCommand command CLEANUP(depmod_command_done) = { 0 };
        int r = depmod_command_staged(root, stage->base, stage->release, &command, refusal);

        return r < 0 ? r : run(command.argv);
}

static int count_lines(const SegmentStage *stage, size_t *ret)
{
        char *text CLEANUP_FREE = NULL;
        int r = fs_read_file_at(stage->fd, "modules.dep", INDEX_SIZE_MAX, &text, NULL);

        *ret = 0;
        for (const char *p = text; r >= 0 && (p = strchr(p, '\n')); p++)
                (*ret)++;
        return r;
}

int segment_stage_index(const SegmentStage *stage, const HostRoot *root, Refusal *refusal)
{
        StringSet modules CLEANUP_STRING_SET = { 0 };
        size_t lines = 0;
        int r = run_depmod(stage, root, refusal);

        if (r >= 0)
                r = count_lines(stage, &lines);
        if (r >= 0)
                r = segment_stage_modules(stage, &modules);
        if (r < 0)
                return r == -ECANCELED || r == -ENOMEM
                                       ? r
                                       : refuse(refusal, REFUSAL_FAILED,
                                                         "depmod has made no index for the initramfs of "
                                                         "kernel release %s: %s.",
                                                         stage->release, strerror(-r));
        if (lines != modules.count)
                return refuse(refusal, REFUSAL_NOT_SUPPORTED,
                                "Of the %zu modules of the initramfs of kernel release %s, depmod lists %zu.",
                                modules.count, stage->release, lines);
        return 0;
}
