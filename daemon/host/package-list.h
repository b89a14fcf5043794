/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which Debian package a file belongs to, by what dpkg has written down. It reads only. */
#pragma once

#include <stdint.h>

#include "host/root.h"

/* The first package that owns the file PATH ("/lib/modules/…"), by /var/lib/dpkg/info/PACKAGE.list, which
 * has a path a line, with /usr in front or without. *ret is NULL if none does; the caller frees it.
 * *RET_TIME_NS, unless that is NULL: when that package was unpacked last, since dpkg writes the list anew
 * behind the files then (dpkg 1.21, src/main/unpack.c). What can't be read owns nothing. 0, or -ENOMEM and
 * its like. */
int package_list_find(const HostRoot *root, const char *path, char **ret, int64_t *ret_time_ns) WARN_UNUSED
                NONNULL(1, 2, 3);
