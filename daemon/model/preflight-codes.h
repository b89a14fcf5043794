/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The codes of all that the checks before a change can find. Who adds one adds its row; a style check
 * compares them. Pure. */
#pragma once

#include "util/macros.h"

typedef struct PreflightCode {
        const char *code;
        bool refuses; /* it can be an error, for which a change is refused unless that code is ignored */
} PreflightCode;

/* NULL if no check finds such a problem. Static; so is the next. */
const PreflightCode *preflight_code_find(const char *code) NONNULL(1);

/* The code that refuses and is nearest to what somebody has written; NULL if none is near. */
const char *preflight_code_suggest(const char *written) NONNULL(1);
