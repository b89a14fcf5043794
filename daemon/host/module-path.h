/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where the file lies that depmod or the index names. It opens nothing for reading. */
#pragma once

#include "host/root.h"

/* Follows the links of PATH, which is relative to the module directory of RELEASE, or absolute beneath the
 * root: *ret is where the regular file lies that it leads to, relative to the module directory. The caller
 * frees it. -ENOENT if there is nothing, -EINVAL if it is something else than a regular file, -EXDEV if it
 * lies outside of the module directory; or another negative errno. */
int module_path_follow(const HostRoot *root, const char *release, const char *path, char **ret) WARN_UNUSED
                NONNULL(1, 2, 3, 4);

/* Where the file lies that is open as FD, by the name PATH beneath the root: relative to the module
 * directory of RELEASE, which is open as MODULES_FD. As path_beneath(), but it needs no /proc. */
int module_path_place(const HostRoot *root, const char *release, int modules_fd, const char *path, int fd,
                char **ret) WARN_UNUSED NONNULL(1, 2, 4, 6);
