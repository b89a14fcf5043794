/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The object /org/hostdriver1: its properties, and its methods that change something. */

#include "bus/manager-object.h"

#include <errno.h>

#include "bus/change-request.h"
#include "bus/driver-lookup.h"
#include "bus/error.h"
#include "bus/text.h"

/* A call with more targets than this is a mistake. */
#define TARGETS_MAX 4096

static int rescan(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
        Service *service = userdata;
        Authorization *authorization CLEANUP_AUTHORIZATION = authorization_enter(service->polkit, message);
        const PolkitDetails details = { 0 };
        int r;

        r = authorization_check(authorization, &details, error);
        if (r <= 0)
                return r < 0 ? r : 1;
        r = service_look_again(service);
        if (r < 0)
                return error_from_errno(error, r, "Reading the host");
        return sd_bus_reply_method_return(message, NULL);
}

typedef struct TargetList {
        ChangeTarget *items;
        size_t count;
} TargetList;

static void target_list_done(TargetList *list)
{
        free(list->items);
}

static int read_target(Service *service, sd_bus_message *message, TargetList *list, sd_bus_error *error)
{
        ChangeTarget *items = reallocarray(list->items, list->count + 1, sizeof(*items));
        const char *name, *version;
        const DriverEntry *entry;
        int r;

        if (!items)
                return -ENOMEM;
        list->items = items;
        r = sd_bus_message_read(message, "(ss)", &name, &version);
        if (r <= 0)
                return r;
        entry = driver_look_up(service->registry, name, error);
        if (!entry)
                return -sd_bus_error_get_errno(error);
        r = change_request_check_version(entry->name, version, error);
        if (r < 0)
                return r;
        if (list->count == TARGETS_MAX)
                return error_refuse(error, REFUSAL_INVALID_ARGS,
                                "More than %d versions can't be selected at once.", TARGETS_MAX);
        items[list->count++] = (ChangeTarget){ entry->name, version };
        return 1;
}

static int select_several(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
        Service *service = userdata;
        Options options CLEANUP_OPTIONS = { 0 };
        TargetList list CLEANUP(target_list_done) = { 0 };
        int r;

        r = sd_bus_message_enter_container(message, 'a', "(ss)");
        while (r > 0)
                r = read_target(service, message, &list, error);
        if (r >= 0)
                r = sd_bus_message_exit_container(message);
        if (r >= 0)
                r = options_read(message, OPTION_KERNELS | OPTION_IGNORE | OPTION_DRY_RUN, &options, error);
        if (r < 0)
                return r;
        if (list.count == 0)
                return error_refuse(error, REFUSAL_INVALID_ARGS, "No version to select was named.");
        return change_request(service, message, list.items, list.count, &options, error);
}

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

