/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From fork to exec: what a child of ours is given, and what it isn't. For child.c. */
#pragma once

#include <sys/types.h>

#include "util/macros.h"

/* A program, or a function of ours. */
typedef struct ChildTask {
        const char *const *argv; /* NULL: the function */
        const char *directory;   /* for chroot(2); NULL: none */
        int (*run)(void *data);
        void *data;
        const int *fds; /* what the function keeps; ascending, none below 3 */
        size_t fd_count;
} ChildTask;

/* Starts TASK as child_start_inside() and child_start_function() say, as the leader of a process group of
 * its own. The caller waits for *ret_pid, and closes *ret_output_fd, which doesn't block. 0, or a negative
 * errno (that of execve(2) too); then nothing runs. */
int child_exec(const ChildTask *task, pid_t *ret_pid, int *ret_output_fd) WARN_UNUSED NONNULL(1, 2, 3);
