/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The object /org/hostdriver1: its properties, and its methods that only read. */

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "bus/device-list.h"
#include "bus/driver-lookup.h"
#include "bus/error.h"
#include "bus/image-list.h"
#include "bus/methods.h"
#include "bus/options.h"
#include "bus/service.h"
#include "bus/text.h"
#include "host/name.h"
#include "model/version-order.h"
#include "store/store-history.h"
#include "util/root-id.h"

/* --- properties -------------------------------------------------------------------------------------- */

static int append_version(sd_bus_message *reply, const void *service)
{
        return sd_bus_message_append_basic(reply, 's', PROJECT_VERSION);
}

static int append_host_id(sd_bus_message *reply, const void *service)
{
        return sd_bus_message_append_basic(reply, 's', ((const Service *) service)->registry->host_id);
}

static int append_root_id(sd_bus_message *reply, const void *service)
{
        int fd CLEANUP_FD = host_root_open(
                        ((const Service *) service)->root, "/lib/modules", O_PATH | O_DIRECTORY);
        char id[ROOT_ID_SIZE] = "";

        if (fd >= 0 && root_id_read(fd, id) < 0)
                id[0] = '\0';
        return sd_bus_message_append_basic(reply, 's', id);
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
static const PropertyType root_id = { append_root_id, NULL };
static const PropertyType kernel_release = { append_kernel_release, NULL };
static const PropertyType reboot_required = { append_reboot_required, same_reboot_required };

/* clang-format off */
#define MANAGER_PROPERTIES(ROW) \
        ROW("Version",        "s",      version,           WHOLE_OBJECT,                        CONST) \
        ROW("HostID",         "s",      host_id,           WHOLE_OBJECT,                        CONST) \
        ROW("RootID",         "s",      root_id,           WHOLE_OBJECT,                        UNTOLD) \
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

/* --- methods that only read -------------------------------------------------------------------------- */

/* Appends the item at INDEX of LIST. */
typedef int (*ItemAppender)(sd_bus_message *reply, const void *list, size_t index);

/* Answers with an array of COUNT items of TYPE. A negative errno without an error of its own is the
 * message's fault or ours; sd-bus knows. */
static int reply_array(sd_bus_message *message, const char *type, const void *list, size_t count,
                ItemAppender append)
{
        sd_bus_message *reply CLEANUP(sd_bus_message_unrefp) = NULL;
        int r = sd_bus_message_new_method_return(message, &reply);

        if (r >= 0)
                r = sd_bus_message_open_container(reply, 'a', type);
        for (size_t i = 0; r >= 0 && i < count; i++)
                r = append(reply, list, i);
        if (r >= 0)
                r = sd_bus_message_close_container(reply);
        return r < 0 ? r : sd_bus_message_send(reply);
}

static int append_driver(sd_bus_message *reply, const void *list, size_t index)
{
        const DriverEntry *entry = ((const Registry *) list)->entries[index];
        const Driver *driver = entry->value;
        char *path CLEANUP_FREE = NULL;
        int r = driver_path(entry->name, &path);

        if (r < 0)
                return r;
        return sd_bus_message_append(reply, "(sssssbo)", entry->name, entry->uuid, driver->package,
                        driver->selected, driver->active, (int) driver->reboot_required, path);
}

static int list_drivers(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
        const Registry *registry = ((Service *) userdata)->registry;

        return reply_array(message, "(sssssbo)", registry, registry->count, append_driver);
}

static int append_versions(sd_bus_message *reply, const Driver *driver)
{
        int r = sd_bus_message_open_container(reply, 'a', "s");

        for (size_t i = 0; r >= 0 && i < driver->version_count; i++)
                r = sd_bus_message_append_basic(reply, 's', driver->versions[i].id);
        return r < 0 ? r : sd_bus_message_close_container(reply);
}

static int append_problem_codes(sd_bus_message *reply, const ProblemList *problems)
{
        int r = sd_bus_message_open_container(reply, 'a', "(ss)");

        for (size_t i = 0; r >= 0 && i < problems->count; i++)
                r = sd_bus_message_append(reply, "(ss)", severity_text(problems->items[i].severity),
                                problems->items[i].code);
        return r < 0 ? r : sd_bus_message_close_container(reply);
}

static int append_overview(sd_bus_message *reply, const void *list, size_t index)
{
        const DriverEntry *entry = ((const Registry *) list)->entries[index];
        const Driver *driver = entry->value;
        int r = sd_bus_message_open_container(reply, 'r', "sasssbba(ss)");

        if (r >= 0)
                r = sd_bus_message_append_basic(reply, 's', entry->name);
        if (r >= 0)
                r = append_versions(reply, driver);
        if (r >= 0)
                r = sd_bus_message_append(reply, "ssbb", driver->selected, driver->active,
                                (int) driver->loaded, (int) driver->reboot_required);
        if (r >= 0)
                r = append_problem_codes(reply, &driver->problems);
        return r < 0 ? r : sd_bus_message_close_container(reply);
}

static int list_versions(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
        const Registry *registry = ((Service *) userdata)->registry;

        return reply_array(message, "(sasssbba(ss))", registry, registry->count, append_overview);
}

static int reply_path(sd_bus_message *message, const DriverEntry *entry)
{
        char *path CLEANUP_FREE = NULL;
        int r = driver_path(entry->name, &path);

        return r < 0 ? r : sd_bus_reply_method_return(message, "o", path);
}

static int get_driver(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
        const Service *service = userdata;
        const DriverEntry *entry;
        const char *name;
        int r;

        r = sd_bus_message_read_basic(message, 's', &name);
        if (r < 0)
                return r;
        entry = driver_look_up(service->registry, name, error);
        if (!entry)
                return -sd_bus_error_get_errno(error);
        return reply_path(message, entry);
}

static int get_driver_by_uuid(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
        const Service *service = userdata;
        char *printable CLEANUP_FREE = NULL;
        const DriverEntry *entry;
        const char *uuid;
        int r;

        r = sd_bus_message_read_basic(message, 's', &uuid);
        if (r < 0)
                return r;
        entry = registry_find_uuid(service->registry, uuid);
        if (entry)
                return reply_path(message, entry);
        printable = name_escape(uuid);
        if (!printable)
                return -ENOMEM;
        return error_refuse(error, REFUSAL_NO_SUCH_DRIVER, "No driver with the UUID '%s' is installed.",
                        printable);
}

static int append_job(sd_bus_message *reply, const void *list, size_t index)
{
        const JobEntry *entry = ((const Jobs *) list)->entries[index];
        const Job *job = entry->job;

        return sd_bus_message_append(reply, "(uosss)", job->id, entry->path, job->driver,
                        job_state_text(job->state), job->step);
}

static int list_jobs(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
        const Jobs *jobs = ((Service *) userdata)->jobs;

        return reply_array(message, "(uosss)", jobs, jobs->count, append_job);
}

/* The database may be damaged, so none of its texts is trusted. */
static int append_history_texts(sd_bus_message *reply, const HistoryEntry *entry)
{
        const struct {
                const char *key, *value;
        } texts[] = {
                { "boot-id", entry->boot_id },
                { "kind", entry->kind },
                { "driver", entry->driver },
                { "kernel", entry->release },
                { "from", entry->from },
                { "to", entry->to },
                { "result", entry->result },
                { "detail", entry->detail },
        };
        int r = 0;

        for (size_t i = 0; r >= 0 && i < ELEMENTSOF(texts); i++)
                r = text_append_pair(reply, texts[i].key, texts[i].value);
        return r;
}

static int append_history_entry(sd_bus_message *reply, const void *list, size_t index)
{
        const HistoryEntry *entry = &((const HistoryList *) list)->items[index];
        int r = sd_bus_message_open_container(reply, 'a', "{sv}");

        if (r >= 0)
                r = sd_bus_message_append(reply, "{sv}{sv}{sv}", "id", "x", entry->id, "time", "t",
                                (uint64_t) entry->time_us, "uid", "u", entry->uid);
        if (r >= 0)
                r = append_history_texts(reply, entry);
        return r < 0 ? r : sd_bus_message_close_container(reply);
}

static int reply_history(sd_bus_message *message, const HistoryList *list)
{
        return reply_array(message, "a{sv}", list, list->count, append_history_entry);
}

static int get_history(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
        const Service *service = userdata;
        HistoryList list CLEANUP(history_list_done) = { 0 };
        Options options CLEANUP_OPTIONS = { 0 };
        char *canonical CLEANUP_FREE = NULL;
        HistoryFilter filter = { 0 };
        int r;

        r = options_read(message, OPTION_DRIVER | OPTION_SINCE | OPTION_LIMIT, &options, error);
        if (r < 0)
                return r;
        if (options.driver) {
                /* A driver that was removed has a history; one that can't be has none. */
                if (module_name_canonical(options.driver, &canonical) < 0)
                        return reply_history(message, &list);
                filter.driver = canonical;
        }
        filter.since_us = options.since > INT64_MAX ? INT64_MAX : (int64_t) options.since;
        filter.limit = options.limit;
        r = store_history(service->store, &filter, &list);
        if (r < 0)
                return error_from_errno(error, r, "Reading the history");
        return reply_history(message, &list);
}

static int compare_versions(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
        const char *a, *b;
        int order, r;

        r = sd_bus_message_read(message, "ss", &a, &b);
        if (r < 0)
                return r;
        order = version_compare(a, b);
        return sd_bus_reply_method_return(message, "i", (order > 0) - (order < 0));
}

/* clang-format off */
static const sd_bus_vtable manager_vtable[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_METHOD_WITH_ARGS("ListDrivers", SD_BUS_NO_ARGS, SD_BUS_RESULT("a(sssssbo)", drivers), list_drivers, ANYBODY),
        SD_BUS_METHOD_WITH_ARGS("ListVersions", SD_BUS_NO_ARGS, SD_BUS_RESULT("a(sasssbba(ss))", drivers), list_versions, ANYBODY),
        SD_BUS_METHOD_WITH_ARGS("ListDevices", SD_BUS_ARGS("a{sv}", options), SD_BUS_RESULT("aa{sv}", devices), manager_list_devices, ANYBODY),
        SD_BUS_METHOD_WITH_ARGS("GetDriver", SD_BUS_ARGS("s", name), SD_BUS_RESULT("o", driver), get_driver, ANYBODY),
        SD_BUS_METHOD_WITH_ARGS("GetDriverByUUID", SD_BUS_ARGS("s", uuid), SD_BUS_RESULT("o", driver), get_driver_by_uuid, ANYBODY),
        SD_BUS_METHOD_WITH_ARGS("Rescan", SD_BUS_NO_ARGS, SD_BUS_NO_RESULT, method_handle, ANYBODY),
        SD_BUS_METHOD_WITH_ARGS("Select", SD_BUS_ARGS("a(ss)", targets, "a{sv}", options), SD_BUS_RESULT("o", job), method_handle, ANYBODY),
        SD_BUS_METHOD_WITH_ARGS("Adopt", SD_BUS_ARGS("s", name, "a{sv}", options), SD_BUS_RESULT("o", job), method_handle, ANYBODY),
        SD_BUS_METHOD_WITH_ARGS("Unadopt", SD_BUS_ARGS("s", name, "a{sv}", options), SD_BUS_RESULT("o", job), method_handle, ANYBODY),
        SD_BUS_METHOD_WITH_ARGS("Import", SD_BUS_ARGS("a(sh)", files, "a{sv}", options), SD_BUS_RESULT("o", job), method_handle, ANYBODY),
        SD_BUS_METHOD_WITH_ARGS("KernelAdded", SD_BUS_ARGS("s", release, "a{sv}", options), SD_BUS_RESULT("o", job), method_handle, ANYBODY),
        SD_BUS_METHOD_WITH_ARGS("KernelRemoved", SD_BUS_ARGS("s", release, "a{sv}", options), SD_BUS_NO_RESULT, method_handle, ANYBODY),
        SD_BUS_METHOD_WITH_ARGS("RebuildInitramfs", SD_BUS_ARGS("as", releases, "a{sv}", options), SD_BUS_RESULT("o", job), method_handle, ANYBODY),
        SD_BUS_METHOD_WITH_ARGS("GetInitramfs", SD_BUS_NO_ARGS, SD_BUS_RESULT("aa{sv}", images), manager_get_initramfs, ANYBODY),
        SD_BUS_METHOD_WITH_ARGS("ListJobs", SD_BUS_NO_ARGS, SD_BUS_RESULT("a(uosss)", jobs), list_jobs, ANYBODY),
        SD_BUS_METHOD_WITH_ARGS("GetHistory", SD_BUS_ARGS("a{sv}", filter), SD_BUS_RESULT("aa{sv}", entries), get_history, ANYBODY),
        SD_BUS_METHOD_WITH_ARGS("CompareVersions", SD_BUS_ARGS("s", a, "s", b), SD_BUS_RESULT("i", result), compare_versions, ANYBODY),
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