static const sd_bus_vtable manager_vtable[] = {
        SD_BUS_VTABLE_START(0),
                        SD_BUS_METHOD_WITH_ARGS("ListDrivers", SD_BUS_NO_ARGS,
                                        SD_BUS_RESULT("a(sssssbo)", drivers), manager_list_drivers,
                                        SD_BUS_VTABLE_UNPRIVILEGED),
                        SD_BUS_METHOD_WITH_ARGS("ListVersions", SD_BUS_NO_ARGS,
                                        SD_BUS_RESULT("a(sasssbba(ss))", drivers), manager_list_versions,
                                        SD_BUS_VTABLE_UNPRIVILEGED),
                        SD_BUS_METHOD_WITH_ARGS("ListDevices", SD_BUS_ARGS("a{sv}", options),
                                        SD_BUS_RESULT("aa{sv}", devices), manager_list_devices,
                                        SD_BUS_VTABLE_UNPRIVILEGED),
                        SD_BUS_METHOD_WITH_ARGS("GetDriver", SD_BUS_ARGS("s", name),
                                        SD_BUS_RESULT("o", driver), manager_get_driver,
                                        SD_BUS_VTABLE_UNPRIVILEGED),
                        SD_BUS_METHOD_WITH_ARGS("GetDriverByUUID", SD_BUS_ARGS("s", uuid),
                                        SD_BUS_RESULT("o", driver), manager_get_driver_by_uuid,
                                        SD_BUS_VTABLE_UNPRIVILEGED),
                        SD_BUS_METHOD_WITH_ARGS("Rescan", SD_BUS_NO_ARGS, SD_BUS_NO_RESULT, rescan,
                                        SD_BUS_VTABLE_UNPRIVILEGED),
                        SD_BUS_METHOD_WITH_ARGS("Select", SD_BUS_ARGS("a(ss)", targets, "a{sv}", options),
                                        SD_BUS_RESULT("o", job), select_several, SD_BUS_VTABLE_UNPRIVILEGED),
                        SD_BUS_METHOD_WITH_ARGS("Adopt", SD_BUS_ARGS("s", name, "a{sv}", options),
                                        SD_BUS_RESULT("o", job), manager_adopt, SD_BUS_VTABLE_UNPRIVILEGED),
                        SD_BUS_METHOD_WITH_ARGS("Unadopt", SD_BUS_ARGS("s", name, "a{sv}", options),
                                        SD_BUS_RESULT("o", job), manager_unadopt,
                                        SD_BUS_VTABLE_UNPRIVILEGED),
                        SD_BUS_METHOD_WITH_ARGS("Import", SD_BUS_ARGS("a(sh)", files, "a{sv}", options),
                                        SD_BUS_RESULT("o", job), manager_import, SD_BUS_VTABLE_UNPRIVILEGED),
                        SD_BUS_METHOD_WITH_ARGS("KernelAdded", SD_BUS_ARGS("s", release, "a{sv}", options),
                                        SD_BUS_RESULT("o", job), manager_kernel_added,
                                        SD_BUS_VTABLE_UNPRIVILEGED),
                        SD_BUS_METHOD_WITH_ARGS("KernelRemoved", SD_BUS_ARGS("s", release, "a{sv}", options),
                                        SD_BUS_NO_RESULT, manager_kernel_removed,
                                        SD_BUS_VTABLE_UNPRIVILEGED),
                        SD_BUS_METHOD_WITH_ARGS("RebuildInitramfs",
                                        SD_BUS_ARGS("as", releases, "a{sv}", options),
                                        SD_BUS_RESULT("o", job), manager_rebuild_initramfs,
                                        SD_BUS_VTABLE_UNPRIVILEGED),
                        SD_BUS_METHOD_WITH_ARGS("GetInitramfs", SD_BUS_NO_ARGS,
                                        SD_BUS_RESULT("aa{sv}", images), manager_get_initramfs,
                                        SD_BUS_VTABLE_UNPRIVILEGED),
                        SD_BUS_METHOD_WITH_ARGS("ListJobs", SD_BUS_NO_ARGS, SD_BUS_RESULT("a(uosss)", jobs),
                                        manager_list_jobs, SD_BUS_VTABLE_UNPRIVILEGED),
                        SD_BUS_METHOD_WITH_ARGS("GetHistory", SD_BUS_ARGS("a{sv}", filter),
                                        SD_BUS_RESULT("aa{sv}", entries), manager_get_history,
                                        SD_BUS_VTABLE_UNPRIVILEGED),
                        SD_BUS_METHOD_WITH_ARGS("CompareVersions", SD_BUS_ARGS("s", a, "s", b),
                                        SD_BUS_RESULT("i", result), manager_compare_versions,
                                        SD_BUS_VTABLE_UNPRIVILEGED),
                        SD_BUS_PROPERTY("Version", "s", get_version, 0, SD_BUS_VTABLE_PROPERTY_CONST),
                        SD_BUS_PROPERTY("HostID", "s", get_host_id, 0, SD_BUS_VTABLE_PROPERTY_CONST),
                        SD_BUS_PROPERTY("KernelRelease", "s", get_kernel_release, 0,
                                        SD_BUS_VTABLE_PROPERTY_CONST),
                        SD_BUS_PROPERTY("Kernels", "as", get_kernels, 0,
                                        SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
                        SD_BUS_PROPERTY("RebootRequired", "b", get_reboot_required, 0,
                                        SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
                        SD_BUS_PROPERTY("RebootReasons", "as", get_reboot_reasons, 0,
                                        SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
                        SD_BUS_PROPERTY("Problems", "a(sss)", get_problems, 0,
                                        SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
                        SD_BUS_SIGNAL_WITH_ARGS("JobNew", SD_BUS_ARGS("u", id, "o", job, "s", driver), 0),
                        SD_BUS_SIGNAL_WITH_ARGS("JobRemoved",
                                        SD_BUS_ARGS("u", id, "o", job, "s", driver, "s", result), 0),
                        SD_BUS_VTABLE_END,
};

const ObjectKind manager_object = {
        .path = MANAGER_PATH,
        .interface = MANAGER_INTERFACE,
        .vtable = manager_vtable,
};
