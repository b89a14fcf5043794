/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Waiting for what must happen, by running the event loop. */

#include "wait.h"

#include <glib.h>

/* Far more than anything takes, under valgrind on a busy machine too. */
#define DEADLINE_USEC (60 * (gint64) G_USEC_PER_SEC)

void wait_until(sd_event *event, bool (*condition)(void *userdata), void *userdata, const char *what)
{
        gint64 deadline = g_get_monotonic_time() + DEADLINE_USEC;

        while (!condition(userdata)) {
                gint64 left = deadline - g_get_monotonic_time();

                if (left <= 0)
                        g_error("Waited in vain for %s", what);
                g_assert_cmpint(sd_event_run(event, (uint64_t) left), >=, 0);
        }
}
