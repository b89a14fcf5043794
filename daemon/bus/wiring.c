/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Makes a service of the rooms, has it begin, and ends it: at once, or when it has nothing to do. */

#include "bus/wiring.h"

#include <errno.h>
#include <malloc.h>

#include "bus/announce.h"
#include "bus/call.h"
#include "bus/gate.h"
#include "change/host-lock.h"
#include "util/clock.h"
#include "util/exhausted.h"

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
        r = jobs_new(&service->jobs);
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
        (void) unread_free(service->unread);
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
                r = unread_new(bus, &service->unread);
        if (r >= 0)
                r = turns_new(bus, service->polkit, service->unread, &service->turns);
        /* The last filter is the first that sees a message. */
        if (r >= 0)
                r = gate_new(bus, service->unread, &service->gate);
        if (r < 0)
                return r;
        jobs_attach(service->jobs, bus, service->upkeep);
        r = objects_publish(bus, service);
        if (r < 0)
                return r;
        r = upkeep_start(service->upkeep, false);
        if (r < 0)
                return r;
        service_watch(service);
        /* The scan's memory goes back: the facts that stay are much smaller. */
        (void) malloc_trim(0);
        return sd_bus_request_name(bus, BUS_NAME, 0);
}

/* --- without a bus ------------------------------------------------------------------------------------- */

int service_start_peer(Service *service, sd_bus *bus, uid_t uid)
{
        /* Nobody's patience: root isn't asked about. */
        const PolkitPatience patience = { 0 };
        int r;

        service->bus = sd_bus_ref(bus);
        r = callers_new_peer(bus, uid, &service->callers);
        if (r >= 0)
                r = polkit_new(bus, service->callers, patience, &service->polkit);
        if (r < 0)
                return r;
        jobs_attach(service->jobs, bus, service->upkeep);
        service->jobs->told = true;
        r = objects_publish(bus, service);
        return r < 0 ? r : upkeep_start(service->upkeep, true);
}

bool service_is_unsettled(const Service *service)
{
        return upkeep_is_unsettled(service->upkeep);
}

void service_leave_peer(Service *service)
{
        callers_leave(service->callers);
        service->jobs->bus = NULL;
        service->jobs->told = false;
        service->bus = sd_bus_flush_close_unref(service->bus);
}

bool service_is_done(const Service *service)
{
        return changer_job_count(service->changer) == 0 && !service->held;
}

/* ----------------------------------------------------------------------------------------------------- */

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

/* --- when there is nothing to do ----------------------------------------------------------------------- */

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
