/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How driver-tool says how it ended: an object on standard output whose exit code is its exit status. */
#pragma once

#include <systemd/sd-bus.h>

#include "util/macros.h"

typedef struct Outcome {
        int code;      /* 0, or an errno: the exit status */
        char *message; /* a sentence; NULL: "Success", or no memory */
} Outcome;

void outcome_done(Outcome *outcome) NONNULL(1);
#define CLEANUP_OUTCOME CLEANUP(outcome_done)

/* Sets the code, a positive errno, and the sentence. Returns the code. */
int outcome_fail(Outcome *outcome, int code, const char *format, ...) NONNULL(1, 3) PRINTF_LIKE(3, 4);

/* For a call that the bus or the service refused. ERROR may be unset: then NUMBER, a negative errno, counts.
 */
int outcome_fail_bus(Outcome *outcome, const sd_bus_error *error, int number) NONNULL(1, 2);

/* Prints the object; a failure's sentence goes to standard error too, where people look. */
void outcome_print(const Outcome *outcome) NONNULL(1);
