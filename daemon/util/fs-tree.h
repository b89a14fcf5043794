/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Directories by relative paths that no link leads astray: opened, made, removed with all that is in them.
 */
#pragma once

#include <sys/types.h>

#include "util/macros.h"

/* The parts of PATH, "a/b/c", below DIR_FD, never through a link. */

/* Opens the directory PATH. MAKE: makes what isn't there (mode 0755), durably. "" is DIR_FD itself. A
 * descriptor that the caller closes, -ENOENT, -ENOTDIR or -ELOOP where something else stands in the way, or
 * another negative errno. */
int fs_open_directory_at(int dir_fd, const char *path, bool make) WARN_UNUSED NONNULL(2);

/* Opens the directory that PATH's last part lies in; *ret_name is that part, inside of PATH. */
int fs_open_parent_at(int dir_fd, const char *path, bool make, const char **ret_name) WARN_UNUSED
                NONNULL(2, 4);

/* Removes NAME (no path) with all below it, on one file system; that nothing is there is no error. */
int fs_remove_tree_at(int dir_fd, const char *name) WARN_UNUSED NONNULL(2);

/* Removes what a crash left in DIR_FD: temporary names of ours that are of TYPE (S_IFLNK, S_IFREG). 0 or a
 * negative errno. */
int fs_sweep_temporaries(int dir_fd, mode_t type) WARN_UNUSED;

/* Removes the directories that PATH lies in, as far as they are empty, but for the first one of PATH; what
 * the last of them was in is synced. 0 or a negative errno. */
int fs_remove_empty_parents_at(int dir_fd, const char *path) WARN_UNUSED NONNULL(2);

/* Whether what is in one of two open directories can be renamed into the other: 1 if both are on one mount
 * (before Linux 5.8: on one file system), 0 if not, or a negative errno. */
int fs_same_mount(int a_fd, int b_fd) WARN_UNUSED;
