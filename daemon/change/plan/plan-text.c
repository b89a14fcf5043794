/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lines, one by one. */

#include "change/plan/plan-text.h"

#include <errno.h>
#include <stdarg.h>

#include "util/text-format.h"

void plan_text_done(PlanText *text)
{
        for (size_t i = 0; i < text->count; i++)
                free(text->lines[i]);
        free(text->lines);
        *text = (PlanText){ 0 };
}

int plan_say(PlanText *text, const char *format, ...)
{
        char **lines = reallocarray(text->lines, text->count + 2, sizeof(*lines));
        va_list arguments;
        int r;

        if (!lines)
                return -ENOMEM;
        text->lines = lines;
        va_start(arguments, format);
        r = text_format_va(&lines[text->count], format, arguments);
        va_end(arguments);
        if (r >= 0)
                text->count++;
        lines[text->count] = NULL;
        return r;
}
