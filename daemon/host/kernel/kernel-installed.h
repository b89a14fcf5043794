/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whether a kernel release is installed, or only what others keep in its module directory is left of it. */
#pragma once

#include "host/root.h"

/* 1 if /lib/modules/RELEASE holds what a kernel's own package brings: a module file below kernel/, or a
 * modules.builtin that names any. 0 if not: version trees, links in updates/ and what depmod writes stay
 * behind when a kernel goes, and don't count. What can't be looked into counts. Or a negative errno. */
int kernel_is_installed(const HostRoot *root, const char *release) WARN_UNUSED NONNULL(1, 2);
