/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How two processes find out that they mean the same root directory, whatever each of them calls it. */
#pragma once

#include "util/macros.h"

/* "MAJOR:MINOR:INODE", and its NUL. */
#define ROOT_ID_SIZE 48

/* Of the root whose directory /lib/modules is open as MODULES_FD: what drivers there are, it decides.
 * Mounts, namespaces and chroot(2) don't alter the numbers. 0 or a negative errno. */
int root_id_read(int modules_fd, char ret[static ROOT_ID_SIZE]) WARN_UNUSED;
