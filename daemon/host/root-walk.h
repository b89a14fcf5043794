/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* openat2(RESOLVE_IN_ROOT) for kernels that lack it (before 5.6): link by link, in user space. */
#pragma once

#include <sys/types.h>

#include "util/macros.h"

/* Opens PATH beneath ROOT_FD; links and ".." never lead out of it. Whoever renames directories beneath the
 * root at the same time can still mislead it, which openat2() rules out: use that where it is there. FLAGS
 * and MODE as for open(2), always O_CLOEXEC. A descriptor, or a negative errno. */
int root_walk_open(int root_fd, const char *path, int flags, mode_t mode) WARN_UNUSED NONNULL(2);

/* The path of what PATH leads to, relative to ROOT_FD, without links; "." is the root itself. The last
 * component need not exist. The caller frees *ret. 0 or a negative errno. */
int root_walk_resolve(int root_fd, const char *path, char **ret) WARN_UNUSED NONNULL(2, 3);
