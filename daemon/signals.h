/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The signals of the process, as whoever started it has left them and as the event loop is to have them. */
#pragma once

#include <systemd/sd-event.h>

#include "util/macros.h"

/* Before there is an event loop: blocks those that it handles, SIGTERM, SIGINT and SIGHUP, and has the
 * others that matter be as they are by default. 0 or a negative errno. */
int signals_take(void) WARN_UNUSED;

/* Has the loop call STOP on SIGTERM and SIGINT, and RELOAD on SIGHUP; NULL: nothing happens then. 0 or a
 * negative errno. */
int signals_handle(sd_event *event, sd_event_signal_handler_t stop, sd_event_signal_handler_t reload,
                void *userdata) WARN_UNUSED NONNULL(1, 2);
