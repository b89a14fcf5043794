/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Many events, one call: when it is quiet again, but not too late. */
#pragma once

#include <stdint.h>
#include <systemd/sd-event.h>

#include "util/macros.h"

typedef struct Debounce Debounce;

/* CALL comes from EVENT's loop when nothing was triggered for QUIET_USEC, and LATEST_USEC (both in µs) after
 * the first trigger even if there is no end to them. 0, or a negative errno. */
int debounce_new(sd_event *event, uint64_t quiet_usec, uint64_t latest_usec, void (*call)(void *userdata),
                void *userdata, Debounce **ret) WARN_UNUSED NONNULL(1, 4, 6);
Debounce *debounce_free(Debounce *debounce);
DEFINE_CLEANUP(Debounce, debounce_free)

/* 0, or a negative errno; then CALL may not come. */
int debounce_trigger(Debounce *debounce) WARN_UNUSED NONNULL(1);

/* The call that is coming doesn't. */
void debounce_cancel(Debounce *debounce) NONNULL(1);
