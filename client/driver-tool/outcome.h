/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How driver-tool says that something went wrong: as XenServer's own tool (driver-tool of dmv-utils 1.0.3),
 * by an object, of which the exit status says nothing more. */
#pragma once

#include <stdio.h>
#include <systemd/sd-bus.h>

#include "util/macros.h"

typedef struct Outcome {
        int code;      /* 0, or an errno */
        char *message; /* a sentence; NULL: no memory */
} Outcome;

/* Exit statuses. The last one is argparse's, and without an object. */
#define STATUS_WORKED 0
#define STATUS_FAILED 1
#define STATUS_UNKNOWN_ARGUMENT 2

void outcome_done(Outcome *outcome) NONNULL(1);
#define CLEANUP_OUTCOME CLEANUP(outcome_done)

/* Sets the code, a positive errno, and the sentence. Returns the code. */
int outcome_fail(Outcome *outcome, int code, const char *format, ...) NONNULL(1, 3) PRINTF_LIKE(3, 4);

/* For a call that the bus or the service refused. ERROR may be unset: then NUMBER, a negative errno, counts.
 */
int outcome_fail_bus(Outcome *outcome, const sd_bus_error *error, int number) NONNULL(1, 2);

/* Prints the sentence on standard error, where people look. */
void outcome_print_sentence(const Outcome *outcome) NONNULL(1);

/* Prints the object. */
void outcome_print_object(const Outcome *outcome, FILE *stream) NONNULL(1, 2);
