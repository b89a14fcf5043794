/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From fork to exec: what a child of ours is given, and what it isn't. For child.c. */
#pragma once

#include <sys/types.h>

#include "util/macros.h"

/* Starts ARGV as child_start_inside() says, as the leader of a process group of its own. The caller waits
 * for *ret_pid, and closes *ret_output_fd, which doesn't block. 0, or a negative errno (that of execve(2)
 * too); then nothing runs. */
int child_exec(const char *const argv[], const char *directory, pid_t *ret_pid,
                int *ret_output_fd) WARN_UNUSED NONNULL(1, 3, 4);
