/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The few colours, as ECMA-48 sequences. Whether to use them is decided by the environment and the terminal.
 */
#pragma once

#include "util/macros.h"

typedef enum Colour {
        COLOUR_NONE,
        COLOUR_HEADER, /* underlined */
        COLOUR_STRONG, /* bold */
        COLOUR_FAINT,
        COLOUR_GOOD,    /* green */
        COLOUR_WARNING, /* yellow */
        COLOUR_ERROR,   /* red */
} Colour;

/* No if $NO_COLOR is set and not empty (https://no-color.org), or $TERM is unset or "dumb". */
bool colour_wanted(void);

/* The sequences that begin and end a colour; "" unless ENABLED. Static. */
const char *colour_begin(bool enabled, Colour colour);
const char *colour_end(bool enabled, Colour colour);

/* The colour of "info", "warning" and "error". */
Colour colour_of_severity(const char *severity) NONNULL(1);
