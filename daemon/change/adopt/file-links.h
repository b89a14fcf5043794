/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which links below /lib/modules lead to a module file: those of weak-modules, or somebody's own. It reads
 * only. */
#pragma once

#include "host/root.h"

/* The first link in the module directory of any kernel release that leads to the file PATH of RELEASE's, or
 * to a directory that this lies in. Passed over are the link OWN in updates/ of the same module directory
 * (NULL: none), and those that name STAYS by their text (NULL: none). *ret is a path "/lib/modules/…", NULL
 * if there is none; the caller frees it. 0 or a negative errno. */
int file_links_find(const HostRoot *root, const char *release, const char *path, const char *own,
                const char *stays, char **ret) WARN_UNUSED NONNULL(1, 2, 3, 6);
