/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which directories matter, and the event loop's part. It reads no file and keeps no facts. */

#include "watch/watch.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/epoll.h>
#include <systemd/sd-device.h>

#include "host/modprobe-rules.h"
#include "host/tree/tree-walk.h"
#include "util/directory.h"
#include "watch/debounce.h"
#include "watch/watch-set.h"

/* Package managers write many files in a row. In µs. */
#define QUIET_USEC 100000U
#define LATEST_USEC 1000000U

/* Ranks of directories where watches run out: the lower, the more it matters. */
#define DEPTH_HOST 0 /* /lib/modules, its releases, updates/, /etc/…, and each tree's own directory */

struct Watch {
        const HostRoot *root;
        const Config *config;
        WatchSet *set;
        Debounce *debounce;
        sd_event_source *readable;
        sd_device_monitor *monitor; /* NULL unless the root is the host */
        bool directories_changed;   /* since the last watch_update() */
        int last_result;            /* of watch_update() */
};

/* 1 if there was anything that matters, 0 if not, or a negative errno. */
static int read_events(Watch *watch)
{
        WatchEvents events;
        int r = watch_set_read(watch->set, &events);

        if (r < 0)
                return r;
        watch->directories_changed = watch->directories_changed || events.directories;
        return events.any;
}

static int inotify_readable(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
        Watch *watch = userdata;
        int r = read_events(watch);

        return r > 0 ? debounce_trigger(watch->debounce) : r;
}

/* The kernel queues an event before the call that causes it returns. */
void watch_catch_up(Watch *watch)
{
        if (read_events(watch) >= 0)
                debounce_cancel(watch->debounce);
}

/* A module came or went; a device for which modules are looked up came or went; a driver took or left one.
 */
static bool is_about_drivers(sd_device *device)
{
        const char *subsystem, *modalias;
        sd_device_action_t action;

        if (sd_device_get_subsystem(device, &subsystem) >= 0 && strcmp(subsystem, "module") == 0)
                return true;
        if (sd_device_get_action(device, &action) < 0)
                return false;
        switch (action) {
        case SD_DEVICE_BIND:
        case SD_DEVICE_UNBIND:
                return true;
        case SD_DEVICE_ADD:
        case SD_DEVICE_REMOVE:
                return sd_device_get_property_value(device, "MODALIAS", &modalias) >= 0;
        default:
                return false;
        }
}

static int device_changed(sd_device_monitor *monitor, sd_device *device, void *userdata)
{
        Watch *watch = userdata;

        return is_about_drivers(device) ? debounce_trigger(watch->debounce) : 0;
}

/* Watches PATH; if it isn't there, the nearest directory above it for one to appear. */
static int add_host_directory(Watch *watch, const char *path)
{
        char *above CLEANUP_FREE = strdup(path);
        bool only_directories = false;

        if (!above)
                return -ENOMEM;
        for (;;) {
                int fd CLEANUP_FD =
                                host_root_open(watch->root, *above ? above : "/", O_RDONLY | O_DIRECTORY);
                char *slash = strrchr(above, '/');

                if (fd >= 0)
                        return watch_set_add(watch->set, fd, ".", DEPTH_HOST, only_directories);
                if (!slash)
                        return 0;
                *slash = '\0';
                only_directories = true;
        }
}

/* Watches the directories below the open directory FD, which it closes, whose own depth is DEPTH, down to
 * DEPTH_MAX. Counts new ones in *ADDED. */
