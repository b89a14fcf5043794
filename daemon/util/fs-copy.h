/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copies of whole files that are complete whenever they are seen, and whether two files are the same. It
 * knows no path of the host. */
#pragma once

#include <stdint.h>
#include <sys/types.h>

#include "util/macros.h"

/* Copies all that the open regular file SOURCE_FD holds into the new file NAME in DIR_FD, by a temporary
 * file and fsync: the name is there as a whole or not at all. LIKE_SOURCE: with its owner, mode, times and
 * extended attributes (a SELinux label), as far as the file system takes them; else mode 0644. The directory
 * is not synced. 0; -EEXIST if NAME is there; -EFBIG if there are more than LIMIT bytes; or a negative
 * errno. */
int fs_copy_file_at(int source_fd, int dir_fd, const char *name, uint64_t limit,
                bool like_source) WARN_UNUSED NONNULL(3);

/* The same into the open file TARGET_FD, which is empty; nothing is synced, and what was written stays if it
 * fails. */
int fs_copy_fd(int source_fd, int target_fd, uint64_t limit, bool like_source) WARN_UNUSED;

/* 1 if both descriptors, open for reading, are one file, or hold the same bytes; 0 if not; or a negative
 * errno. */
int fs_same_content(int a_fd, int b_fd) WARN_UNUSED;

/* 1 if both names are regular files that are one file, or hold the same bytes; 0 if they don't, or one of
 * them isn't there or is no regular file; or a negative errno. Links are not followed. */
int fs_same_file_at(int a_dir_fd, const char *a, int b_dir_fd, const char *b) WARN_UNUSED NONNULL(2, 4);
