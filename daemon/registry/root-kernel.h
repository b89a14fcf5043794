/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which kernel release counts as the running one on a root that doesn't run. Read only. */
#pragma once

#include "host/root.h"

/* That of this machine (ROOT's own) if the root has a module directory for it, as an installer's target has;
 * else the newest one that is installed, since it would boot; else NULL. 0, or a negative errno. The caller
 * frees *ret. */
int root_kernel_choose(const HostRoot *root, char **ret) WARN_UNUSED NONNULL(1, 2);
