/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Ends a service that has nothing to do, without losing a call that comes at that moment. */

#include "bus/service.h"
#include "util/clock.h"

static int on_message(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
        Service *service = userdata;

        if (sd_bus_message_is_method_call(message, NULL, NULL) > 0)
                service->last_call_usec = clock_usec(CLOCK_MONOTONIC);
        return 0;
}

/* Calls that came before the name was given up are answered before this. */
static int on_name_released(sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
        return sd_event_exit(((Service *) userdata)->event, 0);
}

/* No job, and no call that waits for its reply. Whoever heals must be there to notice. */
static bool is_idle(const Service *service)
{
        return service->jobs->count == 0 && !service->held && !polkit_is_asked(service->polkit) &&
               !turns_are_waited_for(service->turns) && service->upkeep->config.on_drift != ON_DRIFT_HEAL;
}

static int on_idle_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
        Service *service = userdata;
        uint64_t patience = service->upkeep->config.exit_idle_sec * 1000000ULL,
                 due = service->last_call_usec + patience;
        int r;

        if (is_idle(service) && clock_usec(CLOCK_MONOTONIC) >= due) {
                /* Whoever is started by the next call begins while this process still ends. */
                service->lock_fd = fd_close(service->lock_fd);
                return sd_bus_release_name_async(service->bus, NULL, BUS_NAME, on_name_released, service);
        }
        if (due <= clock_usec(CLOCK_MONOTONIC))
                due = clock_usec(CLOCK_MONOTONIC) + patience;
        r = sd_event_source_set_time(source, due);
        return r < 0 ? r : sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

int service_exit_when_idle(Service *service)
{
        int r;

        service->last_call_usec = clock_usec(CLOCK_MONOTONIC);
        r = sd_bus_add_filter(service->bus, NULL, on_message, service);
        if (r < 0)
                return r;
        return sd_event_add_time_relative(service->event, &service->idle, CLOCK_MONOTONIC,
                        service->upkeep->config.exit_idle_sec * 1000000ULL, 0, on_idle_timer, service);
}
