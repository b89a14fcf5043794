/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The object /org/hostdriver1 and its properties. */

#include "bus/manager-object.h"

#include <errno.h>

#include "bus/methods.h"
#include "bus/text.h"

static int append_version(sd_bus_message *reply, const void *service)
{
        return sd_bus_message_append_basic(reply, 's', PROJECT_VERSION);
}

static int append_host_id(sd_bus_message *reply, const void *service)
{
        return sd_bus_message_append_basic(reply, 's', ((const Service *) service)->registry->host_id);
}

static int append_kernel_release(sd_bus_message *reply, const void *service)
{
        return text_append(reply, ((const Service *) service)->registry->facts->kernel);
}

static int append_reboot_required(sd_bus_message *reply, const void *state)
{
        int truth = host_state_reboot_required(state);

        return sd_bus_message_append_basic(reply, 'b', &truth);
}

static bool same_reboot_required(const void *a, const void *b)
{
        return host_state_reboot_required(a) == host_state_reboot_required(b);
}

static const PropertyType version = { append_version, NULL };
static const PropertyType host_id = { append_host_id, NULL };
static const PropertyType kernel_release = { append_kernel_release, NULL };
static const PropertyType reboot_required = { append_reboot_required, same_reboot_required };

/* clang-format off */
#define MANAGER_PROPERTIES(ROW) \
        ROW("Version",        "s",      version,           WHOLE_OBJECT,                        CONST) \
        ROW("HostID",         "s",      host_id,           WHOLE_OBJECT,                        CONST) \
        ROW("KernelRelease",  "s",      kernel_release,    WHOLE_OBJECT,                        CONST) \
        ROW("Kernels",        "as",     property_set,      IN_VALUE(HostState, kernels),        EMITS_CHANGE) \
        ROW("RebootRequired", "b",      reboot_required,   WHOLE_VALUE,                         EMITS_CHANGE) \
        ROW("RebootReasons",  "as",     property_set,      IN_VALUE(HostState, reboot_reasons), EMITS_CHANGE) \
        ROW("Problems",       "a(sss)", property_problems, IN_VALUE(HostState, problems),       EMITS_CHANGE)
/* clang-format on */

static const Property rows[] = { MANAGER_PROPERTIES(PROPERTY_ROW) };

static const void *value_of(const void *service)
{
        return &((const Service *) service)->registry->state;
}

static const PropertyTable properties = { rows, ELEMENTSOF(rows), value_of };

static int get_property(sd_bus *bus, const char *path, const char *interface, const char *name,
                sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
        return property_append(&properties, name, userdata, reply);
}

/* clang-format off */
static const sd_bus_vtable manager_vtable[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_METHOD_WITH_ARGS("ListDrivers", SD_BUS_NO_ARGS, SD_BUS_RESULT("a(sssssbo)", drivers), manager_list_drivers, ANYBODY),
        SD_BUS_METHOD_WITH_ARGS("ListVersions", SD_BUS_NO_ARGS, SD_BUS_RESULT("a(sasssbba(ss))", drivers), manager_list_versions, ANYBODY),
        SD_BUS_METHOD_WITH_ARGS("ListDevices", SD_BUS_ARGS("a{sv}", options), SD_BUS_RESULT("aa{sv}", devices), manager_list_devices, ANYBODY),
        SD_BUS_METHOD_WITH_ARGS("GetDriver", SD_BUS_ARGS("s", name), SD_BUS_RESULT("o", driver), manager_get_driver, ANYBODY),
        SD_BUS_METHOD_WITH_ARGS("GetDriverByUUID", SD_BUS_ARGS("s", uuid), SD_BUS_RESULT("o", driver), manager_get_driver_by_uuid, ANYBODY),
        SD_BUS_METHOD_WITH_ARGS("Rescan", SD_BUS_NO_ARGS, SD_BUS_NO_RESULT, method_handle, ANYBODY),
        SD_BUS_METHOD_WITH_ARGS("Select", SD_BUS_ARGS("a(ss)", targets, "a{sv}", options), SD_BUS_RESULT("o", job), method_handle, ANYBODY),
        SD_BUS_METHOD_WITH_ARGS("Adopt", SD_BUS_ARGS("s", name, "a{sv}", options), SD_BUS_RESULT("o", job), method_handle, ANYBODY),
        SD_BUS_METHOD_WITH_ARGS("Unadopt", SD_BUS_ARGS("s", name, "a{sv}", options), SD_BUS_RESULT("o", job), method_handle, ANYBODY),
        SD_BUS_METHOD_WITH_ARGS("Import", SD_BUS_ARGS("a(sh)", files, "a{sv}", options), SD_BUS_RESULT("o", job), method_handle, ANYBODY),
        SD_BUS_METHOD_WITH_ARGS("KernelAdded", SD_BUS_ARGS("s", release, "a{sv}", options), SD_BUS_RESULT("o", job), method_handle, ANYBODY),
        SD_BUS_METHOD_WITH_ARGS("KernelRemoved", SD_BUS_ARGS("s", release, "a{sv}", options), SD_BUS_NO_RESULT, method_handle, ANYBODY),
        SD_BUS_METHOD_WITH_ARGS("RebuildInitramfs", SD_BUS_ARGS("as", releases, "a{sv}", options), SD_BUS_RESULT("o", job), method_handle, ANYBODY),
        SD_BUS_METHOD_WITH_ARGS("GetInitramfs", SD_BUS_NO_ARGS, SD_BUS_RESULT("aa{sv}", images), manager_get_initramfs, ANYBODY),
        SD_BUS_METHOD_WITH_ARGS("ListJobs", SD_BUS_NO_ARGS, SD_BUS_RESULT("a(uosss)", jobs), manager_list_jobs, ANYBODY),
        SD_BUS_METHOD_WITH_ARGS("GetHistory", SD_BUS_ARGS("a{sv}", filter), SD_BUS_RESULT("aa{sv}", entries), manager_get_history, ANYBODY),
        SD_BUS_METHOD_WITH_ARGS("CompareVersions", SD_BUS_ARGS("s", a, "s", b), SD_BUS_RESULT("i", result), manager_compare_versions, ANYBODY),
        MANAGER_PROPERTIES(PROPERTY_VTABLE_ROW)
        SD_BUS_SIGNAL_WITH_ARGS("JobNew", SD_BUS_ARGS("u", id, "o", job, "s", driver), 0),
        SD_BUS_SIGNAL_WITH_ARGS("JobRemoved", SD_BUS_ARGS("u", id, "o", job, "s", driver, "s", result), 0),
        SD_BUS_VTABLE_END,
};
/* clang-format on */

const ObjectKind manager_object = {
        .path = MANAGER_PATH,
        .interface = MANAGER_INTERFACE,
        .vtable = manager_vtable,
        .properties = &properties,
};
