/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The objects /org/hostdriver1/driver/NAME: found by name, read from the current value. */

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "bus/driver-details.h"
#include "bus/driver-lookup.h"
#include "bus/error.h"
#include "bus/methods.h"
#include "bus/service.h"
#include "bus/text.h"
#include "host/name.h"
#include "model/driver-compare.h"
#include "model/why.h"

/* --- properties -------------------------------------------------------------------------------------- */

static const Service *service_of(sd_bus_message *reply)
{
        return object_service(sd_bus_message_get_bus(reply));
}

static int append_host(sd_bus_message *reply, const void *entry)
{
        return sd_bus_message_append_basic(reply, 's', service_of(reply)->registry->host_id);
}

static int append_versions(sd_bus_message *reply, const void *value)
{
        const Driver *driver = value;
        int r = sd_bus_message_open_container(reply, 'a', "s");

        for (size_t i = 0; r >= 0 && i < driver->version_count; i++)
                r = text_append(reply, driver->versions[i].id);
        return r < 0 ? r : sd_bus_message_close_container(reply);
}

static int append_details(sd_bus_message *reply, const void *value)
{
        return driver_append_details(reply, service_of(reply)->registry->facts, value);
}

static int append_selections(sd_bus_message *reply, const void *value)
{
        const Driver *driver = value;
        int r = sd_bus_message_open_container(reply, 'a', "{ss}");

        for (size_t i = 0; r >= 0 && i < driver->release_count; i++)
                r = sd_bus_message_append(
                                reply, "{ss}", driver->releases[i].release, driver->releases[i].selected);
        return r < 0 ? r : sd_bus_message_close_container(reply);
}

static int append_initramfs(sd_bus_message *reply, const void *value)
{
        const Driver *driver = value;
        int r = sd_bus_message_open_container(reply, 'a', "{ss}");

        for (size_t i = 0; r >= 0 && i < driver->release_count; i++)
                if (driver->releases[i].in_initramfs)
                        r = sd_bus_message_append(reply, "{ss}", driver->releases[i].release,
                                        driver->releases[i].in_initramfs);
        return r < 0 ? r : sd_bus_message_close_container(reply);
}

static int append_reboot_reasons(sd_bus_message *reply, const void *value)
{
        const Driver *driver = value;
        char *reason CLEANUP_FREE = driver_reboot_reason(driver);
        int r;

        if (driver->reboot_required && !reason)
                return -ENOMEM;
        if (reason) /* a sentence of its own here */
                *reason = (char) toupper(*reason);
        r = sd_bus_message_open_container(reply, 'a', "s");
        if (r >= 0 && reason)
                r = text_append(reply, reason);
        return r < 0 ? r : sd_bus_message_close_container(reply);
}

static int append_policy(sd_bus_message *reply, const void *entry)
{
        return text_append(reply, kernel_policy_text(((const DriverEntry *) entry)->policy));
}

static int append_job(sd_bus_message *reply, const void *entry)
{
        return sd_bus_message_append_basic(reply, 'o',
                        jobs_path_of(service_of(reply)->jobs, ((const DriverEntry *) entry)->name));
}

static const PropertyType host = { append_host, NULL };
static const PropertyType versions = { append_versions, driver_same_versions };
static const PropertyType details = { append_details, driver_same_details };
static const PropertyType selections = { append_selections, driver_same_selections };
static const PropertyType in_initramfs = { append_initramfs, driver_same_initramfs };
static const PropertyType reboot_reasons = { append_reboot_reasons, driver_same_reboot_reason };
static const PropertyType policy = { append_policy, NULL };
static const PropertyType running_job = { append_job, NULL };

