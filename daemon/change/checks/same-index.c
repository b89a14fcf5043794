/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Compares the index that is with the one that depmod would write now, and with the one that it writes for a
 * stage. */

#include "change/checks/same-index.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "change/checks/index-paths.h"
#include "change/checks/read-order.h"
#include "change/checks/staged-tree.h"
#include "change/tool/child.h"
#include "change/tool/depmod.h"
#include "host/index/module-index.h"
#include "util/fs-copy.h"
#include "util/text-format.h"

/* Whoever waits for all of it has less patience. */
#define DEPMOD_TIMEOUT_SEC 60

/* One release. */
typedef struct Comparison {
        const HostRoot *root;
        const KmodFormats *formats;
        const char *release;
        const Plan *plan;
        const char *stage; /* a directory for this release alone */
        int modules_fd;
        ModuleIndex *index; /* as it is now */
} Comparison;

static void comparison_done(Comparison *comparison)
{
        comparison->modules_fd = fd_close(comparison->modules_fd);
        (void) module_index_free(comparison->index);
}

/* --- depmod ---------------------------------------------------------------------------------------------
 */

typedef struct Run {
        sd_event *event;
        const char *const *argv;
        int output_fd; /* for what it prints; -1: for nobody */
        int result;
} Run;

static int become(void *data)
{
        const Run *run = data;

        if (dup2(run->output_fd, STDOUT_FILENO) < 0)
                return 1;
        (void) execv(run->argv[0], (char *const *) run->argv);
        return 1;
}

static void on_done(Child *child, ChildOutcome outcome, int code, const char *last_lines, void *userdata)
{
        Run *run = userdata;

        (void) child;
        (void) last_lines;
        run->result = outcome == CHILD_EXITED && code == 0 ? 0 : -EIO;
        (void) sd_event_exit(run->event, 0);
}

static int run_depmod(const char *const argv[], int output_fd)
{
        Run run = { .argv = argv, .output_fd = output_fd };
        const ChildFunction function = { become, &run, &output_fd, 1 };
        Child *child CLEANUP(child_freep) = NULL;
        int r = sd_event_new(&run.event);

        if (r >= 0)
                r = output_fd < 0 ? child_start(run.event, argv, DEPMOD_TIMEOUT_SEC, on_done, &run, &child)
                                  : child_start_function(run.event, &function, DEPMOD_TIMEOUT_SEC, on_done,
                                                    &run, &child);
        if (r >= 0)
                r = sd_event_loop(run.event);
        child = child_free(child);
        (void) sd_event_unref(run.event);
        return r < 0 ? r : run.result;
}

/* What depmod would write for ROOT as it is. It reads directories in their order there. */
static int ask_host(const Comparison *comparison, IndexPaths *ret)
{
        DepmodCommand command CLEANUP(depmod_command_done) = { 0 };
        Refusal ignored CLEANUP_REFUSAL = { 0 };
        const char *argv[DEPMOD_ARGUMENTS_MAX + 2] = { 0 };
        int fd CLEANUP_FD = -1;
        int r = depmod_command(comparison->root, comparison->release, &command, &ignored);

        if (r < 0)
                return r == -ECANCELED ? -EIO : r;
        argv[0] = command.argv[0];
        argv[1] = "-n";
        for (size_t i = 1; i < command.count; i++)
                argv[i + 1] = command.argv[i];
        fd = memfd_create("hostdriver-index", MFD_CLOEXEC);
        if (fd < 0)
                return -errno;
        r = run_depmod(argv, fd);
        if (r >= 0 && lseek(fd, 0, SEEK_SET) < 0)
                r = -errno;
        return r < 0 ? r : index_paths_read(fd, ret);
}

