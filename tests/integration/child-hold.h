/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Holds a child of the service by ptrace(2) at a moment that the test chooses, for as long as it likes. */
#pragma once

#include <sys/types.h>

#include "util/macros.h"

/* From now on the children of PARENT, a child of the test, are held at their birth. NULL, or why that can't
 * be done, for g_test_skip(). */
const char *child_hold_watch(pid_t parent);

/* Waits, without running any event loop, until PARENT has a child, which is held; PARENT is let go. */
pid_t child_hold_meet(pid_t parent);

/* Lets the held child run until it is about to make its COUNTth call from now on of this number (SYS_…). */
void child_hold_until(pid_t child, unsigned long number, unsigned count);

/* Lets it run to its end; its status, as of waitpid(2). */
int child_hold_end(pid_t child);

/* Lets it go; false if it has been killed meanwhile. */
bool child_hold_release(pid_t child);