/* clang-format off */
#define DRIVER_PROPERTIES(ROW) \
        ROW("Name",              "s",         property_text,     IN_OBJECT(DriverEntry, name),       CONST) \
        ROW("UUID",              "s",         property_text,     IN_OBJECT(DriverEntry, uuid),       CONST) \
        ROW("Host",              "s",         host,              WHOLE_OBJECT,                       CONST) \
        ROW("Package",           "s",         property_text,     IN_VALUE(Driver, package),          EMITS_CHANGE) \
        ROW("Versions",          "as",        versions,          WHOLE_VALUE,                        EMITS_CHANGE) \
        ROW("Selected",          "s",         property_text,     IN_VALUE(Driver, selected),         EMITS_CHANGE) \
        ROW("Effective",         "s",         property_text,     IN_VALUE(Driver, effective),        EMITS_CHANGE) \
        ROW("Active",            "s",         property_text,     IN_VALUE(Driver, active),           EMITS_CHANGE) \
        ROW("ActiveBy",          "s",         property_text,     IN_VALUE(Driver, active_by),        EMITS_CHANGE) \
        ROW("Loaded",            "b",         property_truth,    IN_VALUE(Driver, loaded),           EMITS_CHANGE) \
        ROW("RebootRequired",    "b",         property_truth,    IN_VALUE(Driver, reboot_required),  EMITS_CHANGE) \
        ROW("RebootReasons",     "as",        reboot_reasons,    WHOLE_VALUE,                        EMITS_CHANGE) \
        ROW("Description",       "s",         property_text,     IN_VALUE(Driver, description),      EMITS_CHANGE) \
        ROW("Type",              "s",         property_text,     IN_VALUE(Driver, type),             EMITS_CHANGE) \
        ROW("HardwarePresent",   "b",         property_truth,    IN_VALUE(Driver, hardware_present), EMITS_CHANGE) \
        ROW("Devices",           "as",        property_set,      IN_VALUE(Driver, devices),          EMITS_CHANGE) \
        ROW("VersionDetails",    "a{sa{sv}}", details,           WHOLE_VALUE,                        EMITS_INVALIDATION) \
        ROW("SelectedByKernel",  "a{ss}",     selections,        WHOLE_VALUE,                        EMITS_CHANGE) \
        ROW("InInitramfs",       "a{ss}",     in_initramfs,      WHOLE_VALUE,                        EMITS_CHANGE) \
        ROW("KernelsNotCovered", "as",        property_set,      IN_VALUE(Driver, uncovered),        EMITS_CHANGE) \
        ROW("Policy",            "s",         policy,            WHOLE_OBJECT,                       EMITS_CHANGE) \
        ROW("Problems",          "a(sss)",    property_problems, IN_VALUE(Driver, problems),         EMITS_CHANGE) \
        ROW("Job",               "o",         running_job,       WHOLE_OBJECT,                       EMITS_CHANGE)
/* clang-format on */

static const Property rows[] = { DRIVER_PROPERTIES(PROPERTY_ROW) };

static const void *value_of(const void *entry)
{
        return ((const DriverEntry *) entry)->value;
}

static const PropertyTable properties = { rows, ELEMENTSOF(rows), value_of };

static int get_property(sd_bus *bus, const char *path, const char *interface, const char *name,
                sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
        return property_append(&properties, name, userdata, reply);
}

/* --- methods that only read -------------------------------------------------------------------------- */

static int check(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
        const DriverEntry *entry = userdata;
        sd_bus_message *reply CLEANUP(sd_bus_message_unrefp) = NULL;
        ProblemList findings CLEANUP_PROBLEM_LIST = { 0 };
        Options options CLEANUP_OPTIONS = { 0 };
        Refusal refusal CLEANUP_REFUSAL = { 0 };
        ChangeTarget target = { .driver = entry->name };
        Request request = {
                .operation = &operation_table[OPERATION_SELECT], .targets = &target, .target_count = 1
        };
        const char *version;
        int r;

        r = sd_bus_message_read_basic(message, 's', &version);
        if (r < 0)
                return r;
        r = options_read(message, OPTION_KERNELS, &options, error);
        if (r < 0)
                return r;
        r = method_check_version(entry->name, version, error);
        if (r < 0)
                return r;
        target.version = version;
        request.kernels = options.given & OPTION_KERNELS ? &options.kernels : NULL;
        r = proposal_check(object_service(sd_bus_message_get_bus(message))->changer, &request, &findings,
                        &refusal);
        if (r < 0)
                return error_from_result(error, r, &refusal, "The check");
        r = sd_bus_message_new_method_return(message, &reply);
        if (r < 0)
                return r;
        r = text_append_problems(reply, &findings);
        return r < 0 ? r : sd_bus_message_send(reply);
}

static int append_entry(sd_bus_message *reply, const WhyEntry *entry)
{
        int effective = entry->effective, r;

        r = sd_bus_message_open_container(reply, 'r', "ssbs");
        if (r < 0)
                return r;
        r = text_append(reply, entry->path);
        if (r < 0)
                return r;
        r = text_append(reply, entry->version);
        if (r < 0)
                return r;
        r = sd_bus_message_append_basic(reply, 'b', &effective);
        if (r < 0)
                return r;
        r = text_append(reply, entry->reason);
        return r < 0 ? r : sd_bus_message_close_container(reply);
}

static int explain(const Service *service, const DriverEntry *entry, WhyList *ret)
{
        CandidateList candidates CLEANUP_CANDIDATE_LIST = { 0 };
        DepmodConfig config CLEANUP_DEPMOD_CONFIG = { 0 };
        const Facts *facts = service->registry->facts;
        const HostRoot *root = service->root;
        int r;

        r = depmod_config_read(root, facts->kernel, &config);
        if (r < 0)
                return r;
        r = candidates_read_module(root, facts->kernel, entry->name, &config, &facts->formats, &candidates);
        if (r < 0)
                return r;
        r = why_derive(facts, entry->value, facts->kernel, &config, &candidates, ret);
        /* A kernel without a module directory has no candidates. */
        return r == -ENOENT ? 0 : r;
}

