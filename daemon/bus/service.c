/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Wires the rooms: what the watch notices is read, what is read is announced, jobs are shown. */

#include "bus/service.h"

#include <errno.h>
#include <malloc.h>
#include <string.h>

#include "bus/announce.h"
#include "bus/call.h"
#include "bus/gate.h"
#include "change/host-lock.h"
#include "util/exhausted.h"
#include "util/log.h"

/* Long enough for those who waited for the bus name to get the answer to their first call. */
#define WATCH_PATIENCE_USEC (100 * 1000ULL)

/* --- watching ------------------------------------------------------------------------------------------ */

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

/* Notices changes by itself, those in the trees soon after this. What changes until then is noticed late,
 * but noticed. If that can't be, it is one of the Manager's problems. */
static void watch(Service *service)
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
                watch(service);
        return service_refresh(service);
}

void service_reload(Service *service)
{
        /* Other trees have other directories. */
        if (upkeep_reload(service->upkeep) && service->watch)
                watch_renew(service->watch);
        (void) service_refresh(service);
}

/* --- the whole ----------------------------------------------------------------------------------------- */

static int refresh(void *userdata)
{
        return service_refresh(userdata);
}

static int look_again(void *userdata)
{
        return service_look_again(userdata);
}

int service_check_alone(sd_bus *bus)
{
        sd_bus_message *reply CLEANUP(sd_bus_message_unrefp) = NULL;
        int owned, r;

        r = sd_bus_call_method(bus, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
                        "NameHasOwner", NULL, &reply, "s", BUS_NAME);
        if (r >= 0)
                r = sd_bus_message_read_basic(reply, 'b', &owned);
        if (r < 0)
                return r;
        return owned ? -EEXIST : 0;
}

static int make_upkeep(Service *service, HostRoot *root_taken)
{
        const UpkeepHost host = {
                .observer = announce_registry(&service->bus),
                .jobs = &service->jobs->observer,
                .refresh = refresh,
                .look_again = look_again,
                .userdata = service,
        };
        int r = upkeep_new(service->event, root_taken, &host, &service->upkeep);

        if (r < 0)
                return r;
        service->root = service->upkeep->root;
        service->store = service->upkeep->store;
        service->registry = service->upkeep->registry;
        service->changer = service->upkeep->changer;
        return 0;
}

int service_new(sd_event *event, HostRoot *root_taken, Service **ret)
{
        HostRoot *root CLEANUP(host_root_freep) = root_taken;
        Service *service CLEANUP(service_freep) = calloc(1, sizeof(*service));
        int r;

        if (!service)
                return -ENOMEM;
        *service = (Service){ .event = sd_event_ref(event), .lock_fd = -1 };
        /* Without them the database could not be opened, which would seem to be its fault. */
        r = exhausted_check_descriptors();
        if (r < 0)
                return r;
        service->lock_fd = host_lock_take_service(root);
        if (service->lock_fd == -EBUSY)
                return -EBUSY;
        r = jobs_new(service, &service->jobs);
        if (r >= 0)
                r = make_upkeep(service, STEAL(root));
        if (r < 0)
                return r;
        *ret = STEAL(service);
        return 0;
}

Service *service_free(Service *service)
{
        if (!service)
                return NULL;
        sd_event_source_disable_unref(service->idle);
        sd_event_source_disable_unref(service->watch_start);
        (void) watch_free(service->watch);
        (void) turns_free(service->turns);
        (void) polkit_free(service->polkit);
        if (service->upkeep)
                upkeep_remember_metadata(service->upkeep);
        (void) upkeep_free(service->upkeep);
        calls_free(service);
        (void) callers_free(service->callers);
        sd_bus_slot_unref(service->gate);
        (void) jobs_free(service->jobs);
        /* Before the bus name: who waits for that finds everything free. */
        (void) fd_close(service->lock_fd);
        sd_bus_flush_close_unref(service->bus);
        sd_event_unref(service->event);
        free(service);
        return NULL;
}

int service_start(Service *service, sd_bus *bus, PolkitPatience patience)
{
        int r;

        service->bus = sd_bus_ref(bus);
        r = callers_new(bus, &service->callers);
        if (r >= 0)
                r = polkit_new(bus, service->callers, patience, &service->polkit);
        if (r >= 0)
                r = turns_new(bus, service->polkit, &service->turns);
        /* The last filter is the first that sees a message. */
        if (r >= 0)
                r = gate_new(bus, &service->gate);
        if (r < 0)
                return r;
        r = objects_publish(bus, service);
        if (r < 0)
                return r;
        r = upkeep_start(service->upkeep);
        if (r < 0)
                return r;
        watch(service);
        /* The scan's memory goes back: the facts that stay are much smaller. */
        (void) malloc_trim(0);
        return sd_bus_request_name(bus, BUS_NAME, 0);
}

static void on_stopped(void *userdata)
{
        (void) sd_event_exit(((Service *) userdata)->event, 0);
}

void service_stop(Service *service)
{
        int r;

        r = changer_stop(service->changer, on_stopped, service);
        if (r < 0)
                (void) sd_event_exit(service->event, r);
}
