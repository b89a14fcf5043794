/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Wires the rooms: the changer asks the registry, the registry is refreshed, jobs are shown. */

#include "bus/service.h"

#include <errno.h>
#include <malloc.h>
#include <string.h>

#include "bus/announce.h"
#include "bus/call.h"
#include "bus/gate.h"
#include "change/host-lock.h"
#include "registry/refresh.h"
#include "store/store-open.h"
#include "store/store.h"
#include "upkeep/carry-over.h"
#include "upkeep/heal.h"
#include "util/exhausted.h"

static const Facts *changer_facts(void *userdata)
{
        return ((Service *) userdata)->registry->facts;
}

static const Driver *changer_driver(void *userdata, const char *name)
{
        const DriverEntry *entry = registry_find(((Service *) userdata)->registry, name);

        return entry ? entry->value : NULL;
}

static void changer_refresh(void *userdata)
{
        (void) service_refresh(userdata);
}

static void changer_image(void *userdata, InitramfsImage *image)
{
        facts_put_image(((Service *) userdata)->registry->facts, image);
}

/* --- what the registry asks --------------------------------------------------------------------------- */

static bool is_changing(void *userdata, const char *driver)
{
        const Changer *changer = ((Service *) userdata)->changer;
        const Job *job = changer ? changer_job_of(changer, driver) : NULL;

        return job && !job->recorded;
}

static int add_settling(void *userdata, const char *driver, StringSet *releases)
{
        const Changer *changer = ((Service *) userdata)->changer;

        return changer ? changer_settling(changer, driver, releases) : 0;
}

static const StringSet *get_coming(void *userdata)
{
        return &((Service *) userdata)->coming;
}

static bool may_be_stood_for(void *userdata, const char *kind)
{
        const Operation *operation = operation_find(kind);

        return operation && operation->wanted == WANTED_STANDS_IN;
}

static const char *get_drift_note(void *userdata, const char *driver)
{
        return drift_heal_note(((Service *) userdata)->healer, driver);
}

/* --- the beginning ------------------------------------------------------------------------------------- */

static const char *store_problem_code(StoreCondition condition)
{
        switch (condition) {
        case STORE_SET_ASIDE:
                return "database-set-aside";
        case STORE_READ_ONLY:
                return "database-read-only";
        case STORE_ABSENT:
                return "database-absent";
        case STORE_OPENED:
        case STORE_CREATED:
        default:
                return NULL;
        }
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

static int open_store(Service *service, ProblemList *problems)
{
        char *directory CLEANUP_FREE = NULL, *detail CLEANUP_FREE = NULL;
        StoreCondition condition;
        const char *code;
        int fd CLEANUP_FD = -1;
        int r;

        /* Should it fail, then so does the store, which says why. */
        fd = host_root_make_directory(service->root, STATE_DIRECTORY, 0700);
        r = host_root_resolve(service->root, STATE_DIRECTORY, &directory);
        if (r == -ENOMEM)
                return r;
        r = store_open(directory ?: STATE_DIRECTORY, &condition, &detail, &service->store);
        if (r < 0)
                return r;
        code = store_problem_code(condition);
        if (!code)
                return 0;
        return problem_list_add(problems, condition == STORE_SET_ASIDE ? SEVERITY_WARNING : SEVERITY_ERROR,
                        code, "%s", detail ?: "The database can't be used.");
}

static int read_config(Service *service, ProblemList *problems)
{
        int r;

        r = config_read(service->root, &service->config);
        for (size_t i = 0; r >= 0 && i < service->config.warnings.count; i++)
                r = problem_list_add(problems, SEVERITY_WARNING, "config", "%s",
                                service->config.warnings.items[i]);
        return r;
}

static int make_registry(Service *service, ProblemList *problems)
{
        const RegistryHost host = {
                .is_changing = is_changing,
                .add_settling = add_settling,
                .coming = get_coming,
                .may_be_stood_for = may_be_stood_for,
                .drift_note = get_drift_note,
                .userdata = service,
        };
        const RegistryObserver observer = announce_registry(&service->bus);
        int r = registry_new(service->root, &service->config, service->store, &host, &observer, problems,
                        &service->registry);

        return r < 0 ? r : registry_refresh(service->registry);
}

int service_new(sd_event *event, HostRoot *root_taken, Service **ret)
{
        Service *service CLEANUP(service_freep) = calloc(1, sizeof(*service));
        ProblemList problems CLEANUP_PROBLEM_LIST = { 0 };
        int r;

        if (!service) {
                (void) host_root_free(root_taken);
                return -ENOMEM;
        }
        service->event = sd_event_ref(event);
        service->root = root_taken;
        /* Without them the database could not be opened, which would seem to be its fault. */
        r = exhausted_check_descriptors();
        if (r < 0)
                return r;
        service->lock_fd = host_lock_take_service(service->root);
        if (service->lock_fd == -EBUSY)
                return -EBUSY;
        service->changer_host = (ChangerHost){ .facts = changer_facts,
                .driver = changer_driver,
                .refresh = changer_refresh,
                .image = changer_image,
                .userdata = service };
        r = read_config(service, &problems);
        if (r < 0)
                return r;
        r = open_store(service, &problems);
        if (r < 0)
                return r;
        r = make_registry(service, &problems);
        if (r < 0)
                return r;
        r = jobs_new(service, &service->jobs);
        if (r < 0)
                return r;
        r = changer_new(event, service->root, &service->config, service->store, &service->changer_host,
                        &service->jobs->observer, &service->changer);
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
        (void) image_scan_free(service->images);
        service->healer = drift_healer_free(service->healer);
        sd_event_source_disable_unref(service->carrier);
        string_set_done(&service->coming);
        sd_event_source_disable_unref(service->watch_start);
        sd_event_source_disable_unref(service->retry);
        (void) watch_free(service->watch);
        (void) turns_free(service->turns);
        (void) polkit_free(service->polkit);
        (void) changer_free(service->changer);
        calls_free(service);
        (void) callers_free(service->callers);
        sd_bus_slot_unref(service->gate);
        (void) jobs_free(service->jobs);
        if (service->registry && service->store)
                service_remember_metadata(service);
        (void) registry_free(service->registry);
        (void) store_free(service->store);
        config_done(&service->config);
        (void) host_root_free(service->root);
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
        r = changer_recover(service->changer);
        if (r < 0)
                return r;
        r = kernel_carry_over_missed(service);
        if (r < 0)
                return r;
        r = drift_healer_new(service, &service->healer);
        if (r < 0)
                return r;
        drift_heal_update(service->healer);
        service_watch(service);
        service_check_state(service);
        service_flag_reboot(service);
        service_scan_images(service);
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
