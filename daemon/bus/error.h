/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The one place where refusals and errno become D-Bus errors with a sentence. */
#pragma once

#include <systemd/sd-bus.h>

#include "change/refusal.h"

/* All of these set ERROR and return the negative errno that a handler is to return. */

/* The error of that D-Bus name, with this sentence. */
int error_set(sd_bus_error *error, const char *name, const char *format, ...) NONNULL(1, 2, 3)
                PRINTF_LIKE(3, 4);
/* A refusal, by its kind, or one of the standard errors. */
#define error_refuse(error, kind, ...) error_set(error, error_name(kind), __VA_ARGS__)
#define error_deny(error, ...) error_set(error, SD_BUS_ERROR_ACCESS_DENIED, __VA_ARGS__)
#define error_limit(error, ...) error_set(error, SD_BUS_ERROR_LIMITS_EXCEEDED, __VA_ARGS__)

/* What changer_*() returned: -ECANCELED with a refusal, or an errno of ours. WHAT begins the sentence then:
 * "Selecting ice 1.6.4". */
int error_from_result(sd_bus_error *error, int result, const Refusal *refusal, const char *what)
                NONNULL(1, 3, 4);

/* An errno of ours: org.hostdriver1.Error.Failed. */
int error_from_errno(sd_bus_error *error, int result, const char *what) NONNULL(1, 3);

/* The standard error InteractiveAuthorizationRequired. */
int error_interaction_required(sd_bus_error *error, const char *action) NONNULL(1, 2);

/* The D-Bus name of a refusal. Static. */
const char *error_name(RefusalKind kind);
