/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A file that says that the journal may hold something, for whoever can't open a database to see: the
 * condition of a unit that runs early in the boot. A hint; whether it is there decides nothing else. */
#pragma once

#include "host/root.h"

#define PENDING_MARK_PATH "/var/lib/hostdriver/pending"

/* Makes the mark and syncs it, unless it is there. Before the journal's first entry; 0 or a negative errno.
 */
int pending_mark_set(const HostRoot *root) WARN_UNUSED NONNULL(1);

/* Removes it. It may come back by a power cut, which costs a look into an empty journal. Whoever calls this
 * holds the host's lock, or could be between another's mark and entry. 0 or a negative errno. */
int pending_mark_clear(const HostRoot *root) WARN_UNUSED NONNULL(1);
