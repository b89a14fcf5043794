/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The directories in /etc that hold generated files of ours beside those of others. */
#pragma once

#include "host/root.h"

/* Opens PATH, a directory in /etc, to write in it: what a crash left in it is gone. MAKE: makes it, durably,
 * if it isn't there. A descriptor that the caller closes, or a negative errno. */
int configuration_open(const HostRoot *root, const char *path, bool make) WARN_UNUSED NONNULL(1, 2);
