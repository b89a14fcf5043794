/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Emits signals for sets of changes, by one table a kind of object. */

#include "bus/announce.h"

#include <errno.h>
#include <string.h>

#include "registry/host-state.h"
#include "bus/object.h"
#include "change/job/job.h"
#include "model/driver.h"
#include "util/log.h"

/* The largest table below, and the NULL. */
#define NAMES_MAX 19

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

void announce_driver(sd_bus *bus, const char *path, unsigned changes)
{
        announce(bus, path, DRIVER_INTERFACE, driver_bits, ELEMENTSOF(driver_bits), changes);
}

void announce_driver_job(sd_bus *bus, const char *path)
{
        if (bus)
                complain(sd_bus_emit_properties_changed(bus, path, DRIVER_INTERFACE, "Job", NULL), path);
}

void announce_driver_policy(sd_bus *bus, const char *path)
{
        if (bus)
                complain(sd_bus_emit_properties_changed(bus, path, DRIVER_INTERFACE, "Policy", NULL), path);
}

void announce_host(sd_bus *bus, unsigned changes)
{
        announce(bus, MANAGER_PATH, MANAGER_INTERFACE, host_bits, ELEMENTSOF(host_bits), changes);
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
