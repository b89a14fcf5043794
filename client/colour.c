/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The few colours. */

#include "colour.h"

#include <string.h>

bool colour_wanted(void)
{
        const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");

        if (no_color && *no_color)
                return false;
        return term && *term && strcmp(term, "dumb") != 0;
}

const char *colour_begin(bool enabled, Colour colour)
{
        static const char *const sequences[] = {
                [COLOUR_NONE] = "",
                [COLOUR_HEADER] = "\033[4m",
                [COLOUR_STRONG] = "\033[1m",
                [COLOUR_FAINT] = "\033[2m",
                [COLOUR_GOOD] = "\033[32m",
                [COLOUR_WARNING] = "\033[33m",
                [COLOUR_ERROR] = "\033[1;31m",
        };

        return enabled ? sequences[colour] : "";
}

const char *colour_end(bool enabled, Colour colour)
{
        return enabled && colour != COLOUR_NONE ? "\033[0m" : "";
}

Colour colour_of_severity(const char *severity)
{
        if (strcmp(severity, "error") == 0)
                return COLOUR_ERROR;
        if (strcmp(severity, "warning") == 0)
                return COLOUR_WARNING;
        return COLOUR_FAINT;
}
