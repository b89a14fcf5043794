/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The daemon's command line. */
#pragma once

#include "util/macros.h"

typedef struct Arguments {
        const char *root;   /* "/" unless given */
        const char *kernel; /* NULL: the running one */
        bool exit_on_idle;
        bool recover; /* instead of serving */
        bool offline; /* serving one connection, without a bus */
} Arguments;

/* Returns 1 to go on; 0 if what was asked for (--help, --version) is done; -EINVAL, with the mistake
 * printed. */
int arguments_parse(int argc, char *argv[], Arguments *ret) WARN_UNUSED NONNULL(2, 3);
