/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How the client says that something went wrong: one sentence on stderr, and the exit status. Functions that
 * return an ExitStatus have said why already. */
#pragma once

#include <systemd/sd-bus.h>

#include "util/macros.h"

typedef enum ExitStatus {
        STATUS_DONE = 0,
        STATUS_FAILED = 1,
        STATUS_USAGE = 2,
        STATUS_NO_SUCH_THING = 3,
        STATUS_NOT_AUTHORIZED = 4,
} ExitStatus;

#define ERROR_PREFIX "org.hostdriver1.Error."

/* Says the sentence, escaped; further lines are indented. Returns STATUS. */
ExitStatus fail(ExitStatus status, const char *format, ...) NONNULL(2) PRINTF_LIKE(2, 3);

/* For what should never happen here: "WHAT: strerror". Returns STATUS_FAILED. */
ExitStatus fail_errno(int error, const char *what) NONNULL(2);

/* Whether a call's negative errno means that there is no connection any more. */
bool bus_is_lost(int number);

/* For a call that the service or the bus refused. ERROR may be unset; then NUMBER, a negative errno, speaks.
 */
ExitStatus fail_bus(const sd_bus_error *error, int number) NONNULL(1);