static int get_why(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
        sd_bus_message *reply CLEANUP(sd_bus_message_unrefp) = NULL;
        WhyList list CLEANUP_WHY_LIST = { 0 };
        int r;

        r = explain(object_service(sd_bus_message_get_bus(message)), userdata, &list);
        if (r < 0)
                return error_from_errno(error, r, "Looking for the candidates");
        r = sd_bus_message_new_method_return(message, &reply);
        if (r < 0)
                return r;
        r = sd_bus_message_open_container(reply, 'a', "(ssbs)");
        for (size_t i = 0; r >= 0 && i < list.count; i++)
                r = append_entry(reply, &list.items[i]);
        if (r >= 0)
                r = sd_bus_message_close_container(reply);
        return r < 0 ? r : sd_bus_message_send(reply);
}

/* --- finding ----------------------------------------------------------------------------------------- */

/* 1 and the driver's name, or 0 if PATH is none of a driver's, or a negative errno. */
static int decode_path(const char *path, char **ret)
{
        int r = sd_bus_path_decode(path, DRIVER_PREFIX, ret);

        /* sd-bus asks for the prefix itself when it lists all objects: no driver, but no error either. */
        return r > 0 && **ret == '\0' ? 0 : r;
}

static int find_driver(sd_bus *bus, const char *path, const char *interface, void *userdata,
                void **ret_found, sd_bus_error *error)
{
        char *name CLEANUP_FREE = NULL;
        int r = decode_path(path, &name);

        if (r <= 0)
                return r;
        *ret_found = registry_find(((const Service *) userdata)->registry, name);
        return *ret_found ? 1 : 0;
}

/* Better than the "Unknown object" that sd-bus would say: the driver may have gone a moment ago. */
static int refuse_unknown(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
        char *name CLEANUP_FREE = NULL, *printable CLEANUP_FREE = NULL;
        int r = decode_path(sd_bus_message_get_path(message), &name);

        if (r <= 0)
                return r;
        if (registry_find(((const Service *) userdata)->registry, name))
                return 0;
        printable = name_escape(name);
        return printable ? error_refuse(error, REFUSAL_NO_SUCH_DRIVER,
                                           "No driver '%s' is installed in a version of its own.", printable)
                         : -ENOMEM;
}

static int enumerate_drivers(
                sd_bus *bus, const char *prefix, void *userdata, char ***ret_nodes, sd_bus_error *error)
{
        const Registry *registry = ((Service *) userdata)->registry;
        StringSet nodes CLEANUP_STRING_SET = { 0 };

        for (size_t i = 0; i < registry->count; i++) {
                char *path CLEANUP_FREE = NULL;

                if (driver_path(registry->entries[i]->name, &path) < 0 || string_set_add(&nodes, path) < 0)
                        return -ENOMEM;
        }
        *ret_nodes = nodes.items; /* a strv, which sd-bus frees */
        nodes = (StringSet){ 0 };
        return 0;
}

/* clang-format off */
static const sd_bus_vtable driver_vtable[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_METHOD_WITH_ARGS("Select", SD_BUS_ARGS("s", version, "a{sv}", options), SD_BUS_RESULT("o", job), method_handle, ANYBODY),
        SD_BUS_METHOD_WITH_ARGS("Deselect", SD_BUS_ARGS("a{sv}", options), SD_BUS_RESULT("o", job), method_handle, ANYBODY),
        SD_BUS_METHOD_WITH_ARGS("Check", SD_BUS_ARGS("s", version, "a{sv}", options), SD_BUS_RESULT("a(sss)", findings), check, ANYBODY),
        SD_BUS_METHOD_WITH_ARGS("Remove", SD_BUS_ARGS("s", version, "a{sv}", options), SD_BUS_RESULT("o", job), method_handle, ANYBODY),
        SD_BUS_METHOD_WITH_ARGS("Why", SD_BUS_NO_ARGS, SD_BUS_RESULT("a(ssbs)", candidates), get_why, ANYBODY),
        SD_BUS_METHOD_WITH_ARGS("SetPolicy", SD_BUS_ARGS("s", policy, "a{sv}", options), SD_BUS_NO_RESULT, method_handle, ANYBODY),
        DRIVER_PROPERTIES(PROPERTY_VTABLE_ROW)
        SD_BUS_VTABLE_END,
};
/* clang-format on */

const ObjectKind driver_object = {
        .path = DRIVER_PREFIX,
        .interface = DRIVER_INTERFACE,
        .vtable = driver_vtable,
        .properties = &properties,
        .find = find_driver,
        .enumerate = enumerate_drivers,
        .refuse_unknown = refuse_unknown,
};
