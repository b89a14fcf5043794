/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A process that holds a file's lock as a package manager does. */
#pragma once

#include <sys/types.h>

#include "util/macros.h"

/* When it returns the lock is held, by another process than this, until *RET_END is closed. The caller waits
 * for that process, which exits with 0. */
pid_t lock_holder_start(const char *path, int *ret_end) NONNULL(1, 2);
