/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whether a package manager is at work on the root. It takes no lock. */
#pragma once

#include "host/root.h"

/* Asks for the locks (fcntl(2)) of dpkg, apt and rpm. 1 if another process holds one, with the path of its
 * file in *ret, static; 0 if nobody does; a negative errno if that can't be told. */
int package_lock_held(const HostRoot *root, const char **ret) WARN_UNUSED NONNULL(1, 2);
