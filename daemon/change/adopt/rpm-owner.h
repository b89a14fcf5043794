/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which rpm package a file belongs to, by the host's own rpm(8): what its database holds, only it can tell.
 */
#pragma once

#include "host/root.h"

/* The packages that own the file PATH ("/lib/modules/…"), with "; " between. Waits for rpm, which takes some
 * 30 ms, and at most 10 s. 1 with *ret; 0 if nobody owns it, if the host has no rpm database, or
 * there is no rpm to ask; -EIO if rpm can't tell, with its words in *ret; or another negative errno. The
 * caller frees *ret. */
int rpm_owner_find(const HostRoot *root, const char *path, char **ret) WARN_UNUSED NONNULL(1, 2, 3);
