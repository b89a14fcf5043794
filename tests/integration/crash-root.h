/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The roots of test-crash: one that never changes, and a copy for each point. Every failure ends the test.
 */
#pragma once

#include "util/macros.h"

/* Runs a program to its end. Its exit status, or -1 if a signal ended it; ret_output (may be NULL): what it
 * printed, for g_free(). */
int crash_run(const char *const argv[], char **ret_output) NONNULL(1);

/* Copies the root FROM to NAME in DIRECTORY. MOUNTED: with the module directory as a mount of its own, which
 * needs own_mounts_enter(). Its path, for crash_discard(). */
char *crash_copy(const char *from, const char *directory, const char *name, bool mounted) WARN_UNUSED
                NONNULL(1, 2, 3);

/* Removes and frees it. */
void crash_discard(char *copy) NONNULL(1);
