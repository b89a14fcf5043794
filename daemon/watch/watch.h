/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Says that something on the host may have changed, and never what: whoever hears it reads the facts anew.
 */
#pragma once

#include <systemd/sd-event.h>

#include "host/config.h"
#include "host/tree/catalogue.h"

typedef struct Watch Watch;

/* Results of watch_update() that are no errors. */
#define WATCH_COMPLETE 0
/* The user's inotify watches are used up (fs.inotify.max_user_watches): some directories of the trees are
 * not watched, the deepest first. What changes there is noticed at the next Rescan(). */
#define WATCH_LIMITED 1

/* Watches /lib/modules, /etc/depmod.d, /etc/modprobe.d and, where they are, /boot and the other directories
 * of modprobe beneath the root, and what watch_update() adds; also, if the root is this host, modules that
 * are loaded and unloaded, and devices that come, go and are bound. DIRTY is called from EVENT's loop once
 * nothing has happened for 100 ms, and at the latest 1 s after the first change. ROOT and CONFIG must
 * outlive the watch. 0, or a negative errno. */
int watch_new(sd_event *event, const HostRoot *root, const Config *config, void (*dirty)(void *userdata),
                void *userdata, Watch **ret) WARN_UNUSED NONNULL(1, 2, 3, 4, 6);
Watch *watch_free(Watch *watch);
DEFINE_CLEANUP(Watch, watch_free)

/* The configuration has changed: the next watch_update() renews everything. */
void watch_renew(Watch *watch) NONNULL(1);

/* The host is about to be read: what has changed until now is no reason for a call of DIRTY any more. */
void watch_catch_up(Watch *watch) NONNULL(1);

/* Follows the directories that have come and gone: for each release of the catalogue its module directory,
 * updates/, and every directory of the configured trees (not kernel/: depmod's run is how its changes are
 * noticed). To be called after each reading of the catalogue; cheap if no directory has changed. A directory
 * that is newly watched may have changed since it was read, so that DIRTY will be called once more.
 * WATCH_COMPLETE, WATCH_LIMITED, or a negative errno. */
int watch_update(Watch *watch, const Catalogue *catalogue) WARN_UNUSED NONNULL(1, 2);
