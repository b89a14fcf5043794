/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A severity, a code and a sentence about a driver or version, for people. A value; no I/O. */
#pragma once

#include "util/macros.h"

typedef enum Severity {
        SEVERITY_INFO,
        SEVERITY_WARNING,
        SEVERITY_ERROR, /* in a preflight: refuses, unless the caller ignores this very code */
} Severity;

typedef struct Problem {
        Severity severity;
        const char *code; /* static, e.g. "vermagic-mismatch" */
        char *sentence;   /* what is wrong and what to do, one or two sentences */
        char *module;     /* in a preflight: that of the change which it is about; NULL: about all of it */
} Problem;

typedef struct ProblemList {
        Problem *items; /* in the order of their discovery */
        size_t count;
} ProblemList;

/* "info", "warning", "error". Static. */
const char *severity_text(Severity severity);

/* CODE must be static. 0 or -ENOMEM. */
int problem_list_add(ProblemList *list, Severity severity, const char *code, const char *format,
                ...) WARN_UNUSED NONNULL(1, 3, 4) PRINTF_LIKE(4, 5);
/* Says of the problem that was added last which module it is about. 0 or -ENOMEM. */
int problem_list_name_module(ProblemList *list, const char *module) WARN_UNUSED NONNULL(1, 2);
/* Compares all but the modules, which nobody is shown. */
bool problem_list_equal(const ProblemList *a, const ProblemList *b) NONNULL(1, 2);
void problem_list_done(ProblemList *list) NONNULL(1);
#define CLEANUP_PROBLEM_LIST CLEANUP(problem_list_done)
