/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a plan changes, in words for people: the lines. */
#pragma once

#include "util/macros.h"

/* Lines in the order of what happens. Usable as a strv. */
typedef struct PlanText {
        char **lines; /* NULL at the end; NULL if there are none */
        size_t count;
} PlanText;

/* Adds a line. 0 or -ENOMEM. */
int plan_say(PlanText *text, const char *format, ...) WARN_UNUSED NONNULL(1, 2) PRINTF_LIKE(2, 3);
void plan_text_done(PlanText *text) NONNULL(1);
#define CLEANUP_PLAN_TEXT CLEANUP(plan_text_done)
