/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which package of the distribution a path belongs to, by what dpkg has written down. It reads only. */
#pragma once

#include "host/root.h"

/* The first package that owns something below the directory PATH, "/lib/modules/…" without a slash at its
 * end, by /var/lib/dpkg/info/PACKAGE.list. *ret is NULL if none does; the caller frees it. 0 or -ENOMEM. Of
 * rpm: see rpm-owner.h; of a file alone: host/package-list.h. */
int package_owner_find(const HostRoot *root, const char *path, char **ret) WARN_UNUSED NONNULL(1, 2, 3);
