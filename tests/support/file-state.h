/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which files lie in updates/, the tree and boot/, and what they hold, as lines of text: to compare states.
 */
#pragma once

#include "util/macros.h"

/* One sorted line for each regular file below updates/ and xenserver/ of every kernel release, below names
 * of ours in lib/modules, and below boot/: "PATH is SHA256". ROOT is the root's path. The caller frees it
 * with g_free(). */
char *file_state(const char *root) WARN_UNUSED NONNULL(1);
