/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Jobs that go as the version says that is to be selected:
 *   done, 1.6.4 …  it goes through its steps and ends well; all of it is told before Select replies
 *   fails          it ends with an error of several lines
 *   canceled       somebody else cancels it
 *   explodes       it ends with a result that no client knows
 *   hangs          it runs until Cancel, or for ever
 *   dry-run        it is a dry run, and ends well
 *   vanishes       the service ends while it runs
 *   error:NAME     there is no job: Select is refused with that error
 * and jobs of each kind, which can be canceled. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scripted.h"
#include "util/macros.h"

#define JOB_ID 9
#define JOB_PATH JOB_PREFIX "/9"

static int emit_born(sd_bus *bus, const char *driver, const char *version)
{
        int r = sd_bus_emit_signal(bus, MANAGER_PATH, "org.freedesktop.DBus.ObjectManager",
                        "InterfacesAdded", "oa{sa{sv}}", JOB_PATH, 1, JOB_INTERFACE, 4, "ID", "u", JOB_ID,
                        "DryRun", "b", strcmp(version, "dry-run") == 0, "Versions", "a(ss)", 2, driver,
                        version, "irdma", "", "Plan", "as", 2,
                        "Make the link /lib/modules/6.1.0-50-amd64/updates/ice.ko to \n.",
                        "Run depmod for kernel release 6.1.0-50-amd64.");

        return r < 0 ? r
                     : sd_bus_emit_signal(bus, MANAGER_PATH, MANAGER_INTERFACE, "JobNew", "uos", JOB_ID,
                                       JOB_PATH, driver);
}

static int emit_step(sd_bus *bus, const char *step, double progress)
{
        return sd_bus_emit_signal(bus, JOB_PATH, "org.freedesktop.DBus.Properties", "PropertiesChanged",
                        "sa{sv}as", JOB_INTERFACE, 3, "State", "s", "running", "Step", "s", step, "Progress",
                        "d", progress, 0);
}

static int emit_end(sd_bus *bus, const char *driver, const char *result, const char *text)
{
        int r = sd_bus_emit_signal(bus, JOB_PATH, "org.freedesktop.DBus.Properties", "PropertiesChanged",
                        "sa{sv}as", JOB_INTERFACE, 3, "State", "s", "done", "Result", "s", result, "Error",
                        "s", text, 0);

        return r < 0 ? r
                     : sd_bus_emit_signal(bus, MANAGER_PATH, MANAGER_INTERFACE, "JobRemoved", "uoss", JOB_ID,
                                       JOB_PATH, driver, result);
}

/* Ends like a service that crashed: nothing is told, but that the name has no owner any more. */
static int vanish(sd_bus_message *message)
{
        sd_bus *bus = sd_bus_message_get_bus(message);
        int r = sd_bus_reply_method_return(message, "o", JOB_PATH);

        if (r >= 0)
                r = sd_bus_flush(bus);
        sd_bus_close(bus);
        return r;
}

int scripted_job_play(sd_bus_message *message, const char *driver, const char *version, sd_bus_error *error)
{
        sd_bus *bus = sd_bus_message_get_bus(message);
        int r = scripted_error(version, error);

        if (r >= 0)
                r = emit_born(bus, driver, version);
        if (r >= 0)
                r = emit_step(bus, "depmod", 0.25);
        if (r < 0)
                return r;
        if (strcmp(version, "vanishes") == 0)
                return vanish(message);
        if (strcmp(version, "hangs") == 0)
                return sd_bus_reply_method_return(message, "o", JOB_PATH);
        r = emit_step(bus, "initramfs", 0.75);
        if (r >= 0 && strcmp(version, "fails") == 0)
                r = emit_end(bus, driver, "failed",
                                "depmod ended with status 1:\ndepmod: ERROR: "
                                "\033[31mno space");
        else if (r >= 0)
                r = emit_end(bus, driver,
                                strcmp(version, "canceled") == 0   ? "canceled"
                                : strcmp(version, "explodes") == 0 ? "exploded"
                                                                   : "done",
                                "");
        return r < 0 ? r : sd_bus_reply_method_return(message, "o", JOB_PATH);
}

/* From number 20 on; 7 and 9 are of the first kind. */
static const char *const kinds[] = { "select", "deselect", "carry-over", "heal", "adopt", "unadopt",
        "import", "remove", "initramfs", "yet-to-come" };

static size_t number_of(const char *path)
{
        return strtoul(path + strlen(JOB_PREFIX "/"), NULL, 10);
}

static int get_kind(sd_bus *bus, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
        size_t number = number_of(path);

        return sd_bus_message_append(reply, "s", kinds[number < 20 ? 0 : number - 20]);
}

static int find(sd_bus *bus, const char *path, const char *interface, void *userdata, void **ret,
                sd_bus_error *error)
{
        *ret = userdata;
        return strcmp(path, JOB_PATH) == 0 || strcmp(path, JOB_PREFIX "/7") == 0 ||
               (number_of(path) >= 20 && number_of(path) < 20 + ELEMENTSOF(kinds));
}

static int cancel(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
        int *refusals = userdata;
        int r;

        scripted_tell("cancel");
        if (strcmp(sd_bus_message_get_path(message), JOB_PREFIX "/7") == 0 && (*refusals)++ == 0)
                return sd_bus_error_set(error, "org.hostdriver1.Error.InUse",
                                "It is too late to cancel job 7: its index is being written.");
        r = sd_bus_reply_method_return(message, "");
        return r < 0 ? r : emit_end(sd_bus_message_get_bus(message), "ice", "canceled", "");
}

static const sd_bus_vtable vtable[] = {
        SD_BUS_VTABLE_START(0), SD_BUS_METHOD("Cancel", "", "", cancel, SD_BUS_VTABLE_UNPRIVILEGED),
                        SD_BUS_PROPERTY("Kind", "s", get_kind, 0, SD_BUS_VTABLE_PROPERTY_CONST),
                        SD_BUS_VTABLE_END,
};

int scripted_jobs_add(sd_bus *bus)
{
        static int refusals;

        return sd_bus_add_fallback_vtable(bus, NULL, JOB_PREFIX, JOB_INTERFACE, vtable, find, &refusals);
}
