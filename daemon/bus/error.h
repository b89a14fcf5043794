/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The one place where refusals and errno become D-Bus errors with a sentence. */
#pragma once

#include <systemd/sd-bus.h>

#include "change/refusal.h"

/* All of these set ERROR and return the negative errno that a handler is to return. */

/* A refusal, by its kind. */
int error_refuse(sd_bus_error *error, RefusalKind kind, const char *format, ...) NONNULL(1, 3)
                PRINTF_LIKE(3, 4);

/* What changer_*() returned: -ECANCELED with a refusal, or an errno of ours. WHAT begins the sentence then:
 * "Selecting ice 1.6.4". */
int error_from_result(sd_bus_error *error, int result, const Refusal *refusal, const char *what)
                NONNULL(1, 3, 4);

/* An errno of ours: org.hostdriver1.Error.Failed. */
int error_from_errno(sd_bus_error *error, int result, const char *what) NONNULL(1, 3);

/* The standard error AccessDenied, or InteractiveAuthorizationRequired. */
int error_deny(sd_bus_error *error, const char *format, ...) NONNULL(1, 2) PRINTF_LIKE(2, 3);
int error_interaction_required(sd_bus_error *error, const char *action) NONNULL(1, 2);

/* The standard error LimitsExceeded. */
int error_limit(sd_bus_error *error, const char *format, ...) NONNULL(1, 2) PRINTF_LIKE(2, 3);

/* The D-Bus name of a refusal. Static. */
const char *error_name(RefusalKind kind);
