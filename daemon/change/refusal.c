/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Refusals as values. */

#include "change/refusal.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "util/text-format.h"

int refuse(Refusal *refusal, RefusalKind kind, const char *format, ...)
{
        char *sentence;
        va_list arguments;
        int r;

        va_start(arguments, format);
        r = text_format_va(&sentence, format, arguments);
        va_end(arguments);
        if (r < 0)
                return -ENOMEM;
        free(refusal->sentence);
        *refusal = (Refusal){ .kind = kind, .sentence = sentence };
        return -ECANCELED;
}

int refusal_blame(Refusal *refusal, int error, const char *format, ...)
{
        char *path CLEANUP_FREE = NULL;
        va_list arguments;
        int r;

        if (error >= 0 || error == -ECANCELED || error == -ENOMEM)
                return error;
        va_start(arguments, format);
        r = text_format_va(&path, format, arguments);
        va_end(arguments);
        if (r < 0)
                return -ENOMEM;
        r = refuse(refusal, REFUSAL_FAILED, "%s could not be written: %s.", path, strerror(-error));
        return r == -ENOMEM ? r : error;
}

void refusal_done(Refusal *refusal)
{
        free(refusal->sentence);
        *refusal = (Refusal){ .kind = REFUSAL_NONE };
}
