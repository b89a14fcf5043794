/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reading a directory that is open as a descriptor. */
#pragma once

#include <dirent.h>

#include "util/macros.h"

/* Takes FD, also when it fails, for readdir(). -EBADF and the like if FD is negative: it is returned as the
 * error that it stands for. */
int directory_open(int fd, DIR **ret) WARN_UNUSED NONNULL(2);
DIR *directory_close(DIR *directory);
DEFINE_CLEANUP(DIR, directory_close)

#define CLEANUP_DIRECTORY CLEANUP(directory_closep)
