/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One timer that each trigger puts off, up to a limit. It knows nothing of what triggers it. */

#include "watch/debounce.h"

#include <errno.h>
#include <time.h>

/* How late a timer may be, so that the kernel can join it with others. In µs. */
#define ACCURACY_USEC 10000U

struct Debounce {
        sd_event *event;
        sd_event_source *timer; /* armed from the first trigger until the call */
        uint64_t quiet_usec;
        uint64_t latest_usec;
        uint64_t deadline_usec; /* of the call that is coming; 0 if none is */
        void (*call)(void *userdata);
        void *userdata;
};

static int timer_elapsed(sd_event_source *source, uint64_t usec, void *userdata)
{
        Debounce *debounce = userdata;

        /* Before the call: it may trigger again. */
        debounce->deadline_usec = 0;
        debounce->call(debounce->userdata);
        return 0;
}

int debounce_new(sd_event *event, uint64_t quiet_usec, uint64_t latest_usec, void (*call)(void *userdata),
                void *userdata, Debounce **ret)
{
        Debounce *debounce CLEANUP(debounce_freep) = calloc(1, sizeof(*debounce));
        int r;

        if (!debounce)
                return -ENOMEM;
        *debounce = (Debounce){
                .event = sd_event_ref(event),
                .quiet_usec = quiet_usec,
                .latest_usec = latest_usec,
                .call = call,
                .userdata = userdata,
        };
        r = sd_event_add_time(event, &debounce->timer, CLOCK_MONOTONIC, UINT64_MAX, ACCURACY_USEC,
                        timer_elapsed, debounce);
        if (r < 0)
                return r;
        r = sd_event_source_set_enabled(debounce->timer, SD_EVENT_OFF);
        if (r < 0)
                return r;
        *ret = STEAL(debounce);
        return 0;
}

Debounce *debounce_free(Debounce *debounce)
{
        if (!debounce)
                return NULL;
        (void) sd_event_source_disable_unref(debounce->timer);
        (void) sd_event_unref(debounce->event);
        free(debounce);
        return NULL;
}

int debounce_trigger(Debounce *debounce)
{
        uint64_t now, when;
        int r = sd_event_now(debounce->event, CLOCK_MONOTONIC, &now);

        if (r < 0)
                return r;
        if (debounce->deadline_usec == 0)
                debounce->deadline_usec = now + debounce->latest_usec;
        when = now + debounce->quiet_usec;
        if (when > debounce->deadline_usec)
                when = debounce->deadline_usec;
        r = sd_event_source_set_time(debounce->timer, when);
        if (r < 0)
                return r;
        return sd_event_source_set_enabled(debounce->timer, SD_EVENT_ONESHOT);
}

void debounce_cancel(Debounce *debounce)
{
        debounce->deadline_usec = 0;
        (void) sd_event_source_set_enabled(debounce->timer, SD_EVENT_OFF);
}
