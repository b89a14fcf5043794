/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A set of directories that inotify watches, renewed as a whole. No event loop in it. */
#pragma once

#include "util/macros.h"

typedef struct WatchSet WatchSet;

/* What has happened since the last watch_set_read(). */
typedef struct WatchEvents {
        bool any;         /* something that matters */
        bool directories; /* watched directories may have come or gone; also if events were lost */
} WatchEvents;

/* 0, or a negative errno: -EMFILE if the user's inotify instances are used up. */
int watch_set_new(WatchSet **ret) WARN_UNUSED NONNULL(1);
WatchSet *watch_set_free(WatchSet *set);
DEFINE_CLEANUP(WatchSet, watch_set_free)

/* To poll for reading. It stays the set's. */
int watch_set_fd(const WatchSet *set) NONNULL(1);

/* Begins a renewal: what isn't added until watch_set_end() is watched no longer. */
void watch_set_begin(WatchSet *set) NONNULL(1);
void watch_set_end(WatchSet *set) NONNULL(1);

/* Watches the directory NAME in the open directory DIRECTORY_FD; with "." that itself. DEPTH ranks it for
 * watch_set_drop(). ONLY_DIRECTORIES: nothing matters there but that a directory appears. Returns 1 if it
 * wasn't watched before, 0 if it was, or is no directory, a link or gone; -ENOSPC if the user's watches are
 * used up. */
int watch_set_add(WatchSet *set, int directory_fd, const char *name, unsigned depth,
                bool only_directories) WARN_UNUSED NONNULL(1, 3);

/* Watches no longer what was added with a higher DEPTH. */
void watch_set_drop(WatchSet *set, unsigned depth) NONNULL(1);

/* Reads all events that are there. 0, or a negative errno. */
int watch_set_read(WatchSet *set, WatchEvents *ret) WARN_UNUSED NONNULL(1, 2);