static int add_below(Watch *watch, int fd, unsigned depth, unsigned depth_max, unsigned *added)
{
        DIR *dir CLEANUP_DIRECTORY = NULL;
        const struct dirent *entry;
        int r = directory_open(fd, &dir);

        if (r < 0)
                return r == -ENOMEM ? r : 0;
        while (r >= 0 && (entry = readdir(dir))) {
                if ((entry->d_type != DT_DIR && entry->d_type != DT_UNKNOWN) ||
                                strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
                        continue;
                r = watch_set_add(watch->set, fd, entry->d_name, depth + 1, false);
                *added += r > 0;
                if (r >= 0 && depth + 1 < depth_max)
                        r = add_below(watch,
                                        openat(fd, entry->d_name,
                                                        O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC),
                                        depth + 1, depth_max, added);
        }
        return r < 0 ? r : 0;
}

static int add_tree(Watch *watch, int modules_fd, const Tree *tree, unsigned depth_max, unsigned *added)
{
        const char *directory = config_tree_directory(watch->config, tree);
        int r;

        if (tree->is_fallback || directory[0] == '\0')
                return 0;
        r = watch_set_add(watch->set, modules_fd, directory, DEPTH_HOST, false);
        *added += r > 0;
        if (r < 0 || depth_max == 0)
                return r;
        return add_below(watch,
                        openat(modules_fd, directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), 0,
                        depth_max, added);
}

static int add_release(Watch *watch, const char *release, unsigned depth_max, unsigned *added)
{
        int fd CLEANUP_FD = host_root_open_modules(watch->root, release);
        int r;

        if (fd < 0)
                return 0; /* gone, or unreadable: the catalogue has said so */
        r = watch_set_add(watch->set, fd, ".", DEPTH_HOST, false);
        *added += r > 0;
        if (r < 0)
                return r;
        r = watch_set_add(watch->set, fd, "updates", DEPTH_HOST, false);
        *added += r > 0;
        for (size_t i = 0; all_trees[i] && r >= 0; i++)
                r = add_tree(watch, fd, all_trees[i], depth_max, added);
        return r < 0 ? r : 0;
}

/* If it is there: where it may appear, too much else does. */
static int add_if_there(Watch *watch, const char *path)
{
        int fd CLEANUP_FD = host_root_open(watch->root, path, O_RDONLY | O_DIRECTORY);

        return fd < 0 ? 0 : watch_set_add(watch->set, fd, ".", DEPTH_HOST, false);
}

/* Renews the whole set. CATALOGUE NULL: without the releases. */
static int add_all(Watch *watch, const Catalogue *catalogue, unsigned depth_max, unsigned *added)
{
        static const char *const directories[] = { "/lib/modules", "/etc/depmod.d", "/etc/modprobe.d" };
        int r = 0;

        watch_set_begin(watch->set);
        for (size_t i = 0; i < ELEMENTSOF(directories) && r >= 0; i++) {
                r = add_host_directory(watch, directories[i]);
                *added += r > 0;
        }
        /* Where images of initramfs lie; a host without it, such as a container, gets none. */
        if (r >= 0) {
                r = add_if_there(watch, "/boot");
                *added += r > 0;
        }
        for (size_t i = 0; i < MODPROBE_DIRECTORY_COUNT && r >= 0; i++) {
                r = add_if_there(watch, modprobe_directories[i]);
                *added += r > 0;
        }
        for (size_t i = 0; catalogue && i < catalogue->release_count && r >= 0; i++)
                r = add_release(watch, catalogue->releases[i].release, depth_max, added);
        if (r < 0)
                return r;
        watch_set_end(watch->set);
        return 0;
}

int watch_update(Watch *watch, const Catalogue *catalogue)
{
        /* All; packages and versions; packages; none of the trees' inner directories. */
        static const unsigned depths[] = { TREE_DEPTH_MAX, 2, 1, 0 };
        unsigned added = 0;
        int r = -ENOSPC;

        if (!watch->directories_changed)
                return watch->last_result;
        /* Whatever happens from now on is seen at the next update. */
        watch->directories_changed = false;
        watch->last_result = WATCH_COMPLETE;
        for (size_t i = 0; i < ELEMENTSOF(depths) && r == -ENOSPC; i++) {
                if (i > 0) {
                        watch_set_drop(watch->set, depths[i]);
                        watch->last_result = WATCH_LIMITED;
                }
                r = add_all(watch, catalogue, depths[i], &added);
        }
        r = r == -ENOSPC ? 0 : r;
        if (r >= 0 && added > 0)
                r = debounce_trigger(watch->debounce);
        if (r < 0) {
                watch->directories_changed = true;
                return r;
        }
        return watch->last_result;
}

void watch_renew(Watch *watch)
{
        watch->directories_changed = true;
}

static int start_monitor(Watch *watch, sd_event *event)
{
        int r = sd_device_monitor_new(&watch->monitor);

        if (r >= 0)
                r = sd_device_monitor_attach_event(watch->monitor, event);
        if (r >= 0)
                r = sd_device_monitor_start(watch->monitor, device_changed, watch);
        return r;
}

int watch_new(sd_event *event, const HostRoot *root, const Config *config, void (*dirty)(void *userdata),
                void *userdata, Watch **ret)
{
        Watch *watch CLEANUP(watch_freep) = calloc(1, sizeof(*watch));
        unsigned added = 0;
        int r;

        if (!watch)
                return -ENOMEM;
        watch->root = root;
        watch->config = config;
        watch->directories_changed = true;
        r = debounce_new(event, QUIET_USEC, LATEST_USEC, dirty, userdata, &watch->debounce);
        if (r < 0)
                return r;
        r = watch_set_new(&watch->set);
        if (r < 0)
                return r;
        r = add_all(watch, NULL, 0, &added);
        if (r < 0 && r != -ENOSPC) /* that is told by watch_update() */
                return r;
        r = sd_event_add_io(
                        event, &watch->readable, watch_set_fd(watch->set), EPOLLIN, inotify_readable, watch);
        if (r >= 0 && host_root_is_running(root))
                r = start_monitor(watch, event);
        if (r < 0)
                return r;
        *ret = STEAL(watch);
        return 0;
}

Watch *watch_free(Watch *watch)
{
        if (!watch)
                return NULL;
        (void) sd_device_monitor_unref(watch->monitor);
        (void) sd_event_source_disable_unref(watch->readable);
        watch->debounce = debounce_free(watch->debounce);
        watch->set = watch_set_free(watch->set);
        free(watch);
        return NULL;
}