/* What it writes for the stage NAME, with the plan or without. *RET_ROOT is the stage. */
static int ask_stage(const Comparison *comparison, const char *name, const Plan *plan, IndexPaths *ret,
                HostRoot **ret_root)
{
        char *path CLEANUP_FREE = NULL, *configuration CLEANUP_FREE = NULL;
        const char *argv[] = { depmod_path(), "-b", NULL, "-C", NULL, comparison->release, NULL };
        HostRoot *root CLEANUP(host_root_freep) = NULL;
        int modules_fd CLEANUP_FD = -1, fd CLEANUP_FD = -1;
        int r;

        if (text_format(&path, "%s/%s", comparison->stage, name) < 0)
                return -ENOMEM;
        if (text_format(&configuration, "%s/etc/depmod.d", path) < 0)
                return -ENOMEM;
        argv[2] = path;
        argv[4] = configuration;
        if (!argv[0])
                return -ENOENT;
        if (mkdir(path, 0700) < 0)
                return -errno;
        r = staged_tree_make(comparison->root, comparison->release, plan, path);
        if (r >= 0)
                r = run_depmod(argv, -1);
        if (r >= 0)
                r = host_root_new(path, comparison->release, &root);
        if (r >= 0)
                r = modules_fd = host_root_open_modules(root, comparison->release);
        if (r < 0)
                return r;
        fd = openat(modules_fd, "modules.dep", O_RDONLY | O_CLOEXEC);
        r = fd < 0 ? -errno : index_paths_read(fd, ret);
        if (r >= 0)
                *ret_root = STEAL(root);
        return r;
}

/* --- files ----------------------------------------------------------------------------------------------
 */

/* Whether both names lead to the same bytes; a name that leads nowhere is as good as none. */
static int is_same(int a_dir_fd, const char *a, int b_dir_fd, const char *b)
{
        int a_fd CLEANUP_FD = a ? openat(a_dir_fd, a, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY) : -1;
        int b_fd CLEANUP_FD = b ? openat(b_dir_fd, b, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY) : -1;

        return a_fd < 0 || b_fd < 0 ? (a_fd < 0) == (b_fd < 0) : fs_same_content(a_fd, b_fd);
}

/* The first module of LIST that isn't in the index now what it would be by PATHS, whose names lie in DIR_FD:
 * 1 with its paths, 0 if there is none, or a negative errno. */
static int find_change(const Comparison *comparison, const IndexPaths *list, const IndexPaths *paths,
                int dir_fd, const IndexPaths *unmoved, const char **ret_module, char **ret_now,
                const char **ret_then)
{
        for (size_t i = 0; i < list->count; i++) {
                const char *module = list->items[i].module, *then = index_paths_find(paths, module);
                char *now CLEANUP_FREE = NULL;
                int r = comparison->index ? module_index_resolve(comparison->index, module, &now) : -ENOENT;

                if (r < 0 && r != -ENOENT)
                        return r;
                r = is_same(comparison->modules_fd, now, dir_fd, then);
                if (r < 0)
                        return r;
                if (r > 0)
                        continue;
                /* By the order in which directories happen to be read, in the stage alone. */
                if (unmoved && then && index_paths_find(unmoved, module) &&
                                strcmp(index_paths_find(unmoved, module), then) == 0)
                        continue;
                *ret_module = module;
                *ret_now = STEAL(now);
                *ret_then = then;
                return 1;
        }
        return 0;
}

/* --- the answer -----------------------------------------------------------------------------------------
 */

static int say_stale(const Comparison *comparison, const char *module, const char *now, const char *then,
                char **ret)
{
        return text_format(ret,
                        "The module index of kernel release %s is out of date: it has %s for %s, and the "
                        "next depmod would make that %s. Run `depmod %s`, see that all is as it should "
                        "be, then try again.",
                        comparison->release, now ? now : "no file", module, then ? then : "no file",
                        comparison->release);
}

static int say_change(const Comparison *comparison, const char *module, const char *now, const char *then,
                char **ret)
{
        return text_format(ret,
                        "In kernel release %s, %s would be loaded for %s instead of %s. Look with "
                        "`hostdriverctl why %s`, and at the files in /etc/depmod.d, for what puts the "
                        "other file first.",
                        comparison->release, then ? then : "nothing", module, now ? now : "nothing", module);
}

/* Whether depmod would change anything even without the plan. */
static int check_host(const Comparison *comparison, IndexPaths *ret, char **ret_sentence)
{
        const char *module, *then;
        char *now CLEANUP_FREE = NULL;
        IndexPaths known CLEANUP_INDEX_PATHS = { 0 };
        int fd CLEANUP_FD = openat(comparison->modules_fd, "modules.dep", O_RDONLY | O_CLOEXEC);
        int r = ask_host(comparison, ret);

        if (r == -ENODATA)
                r = 0;
        if (r >= 0)
                r = find_change(comparison, ret, ret, comparison->modules_fd, NULL, &module, &now, &then);
        if (r == 0 && fd >= 0 && index_paths_read(fd, &known) >= 0)
                r = find_change(comparison, &known, ret, comparison->modules_fd, NULL, &module, &now, &then);
        return r <= 0 ? r : say_stale(comparison, module, now, then, ret_sentence);
}

