/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The object /org/hostdriver1 and its properties. */

#include "bus/manager-object.h"

#include <errno.h>

#include "bus/methods.h"
#include "bus/text.h"

static int get_version(sd_bus *bus, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
        return sd_bus_message_append_basic(reply, 's', PROJECT_VERSION);
}

static int get_host_id(sd_bus *bus, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
        return sd_bus_message_append_basic(reply, 's', ((Service *) userdata)->registry->host_id);
}

static int get_kernel_release(sd_bus *bus, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
        return text_append(reply, ((Service *) userdata)->registry->facts->kernel);
}

static int get_kernels(sd_bus *bus, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
        return text_append_set(reply, &((Service *) userdata)->registry->state.kernels);
}

static int get_reboot_required(sd_bus *bus, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
        int truth = host_state_reboot_required(&((Service *) userdata)->registry->state);

        return sd_bus_message_append_basic(reply, 'b', &truth);
}

static int get_reboot_reasons(sd_bus *bus, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
        return text_append_set(reply, &((Service *) userdata)->registry->state.reboot_reasons);
}

static int get_problems(sd_bus *bus, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
        return text_append_problems(reply, &((Service *) userdata)->registry->state.problems);
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
        SD_BUS_PROPERTY("Version", "s", get_version, 0, CONST),
        SD_BUS_PROPERTY("HostID", "s", get_host_id, 0, CONST),
        SD_BUS_PROPERTY("KernelRelease", "s", get_kernel_release, 0, CONST),
        SD_BUS_PROPERTY("Kernels", "as", get_kernels, 0, CHANGES),
        SD_BUS_PROPERTY("RebootRequired", "b", get_reboot_required, 0, CHANGES),
        SD_BUS_PROPERTY("RebootReasons", "as", get_reboot_reasons, 0, CHANGES),
        SD_BUS_PROPERTY("Problems", "a(sss)", get_problems, 0, CHANGES),
        SD_BUS_SIGNAL_WITH_ARGS("JobNew", SD_BUS_ARGS("u", id, "o", job, "s", driver), 0),
        SD_BUS_SIGNAL_WITH_ARGS("JobRemoved", SD_BUS_ARGS("u", id, "o", job, "s", driver, "s", result), 0),
        SD_BUS_VTABLE_END,
};
/* clang-format on */

const ObjectKind manager_object = {
        .path = MANAGER_PATH,
        .interface = MANAGER_INTERFACE,
        .vtable = manager_vtable,
};
