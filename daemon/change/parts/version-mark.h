/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The small file beside an adopted module file that says where that came from: ice.ko.adopted beside ice.ko,
 * with one line "updates/ice.ko". depmod passes such names over, and the database may be lost. */
#pragma once

#include "util/macros.h"

/* FILE is the module file's name in DIR_FD. 0 or a negative errno; the directory isn't synced. */
int version_mark_write(int dir_fd, const char *file, const char *outside) WARN_UNUSED NONNULL(2, 3);

/* 1 with *ret_outside, a path as of plan_path_is_outside() that the caller frees; 0 if there is no mark, or
 * none of ours; -ENOMEM. */
int version_mark_read(int dir_fd, const char *file, char **ret_outside) WARN_UNUSED NONNULL(2, 3);

int version_mark_remove(int dir_fd, const char *file) WARN_UNUSED NONNULL(2);
