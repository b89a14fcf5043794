/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The kernel's command line, as two programs read it: the kernel and libkmod, which differ. Pure. */
#pragma once

#include <stddef.h>

#include "util/macros.h"

#define KERNEL_COMMAND_LINE "/proc/cmdline"

/* The kernel's own limit is 2 to 4 KiB. */
#define KERNEL_COMMAND_LINE_MAX (64U * 1024)

/* The value that the kernel gives its parameter NAME: of several the last one counts, "-" and "_" are equal
 * in a name, quotes hold blanks together, and what follows "--" is for init (next_arg() and parse_args() of
 * Linux 6.1). 1 with *RET, which the caller frees; 0: it isn't set; -ENOMEM. */
int kernel_command_line_value(const char *text, const char *name, char **ret) WARN_UNUSED NONNULL(1, 2, 3);

/* The next value of modprobe.blacklist as libkmod finds it, from *POSITION on, which is moved: a name that
 * is spelt with "_", quotes only around the whole or within the value, and "--" nothing special
 * (kmod_config_parse_kcmdline() of kmod 30). 1 with *RET, which the caller frees; 0: there is none; -ENOMEM.
 */
int kernel_command_line_blacklist(const char *text, size_t *position, char **ret) WARN_UNUSED
                NONNULL(1, 2, 3);
