/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the standard descriptors are connected to, and the pager between stdout and the terminal. It looks at
 * the environment once and prints nothing. */
#pragma once

#include <sys/types.h>

#include "util/macros.h"

typedef struct Terminal {
        bool input;         /* stdin is a terminal */
        bool output;        /* stdout was a terminal when the program began */
        bool error;         /* stderr is a terminal */
        bool output_colour; /* stdout may have colour: see colour_wanted() */
        bool error_colour;
        unsigned columns; /* of stdout's terminal; 0: unlimited, since it is none */
} Terminal;

Terminal terminal_read(void);

/* The columns of the terminal FD now, $COLUMNS where the kernel doesn't know; 0 if neither says. */
unsigned terminal_columns(int fd);
