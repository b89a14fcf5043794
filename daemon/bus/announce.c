/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Emits signals for what has changed, by the tables of properties. */

#include "bus/announce.h"

#include <errno.h>
#include <string.h>

#include "bus/driver-lookup.h"
#include "bus/object.h"
#include "change/job/job.h"
#include "util/log.h"
#include "util/messages.h"

static void complain(int r, const char *path)
{
        if (r < 0)
                log_warning("A signal about %s could not be sent: %s.", path, strerror(-r));
}

static void announce(sd_bus *bus, const char *path, const char *interface, const PropertyNames *names)
{
        /* sd-bus takes the names as char ** but doesn't write to them. */
        if (bus && names->count > 0)
                complain(sd_bus_emit_properties_changed_strv(bus, path, interface, (char **) names->items),
                                path);
}

static void announce_driver(sd_bus *bus, const char *driver, const PropertyNames *names)
{
        char *path CLEANUP_FREE = NULL;
        int r = bus && names->count > 0 ? driver_path(driver, &path) : 0;

        if (path)
                announce(bus, path, DRIVER_INTERFACE, names);
        complain(r, driver);
}

void announce_driver_job(sd_bus *bus, const char *driver)
{
        announce_driver(bus, driver, &(PropertyNames){ { "Job" }, 1 });
}

void announce_job(sd_bus *bus, const char *path, unsigned changes)
{
        const PropertyNames names = property_changes(job_object.properties, changes);

        announce(bus, path, JOB_INTERFACE, &names);
}

void announce_added(sd_bus *bus, const char *path)
{
        if (bus)
                complain(sd_bus_emit_object_added(bus, path), path);
}

void announce_removed(sd_bus *bus, const char *path)
{
        if (bus)
                complain(sd_bus_emit_object_removed(bus, path), path);
}

/* --- what a registry tells ----------------------------------------------------------------------------- */

static void on_added(void *userdata, const DriverEntry *entry)
{
        sd_bus *bus = *(sd_bus **) userdata;
        char *path CLEANUP_FREE = NULL;
        int r = bus ? driver_path(entry->name, &path) : 0;

        if (path)
                announce_added(bus, path);
        complain(r, entry->name);
}

/* sd-bus looks up the interfaces of what is removed, so that must still be there. */
static void on_removed(void *userdata, const DriverEntry *entry)
{
        sd_bus *bus = *(sd_bus **) userdata;
        char *path CLEANUP_FREE = NULL;
        int r = bus ? driver_path(entry->name, &path) : 0;

        if (path)
                announce_removed(bus, path);
        complain(r, entry->name);
}

static void on_changed(void *userdata, const DriverEntry *entry, const Driver *before)
{
        const PropertyNames names = property_differences(driver_object.properties, before, entry->value);

        announce_driver(*(sd_bus **) userdata, entry->name, &names);
}

static void on_policy_changed(void *userdata, const DriverEntry *entry)
{
        announce_driver(*(sd_bus **) userdata, entry->name, &(PropertyNames){ { "Policy" }, 1 });
}

static void on_host_changed(void *userdata, const HostState *before, const HostState *after)
{
        const PropertyNames names = property_differences(manager_object.properties, before, after);

        announce(*(sd_bus **) userdata, MANAGER_PATH, MANAGER_INTERFACE, &names);
}

/* The journal's catalog explains what a database problem means. */
static void on_problem_added(void *userdata, const Problem *problem)
{
        bool database = strncmp(problem->code, "database-", strlen("database-")) == 0;

        log_message(problem->severity == SEVERITY_ERROR ? 3 : 4, NULL,
                        database ? MESSAGE_DATABASE_PROBLEM : NULL, "%s", problem->sentence);
}

RegistryObserver announce_registry(sd_bus **bus)
{
        return (RegistryObserver){
                .added = on_added,
                .removed = on_removed,
                .changed = on_changed,
                .policy_changed = on_policy_changed,
                .host_changed = on_host_changed,
                .problem_added = on_problem_added,
                .userdata = bus,
        };
}

/* --- jobs ---------------------------------------------------------------------------------------------- */

void announce_job_signal(sd_bus *bus, uint32_t id, const char *path, const char *driver, const char *result)
{
        if (!bus)
                return;
        if (result)
                complain(sd_bus_emit_signal(bus, MANAGER_PATH, MANAGER_INTERFACE, "JobRemoved", "uoss", id,
                                         path, driver, result),
                                path);
        else
                complain(sd_bus_emit_signal(bus, MANAGER_PATH, MANAGER_INTERFACE, "JobNew", "uos", id, path,
                                         driver),
                                path);
}
