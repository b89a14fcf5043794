/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* vasprintf(3), which leaves its pointer undefined when it fails. */

#include "util/text-format.h"

#include <errno.h>
#include <stdio.h>

int text_format_va(char **ret, const char *format, va_list arguments)
{
        if (vasprintf(ret, format, arguments) >= 0)
                return 0;
        *ret = NULL;
        return -ENOMEM;
}

int text_format(char **ret, const char *format, ...)
{
        va_list arguments;
        int r;

        va_start(arguments, format);
        r = text_format_va(ret, format, arguments);
        va_end(arguments);
        return r;
}

char *text_new(const char *format, ...)
{
        va_list arguments;
        char *text;

        va_start(arguments, format);
        (void) !text_format_va(&text, format, arguments);
        va_end(arguments);
        return text;
}

int text_join(char **text, const char *separator, const char *format, ...)
{
        char *addition CLEANUP_FREE = NULL, *longer;
        va_list arguments;
        int r;

        va_start(arguments, format);
        r = text_format_va(&addition, format, arguments);
        va_end(arguments);
        if (r >= 0 && *text)
                r = text_format(&longer, "%s%s%s", *text, separator, addition);
        else
                longer = STEAL(addition);
        if (r < 0)
                return r;
        free(*text);
        *text = longer;
        return 0;
}
