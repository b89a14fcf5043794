/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Refusals as values. */

#include "change/refusal.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

int refuse(Refusal *refusal, RefusalKind kind, const char *format, ...)
{
        char *sentence;
        va_list arguments;
        int r;

        va_start(arguments, format);
        r = vasprintf(&sentence, format, arguments);
        va_end(arguments);
        if (r < 0)
                return -ENOMEM;
        free(refusal->sentence);
        *refusal = (Refusal){ .kind = kind, .sentence = sentence };
        return -ECANCELED;
}

void refusal_done(Refusal *refusal)
{
        free(refusal->sentence);
        *refusal = (Refusal){ .kind = REFUSAL_NONE };
}
