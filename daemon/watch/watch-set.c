/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* inotify(7) by watch descriptors alone: no path is remembered, since paths change and inodes don't. */

#include "watch/watch-set.h"

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>

#include "util/array.h"

/* IN_CLOSE_WRITE and not IN_MODIFY: one event a file, when it is whole. IN_ATTRIB: it has become readable.
 */
#define MASK_ALL                                                                                           \
        (IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_CLOSE_WRITE | IN_ATTRIB | IN_MOVE_SELF | \
                        IN_DELETE_SELF)
#define MASK_DIRECTORIES (IN_CREATE | IN_MOVED_TO | IN_MOVE_SELF | IN_DELETE_SELF)

typedef struct WatchItem {
        int descriptor; /* of inotify; unique for an inode */
        uint16_t depth;
        bool only_directories;
        bool current; /* was added in this renewal */
} WatchItem;

struct WatchSet {
        int fd;
        WatchItem *items; /* by descriptor */
        size_t count;
        size_t capacity;
};

int watch_set_new(WatchSet **ret)
{
        WatchSet *set CLEANUP(watch_set_freep) = calloc(1, sizeof(*set));

        if (!set)
                return -ENOMEM;
        set->fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
        if (set->fd < 0)
                return -errno;
        *ret = STEAL(set);
        return 0;
}

WatchSet *watch_set_free(WatchSet *set)
{
        if (!set)
                return NULL;
        (void) fd_close(set->fd);
        free(set->items);
        free(set);
        return NULL;
}

int watch_set_fd(const WatchSet *set)
{
        return set->fd;
}

static size_t position_of(const WatchSet *set, int descriptor)
{
        /* The kernel counts upwards. */
        if (set->count > 0 && set->items[set->count - 1].descriptor < descriptor)
                return set->count;
        return array_search(i, set->count, set->items[i].descriptor < descriptor);
}

static WatchItem *find(const WatchSet *set, int descriptor)
{
        size_t position = position_of(set, descriptor);

        if (position == set->count || set->items[position].descriptor != descriptor)
                return NULL;
        return &set->items[position];
}

int watch_set_add(WatchSet *set, int directory_fd, const char *name, unsigned depth, bool only_directories)
{
        char path[sizeof("/proc/self/fd//") + 3 * sizeof(int) + NAME_MAX];
        uint32_t mask = (only_directories ? MASK_DIRECTORIES : MASK_ALL) | IN_ONLYDIR | IN_EXCL_UNLINK;
        WatchItem item = {
                .depth = (uint16_t) depth, .only_directories = only_directories, .current = true
        };
        WatchItem *known;
        size_t position;

        /* Room first, so that there is no watch that isn't in the set. */
        if (!array_reserve(set->items, set->count))
                return -ENOMEM;
        /* inotify takes no descriptors, but it resolves this (proc(5)). */
        if (snprintf(path, sizeof(path), "/proc/self/fd/%d/%s", directory_fd, name) >= (int) sizeof(path))
                return 0;
        item.descriptor = inotify_add_watch(set->fd, path, mask | IN_DONT_FOLLOW);
        if (item.descriptor < 0 && (errno == ENOSPC || errno == ENOMEM))
                return -errno;
        if (item.descriptor < 0)
                return 0;
        known = find(set, item.descriptor);
        if (known) {
                *known = item;
                return 0;
        }
        position = position_of(set, item.descriptor);
        memmove(set->items + position + 1, set->items + position,
                        (set->count - position) * sizeof(*set->items));
        set->items[position] = item;
        set->count++;
        return 1;
}

void watch_set_begin(WatchSet *set)
{
        for (size_t i = 0; i < set->count; i++)
                set->items[i].current = false;
}

/* Keeps those for which KEEP says so. */
static void filter(WatchSet *set, bool (*keep)(const WatchItem *item, unsigned depth), unsigned depth)
{
        size_t kept = 0;

        for (size_t i = 0; i < set->count; i++) {
                if (keep(&set->items[i], depth))
                        set->items[kept++] = set->items[i];
                else
                        (void) inotify_rm_watch(set->fd, set->items[i].descriptor);
        }
        set->count = kept;
}

static bool is_current(const WatchItem *item, unsigned depth)
{
        return item->current;
}

static bool is_within(const WatchItem *item, unsigned depth)
{
        return item->depth <= depth;
}

void watch_set_end(WatchSet *set)
{
        filter(set, is_current, 0);
}

void watch_set_drop(WatchSet *set, unsigned depth)
{
        filter(set, is_within, depth);
}

static void note_event(WatchSet *set, const struct inotify_event *event, WatchEvents *events)
{
        WatchItem *item = find(set, event->wd);
        bool moved = (event->mask & (IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO)) != 0;

        if (event->mask & IN_Q_OVERFLOW) {
                events->any = events->directories = true;
                return;
        }
        if (!item)
                return; /* watched no longer: its last events */
        if (event->mask & IN_IGNORED) {
                /* The directory is gone, and its descriptor may be given to another one. */
                set->count--;
                memmove(item, item + 1, (size_t) (set->items + set->count - item) * sizeof(*item));
                events->any = events->directories = true;
                return;
        }
        if (item->only_directories && moved && (event->mask & IN_ISDIR) == 0)
                return;
        events->any = true;
        if ((event->mask & (IN_MOVE_SELF | IN_DELETE_SELF)) || (event->mask & IN_ISDIR && moved))
                events->directories = true;
}

int watch_set_read(WatchSet *set, WatchEvents *ret)
{
        char buffer[16 * 1024] __attribute__((aligned(__alignof__(struct inotify_event))));
        WatchEvents events = { 0 };

        for (;;) {
                ssize_t n = read(set->fd, buffer, sizeof(buffer));

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0 && errno != EAGAIN)
                        return -errno;
                if (n <= 0)
                        break;
                for (ssize_t at = 0; at < n;) {
                        const struct inotify_event *event = (const void *) (buffer + at);

                        note_event(set, event, &events);
                        at += (ssize_t) (sizeof(*event) + event->len);
                }
        }
        *ret = events;
        return 0;
}
