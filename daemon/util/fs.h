/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whole-file reads and durable, atomic replacement of files and links. It knows no path of the host. */
#pragma once

#include <sys/types.h>

#include "util/macros.h"

/* How every temporary name of ours begins; random digits follow, and nothing that depmod would index. */
#define FS_TEMPORARY_PREFIX ".hostdriver-"

#define FS_TEMPORARY_NAME_SIZE sizeof(FS_TEMPORARY_PREFIX "0123456789abcdef")

/* A new random name of that form: a fixed one would make a crash between two steps break every later change.
 * 0, or -EIO if there is no randomness. */
int fs_temporary_name(char name[static FS_TEMPORARY_NAME_SIZE]) WARN_UNUSED;

/* Whether NAME is of that form: what a crash left, unless whoever made it is still at work. */
bool fs_is_temporary(const char *name) NONNULL(1);

/* Reads FD to its end, at most LIMIT bytes, and appends a NUL that SIZE doesn't count. The caller frees
 * *ret_data. -EFBIG if there is more, else a negative errno. ret_size may be NULL. */
int fs_read_fd(int fd, size_t limit, char **ret_data, size_t *ret_size) WARN_UNUSED NONNULL(3);

/* The same for a path below DIR_FD. A link, FIFO, socket or device is not read: -ELOOP or -EINVAL. */
int fs_read_file_at(int dir_fd, const char *path, size_t limit, char **ret_data,
                size_t *ret_size) WARN_UNUSED NONNULL(2, 4);

/* Reads a link's text; the caller frees it. -EINVAL if NAME is no link. */
int fs_read_link_at(int dir_fd, const char *name, char **ret_target) WARN_UNUSED NONNULL(2, 3);

/* Writes all SIZE bytes of DATA, in as many calls as it takes. 0 or a negative errno. */
int fs_write_all(int fd, const char *data, size_t size) WARN_UNUSED NONNULL(2);

/* Replaces or creates the file NAME in DIR_FD by a temporary file, fsync and rename: whoever looks sees the
 * old content or the new. The directory itself is not synced: see fs_sync(). */
int fs_write_file_at(int dir_fd, const char *name, const char *data, size_t size, mode_t mode) WARN_UNUSED
                NONNULL(2, 3);

/* Makes NAME in DIR_FD a link to TARGET; an existing link is swapped by rename and is never absent in
 * between. Anything else that stands there is left alone: -EEXIST. The temporary name is random and has no
 * ".ko" at its end, since depmod indexes such names. The directory itself is not synced: see fs_sync(). */
int fs_swap_link_at(int dir_fd, const char *name, const char *target) WARN_UNUSED NONNULL(2, 3);

/* Removes NAME if it is there. Returns 1 if removed, 0 if it wasn't there, or a negative errno. */
int fs_remove_at(int dir_fd, const char *name) WARN_UNUSED NONNULL(2);

/* fsync, with EINVAL and EROFS of file systems that can't taken as done. */
int fs_sync(int fd) WARN_UNUSED;
