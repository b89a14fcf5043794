/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Waiting for what must happen, by running the event loop: never by sleeping. */
#pragma once

#include <stdbool.h>
#include <systemd/sd-event.h>

#include "util/macros.h"

/* Runs the loop until CONDITION is true. WHAT names it if a minute passes without, which fails the test. */
void wait_until(sd_event *event, bool (*condition)(void *userdata), void *userdata, const char *what)
                NONNULL(1, 2, 4);
