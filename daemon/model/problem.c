/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lists of problems as values. */

#include "model/problem.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "util/array.h"
#include "util/text-format.h"

const char *severity_text(Severity severity)
{
        switch (severity) {
        case SEVERITY_INFO:
                return "info";
        case SEVERITY_WARNING:
                return "warning";
        case SEVERITY_ERROR:
        default:
                return "error";
        }
}

int problem_list_add(ProblemList *list, Severity severity, const char *code, const char *format, ...)
{
        char *sentence = NULL;
        va_list arguments;
        int r;

        if (!array_reserve(list->items, list->count))
                return -ENOMEM;
        va_start(arguments, format);
        r = text_format_va(&sentence, format, arguments);
        va_end(arguments);
        if (r < 0)
                return -ENOMEM;
        list->items[list->count++] = (Problem){ .severity = severity, .code = code, .sentence = sentence };
        return 0;
}

int problem_list_name_module(ProblemList *list, const char *module)
{
        Problem *problem = &list->items[list->count - 1];
        char *copy = strdup(module);

        if (!copy)
                return -ENOMEM;
        free(problem->module);
        problem->module = copy;
        return 0;
}

bool problem_list_equal(const ProblemList *a, const ProblemList *b)
{
        if (a->count != b->count)
                return false;
        for (size_t i = 0; i < a->count; i++)
                if (a->items[i].severity != b->items[i].severity ||
                                strcmp(a->items[i].code, b->items[i].code) != 0 ||
                                strcmp(a->items[i].sentence, b->items[i].sentence) != 0)
                        return false;
        return true;
}

void problem_list_done(ProblemList *list)
{
        for (size_t i = 0; i < list->count; i++) {
                free(list->items[i].sentence);
                free(list->items[i].module);
        }
        free(list->items);
        *list = (ProblemList){ 0 };
}
