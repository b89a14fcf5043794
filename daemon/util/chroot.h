/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whether this process has another root directory than its machine, or its container. */
#pragma once

#include "util/macros.h"

/* True if "/" is another directory than the first process's, or is no mount point, as only a chroot(2) can
 * have it, or if there is no /proc to compare by: whoever boots has one. Where the first process may not be
 * looked at, as by somebody without rights, a chroot that is a mount point is taken for none. */
bool chroot_is_entered(void);
