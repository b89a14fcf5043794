/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* All that a selection writes below a root, as one text: to compare what was with what is. */
#pragma once

#include "util/macros.h"

/* One line for each link in updates/ of each kernel release, each line of our override file and each of our
 * modprobe.d files, sorted. Temporary names and whatever else must not be there are lines too. The caller
 * frees it with g_free(). Every failure ends the program. */
char *disk_state(const char *root) WARN_UNUSED NONNULL(1);
