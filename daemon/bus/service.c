/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Has the host read, and watches what was found there. */

#include "bus/service.h"

#include <string.h>

#include "util/log.h"

/* Long enough for those who waited for the bus name to get the answer to their first call. */
#define WATCH_PATIENCE_USEC (100 * 1000ULL)

static void tell_watching(Service *service, const char *limited)
{
        service->watch_limited = limited;
        health_tell_watching(service->upkeep->health, limited);
}

/* What was found decides what to watch. */
static void update_watch(Service *service)
{
        int r;

        if (!service->watch)
                return;
        r = watch_update(service->watch, service->registry->facts->catalogue);
        if (r < 0)
                log_warning("Some directories can't be watched: %s.", strerror(-r));
        tell_watching(service,
                        r == WATCH_COMPLETE
                                        ? NULL
                                        : "Not all directories can be watched. Raise "
                                          "fs.inotify.max_user_watches, or call Rescan() after changes.");
}

int service_refresh(Service *service)
{
        int r;

        if (service->watch)
                watch_catch_up(service->watch);
        r = upkeep_refresh(service->upkeep);
        if (r >= 0)
                update_watch(service);
        return r;
}

static void on_dirty(void *userdata)
{
        (void) service_refresh(userdata);
}

static int on_watch_due(sd_event_source *source, uint64_t usec, void *userdata)
{
        Service *service = userdata;

        upkeep_remember_metadata(service->upkeep);
        update_watch(service);
        return 0;
}

/* A watch for each directory takes as long as reading them, and so does writing what was read, so both wait
 * until the service has answered; what changes before then is seen, since new watches make the host be read
 * anew. */
static int watch_soon(Service *service)
{
        int r;

        r = sd_event_add_time_relative(service->event, &service->watch_start, CLOCK_MONOTONIC,
                        WATCH_PATIENCE_USEC, 0, on_watch_due, service);
        return r < 0 ? r : sd_event_source_set_priority(service->watch_start, SD_EVENT_PRIORITY_IDLE);
}

void service_watch(Service *service)
{
        int r;

        r = watch_new(service->event, service->root, &service->upkeep->config, on_dirty, service,
                        &service->watch);
        if (r >= 0)
                r = watch_soon(service);
        if (r >= 0)
                return;
        log_warning("The host can't be watched: %s.", strerror(-r));
        tell_watching(service,
                        "The host can't be watched for changes. Raise fs.inotify.max_user_instances, or call "
                        "Rescan() after changes.");
}

int service_look_again(Service *service)
{
        /* Only here, since what is watched in addition makes the host be read once more. */
        if (service->watch_limited && service->watch)
                watch_renew(service->watch);
        else if (service->watch_limited)
                service_watch(service);
        return service_refresh(service);
}

void service_reload(Service *service)
{
        /* Other trees have other directories. */
        if (upkeep_reload(service->upkeep) && service->watch)
                watch_renew(service->watch);
        (void) service_refresh(service);
}
