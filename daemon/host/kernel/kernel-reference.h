/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A module file that came with a kernel release: what others must agree with (version magic, machine, CRCs).
 * Read only. */
#pragma once

#include "host/module/module-file.h"
#include "host/root.h"

/* The first sound module file below /lib/modules/RELEASE/kernel that isn't OTHER_THAN's (canonical): vendors
 * used to overwrite the kernel's own. *ret_fd is open for reading; the caller closes it and unrefs *ret.
 * -ENOENT if there is none, -ENOMEM. */
int kernel_reference_open(const HostRoot *root, const char *release, const char *other_than,
                ModuleFile **ret, int *ret_fd) WARN_UNUSED NONNULL(1, 2, 3, 4, 5);
