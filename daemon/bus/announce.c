/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Emits signals for sets of changes, by one table a kind of object. */

#include "bus/announce.h"

#include <errno.h>
#include <string.h>

#include "bus/driver-lookup.h"
#include "bus/object.h"
#include "change/job/job.h"
#include "util/log.h"
#include "util/messages.h"

/* The largest table below, and the NULL. */
#define NAMES_MAX 20

static const PropertyBit driver_bits[] = {
        { DRIVER_PACKAGE, "Package" },
        { DRIVER_VERSIONS, "Versions" },
        { DRIVER_SELECTED, "Selected" },
        { DRIVER_EFFECTIVE, "Effective" },
        { DRIVER_ACTIVE, "Active" },
        { DRIVER_ACTIVE_BY, "ActiveBy" },
        { DRIVER_LOADED, "Loaded" },
        { DRIVER_REBOOT_REQUIRED, "RebootRequired" },
        { DRIVER_DESCRIPTION, "Description" },
        { DRIVER_TYPE, "Type" },
        { DRIVER_HARDWARE_PRESENT, "HardwarePresent" },
        { DRIVER_DEVICES, "Devices" },
        { DRIVER_VERSION_DETAILS, "VersionDetails" },
        { DRIVER_SELECTED_BY_KERNEL, "SelectedByKernel" },
        { DRIVER_PROBLEMS, "Problems" },
        { DRIVER_IN_INITRAMFS, "InInitramfs" },
        { DRIVER_KERNELS_NOT_COVERED, "KernelsNotCovered" },
        { DRIVER_REBOOT_REASONS, "RebootReasons" },
        { DRIVER_POLICY, "Policy" },
};

static const PropertyBit host_bits[] = {
        { HOST_KERNELS, "Kernels" },
        { HOST_REBOOT_REQUIRED, "RebootRequired" },
        { HOST_REBOOT_REASONS, "RebootReasons" },
        { HOST_PROBLEMS, "Problems" },
};

static const PropertyBit job_bits[] = {
        { JOB_STATE, "State" },
        { JOB_STEP, "Step" },
        { JOB_PROGRESS, "Progress" },
        { JOB_CANCELABLE, "Cancelable" },
        { JOB_PLAN, "Plan" },
        { JOB_RESULT_AND_ERROR, "Result" },
        { JOB_RESULT_AND_ERROR, "Error" },
};

_Static_assert(ELEMENTSOF(driver_bits) < NAMES_MAX, "room for all names and the NULL");

static void complain(int r, const char *path)
{
        if (r < 0)
                log_warning("A signal about %s could not be sent: %s.", path, strerror(-r));
}

static void announce(sd_bus *bus, const char *path, const char *interface, const PropertyBit bits[],
                size_t count, unsigned changes)
{
        char *names[NAMES_MAX];
        size_t n = 0;

        for (size_t i = 0; i < count; i++)
                if (changes & bits[i].bit)
                        /* sd-bus takes the names as char ** but doesn't write to them. */
                        names[n++] = (char *) bits[i].property;
        names[n] = NULL;
        if (bus && n > 0)
                complain(sd_bus_emit_properties_changed_strv(bus, path, interface, names), path);
}

void announce_driver_job(sd_bus *bus, const char *driver)
{
        char *path CLEANUP_FREE = NULL;
        int r = bus ? driver_path(driver, &path) : 0;

        if (bus && r >= 0)
                r = sd_bus_emit_properties_changed(bus, path, DRIVER_INTERFACE, "Job", NULL);
        complain(r, driver);
}

void announce_job(sd_bus *bus, const char *path, unsigned changes)
{
        announce(bus, path, JOB_INTERFACE, job_bits, ELEMENTSOF(job_bits), changes);
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

static void on_changed(void *userdata, const DriverEntry *entry, unsigned changes)
{
        sd_bus *bus = *(sd_bus **) userdata;
        char *path CLEANUP_FREE = NULL;
        int r = bus ? driver_path(entry->name, &path) : 0;

        if (path)
                announce(bus, path, DRIVER_INTERFACE, driver_bits, ELEMENTSOF(driver_bits), changes);
        complain(r, entry->name);
}

static void on_host_changed(void *userdata, unsigned changes)
{
        announce(*(sd_bus **) userdata, MANAGER_PATH, MANAGER_INTERFACE, host_bits, ELEMENTSOF(host_bits),
                        changes);
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