/* The files that the plan is about win, and no other line of depmod.d does. */
static int check_expected(const Comparison *comparison, const IndexPaths *after, char **ret)
{
        for (size_t i = 0; i < comparison->plan->change_count; i++) {
                const PlanChange *change = &comparison->plan->changes[i];
                const char *then = index_paths_find(after, change->module);

                if (!change->expected || strcmp(change->release, comparison->release) != 0 ||
                                (then && strcmp(then, change->expected) == 0))
                        continue;
                return text_format(ret,
                                "In kernel release %s, %s would still be loaded for %s instead of the "
                                "version: another line in /etc/depmod.d names it. Remove that line, then "
                                "try again.",
                                comparison->release, then ? then : "nothing", change->module);
        }
        return 0;
}

static int check_stage(const Comparison *comparison, const IndexPaths *host, char **ret)
{
        IndexPaths after CLEANUP_INDEX_PATHS = { 0 }, before CLEANUP_INDEX_PATHS = { 0 };
        HostRoot *stage CLEANUP(host_root_freep) = NULL, *other CLEANUP(host_root_freep) = NULL;
        const char *module, *then;
        char *now CLEANUP_FREE = NULL;
        int after_fd CLEANUP_FD = -1;
        int r = ask_stage(comparison, "after", comparison->plan, &after, &stage);

        if (r >= 0)
                r = after_fd = host_root_open_modules(stage, comparison->release);
        if (r >= 0)
                r = find_change(comparison, host, &after, after_fd, NULL, &module, &now, &then);
        if (r == 1) { /* it costs as much once more, and is seldom needed */
                free(STEAL(now));
                r = ask_stage(comparison, "before", NULL, &before, &other);
                if (r >= 0)
                        r = find_change(comparison, host, &after, after_fd, &before, &module, &now, &then);
        }
        if (r == 0)
                r = find_change(comparison, &after, &after, after_fd, &before, &module, &now, &then);
        if (r == 1)
                return say_change(comparison, module, now, then, ret);
        if (r >= 0)
                r = check_expected(comparison, &after, ret);
        return r < 0 || *ret ? r
                             : read_order_decides(comparison->root, comparison->formats, comparison->plan,
                                               comparison->release, stage, ret);
}

static int check_release(const HostRoot *root, const KmodFormats *formats, const Plan *plan,
                const char *release, const char *directory, char **ret)
{
        Comparison comparison CLEANUP(comparison_done) = {
                .root = root, .formats = formats, .release = release, .plan = plan, .modules_fd = -1
        };
        IndexPaths host CLEANUP_INDEX_PATHS = { 0 };
        char *stage CLEANUP_FREE = NULL;
        int r;

        if (text_format(&stage, "%s/%s", directory, release) < 0)
                return -ENOMEM;
        comparison.stage = stage;
        comparison.modules_fd = host_root_open_modules(root, release);
        if (comparison.modules_fd < 0)
                return comparison.modules_fd;
        r = module_index_open(root, release, &comparison.index);
        if (r < 0 && r != -ENOENT && r != -EBADMSG)
                return r;
        if (mkdir(stage, 0700) < 0)
                return -errno;
        r = check_host(&comparison, &host, ret);
        return r < 0 || *ret ? r : check_stage(&comparison, &host, ret);
}

int same_index_check(const HostRoot *root, const KmodFormats *formats, const Plan *plan, const char *stage,
                char **ret)
{
        StringSet releases CLEANUP_STRING_SET = { 0 };
        char *sentence = NULL;
        int r = plan_releases(plan, &releases);

        for (size_t i = 0; r >= 0 && i < releases.count && !sentence; i++)
                r = check_release(root, formats, plan, releases.items[i], stage, &sentence);
        if (r < 0) {
                free(sentence);
                return r;
        }
        *ret = sentence;
        return 0;
}
