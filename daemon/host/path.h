/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where a link leads: as its text says, and as the kernel sees it. It opens nothing. */
#pragma once

#include "util/macros.h"

/* What TARGET, the text of a link in the absolute directory BASE, names: "/sys/bus/pci/devices" and
 * "../../../devices/x" make "/sys/devices/x". By the text alone: no directory on the way may be a link. The
 * caller frees *ret. 0 or -ENOMEM. */
int path_of_link(const char *base, const char *target, char **ret) WARN_UNUSED NONNULL(1, 2, 3);

/* Where the kernel says that the open file FD lies (proc(5)). The caller frees *ret. -EOPNOTSUPP if /proc
 * isn't there: a chroot may lack it. */
int path_of_descriptor(int fd, char **ret) WARN_UNUSED NONNULL(2);

/* The path of the open file FD relative to the open directory DIRECTORY_FD, likewise. The caller frees *ret.
 * -EXDEV if it lies elsewhere, -ENOENT if it was removed, -EOPNOTSUPP as above: module_path_place() does
 * without. */
int path_beneath(int directory_fd, int fd, char **ret) WARN_UNUSED NONNULL(3);

/* Whether PATH, by its text alone, stays below the directory that it is relative to, and is no other
 * spelling of a path: no "." or "..", no slash in front, at the end, or beside another. */
bool path_is_below(const char *path) WARN_UNUSED NONNULL(1);
