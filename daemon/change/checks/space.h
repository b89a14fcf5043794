/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whether there is room for what a change writes. It reads only. */
#pragma once

#include <stdint.h>

#include "host/root.h"
#include "model/problem.h"
#include "util/string-set.h"

/* The bytes that this process can write to the file system of FD. 0 or a negative errno. */
int space_available(int fd, uint64_t *ret) WARN_UNUSED NONNULL(2);

/* Looks at /etc and at the module directory of each of RELEASES, where BYTES of files are to come besides:
 * adds the error `no-space` if those and a new module index beside the old one would not fit, `read-only` if
 * nothing can be written. 0 or -ENOMEM; what can't be found out is no problem. */
int space_check(const HostRoot *root, const StringSet *releases, uint64_t bytes,
                ProblemList *ret) WARN_UNUSED NONNULL(1, 2, 4);
