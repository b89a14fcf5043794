/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The objects /org/hostdriver1/driver/NAME: found by name, read from the current value. */

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "bus/driver-lookup.h"
#include "bus/driver-methods.h"
#include "bus/error.h"
#include "bus/methods.h"
#include "bus/text.h"
#include "host/name.h"

typedef struct PropertyField {
        const char *property;
        size_t offset; /* in Driver */
} PropertyField;

static const void *find_field(const PropertyField fields[], const char *property, const Driver *driver)
{
        size_t i = 0;

        while (strcmp(fields[i].property, property) != 0)
                i++;
        return (const char *) driver + fields[i].offset;
}

static int get_text(sd_bus *bus, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
        static const PropertyField fields[] = {
                { "Package", offsetof(Driver, package) },
                { "Selected", offsetof(Driver, selected) },
                { "Effective", offsetof(Driver, effective) },
                { "Active", offsetof(Driver, active) },
                { "ActiveBy", offsetof(Driver, active_by) },
                { "Description", offsetof(Driver, description) },
                { "Type", offsetof(Driver, type) },
        };
        const DriverEntry *entry = userdata;

        return text_append(reply, *(char *const *) find_field(fields, property, entry->value));
}

static int get_truth(sd_bus *bus, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
        static const PropertyField fields[] = {
                { "Loaded", offsetof(Driver, loaded) },
                { "RebootRequired", offsetof(Driver, reboot_required) },
                { "HardwarePresent", offsetof(Driver, hardware_present) },
        };
        const DriverEntry *entry = userdata;
        int truth = *(const bool *) find_field(fields, property, entry->value);

        return sd_bus_message_append_basic(reply, 'b', &truth);
}

static int get_identity(sd_bus *bus, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
        const DriverEntry *entry = userdata;

        switch (property[0]) {
        case 'N':
                return sd_bus_message_append_basic(reply, 's', entry->name);
        case 'U':
                return sd_bus_message_append_basic(reply, 's', entry->uuid);
        default:
                return sd_bus_message_append_basic(reply, 's', object_service(bus)->registry->host_id);
        }
}

static int get_versions(sd_bus *bus, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
        const Driver *driver = ((DriverEntry *) userdata)->value;
        int r;

        r = sd_bus_message_open_container(reply, 'a', "s");
        for (size_t i = 0; r >= 0 && i < driver->version_count; i++)
                r = text_append(reply, driver->versions[i].id);
        return r < 0 ? r : sd_bus_message_close_container(reply);
}

static int get_devices(sd_bus *bus, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
        return text_append_set(reply, &((DriverEntry *) userdata)->value->devices);
}

static int get_details(sd_bus *bus, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
        const DriverEntry *entry = userdata;

        return driver_append_details(reply, object_service(bus)->registry->facts->hardware, entry->value);
}

static int get_selected_by_kernel(sd_bus *bus, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
        const Driver *driver = ((DriverEntry *) userdata)->value;
        int r;

        r = sd_bus_message_open_container(reply, 'a', "{ss}");
        for (size_t i = 0; r >= 0 && i < driver->release_count; i++)
                r = sd_bus_message_append(
                                reply, "{ss}", driver->releases[i].release, driver->releases[i].selected);
        return r < 0 ? r : sd_bus_message_close_container(reply);
}

static int get_in_initramfs(sd_bus *bus, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
        const Driver *driver = ((DriverEntry *) userdata)->value;
        int r;

        r = sd_bus_message_open_container(reply, 'a', "{ss}");
        for (size_t i = 0; r >= 0 && i < driver->release_count; i++)
                if (driver->releases[i].in_initramfs)
                        r = sd_bus_message_append(reply, "{ss}", driver->releases[i].release,
                                        driver->releases[i].in_initramfs);
        return r < 0 ? r : sd_bus_message_close_container(reply);
}

static int get_problems(sd_bus *bus, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
        return text_append_problems(reply, &((DriverEntry *) userdata)->value->problems);
}

static int get_job(sd_bus *bus, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
        const DriverEntry *entry = userdata;

        return sd_bus_message_append_basic(reply, 'o', jobs_path_of(object_service(bus)->jobs, entry->name));
}

static int get_uncovered(sd_bus *bus, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
        return text_append_set(reply, &((DriverEntry *) userdata)->value->uncovered);
}

static int get_reboot_reasons(sd_bus *bus, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
        const Driver *driver = ((DriverEntry *) userdata)->value;
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

static int get_policy(sd_bus *bus, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
        const DriverEntry *entry = userdata;

        return sd_bus_message_append_basic(reply, 's', kernel_policy_text(entry->policy));
}

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
        SD_BUS_METHOD_WITH_ARGS("Check", SD_BUS_ARGS("s", version, "a{sv}", options), SD_BUS_RESULT("a(sss)", findings), driver_check, ANYBODY),
        SD_BUS_METHOD_WITH_ARGS("Remove", SD_BUS_ARGS("s", version, "a{sv}", options), SD_BUS_RESULT("o", job), method_handle, ANYBODY),
        SD_BUS_METHOD_WITH_ARGS("Why", SD_BUS_NO_ARGS, SD_BUS_RESULT("a(ssbs)", candidates), driver_why, ANYBODY),
        SD_BUS_METHOD_WITH_ARGS("SetPolicy", SD_BUS_ARGS("s", policy, "a{sv}", options), SD_BUS_NO_RESULT, method_handle, ANYBODY),
        SD_BUS_PROPERTY("Name", "s", get_identity, 0, CONST),
        SD_BUS_PROPERTY("UUID", "s", get_identity, 0, CONST),
        SD_BUS_PROPERTY("Host", "s", get_identity, 0, CONST),
        SD_BUS_PROPERTY("Package", "s", get_text, 0, CHANGES),
        SD_BUS_PROPERTY("Versions", "as", get_versions, 0, CHANGES),
        SD_BUS_PROPERTY("Selected", "s", get_text, 0, CHANGES),
        SD_BUS_PROPERTY("Effective", "s", get_text, 0, CHANGES),
        SD_BUS_PROPERTY("Active", "s", get_text, 0, CHANGES),
        SD_BUS_PROPERTY("ActiveBy", "s", get_text, 0, CHANGES),
        SD_BUS_PROPERTY("Loaded", "b", get_truth, 0, CHANGES),
        SD_BUS_PROPERTY("RebootRequired", "b", get_truth, 0, CHANGES),
        SD_BUS_PROPERTY("RebootReasons", "as", get_reboot_reasons, 0, CHANGES),
        SD_BUS_PROPERTY("Description", "s", get_text, 0, CHANGES),
        SD_BUS_PROPERTY("Type", "s", get_text, 0, CHANGES),
        SD_BUS_PROPERTY("HardwarePresent", "b", get_truth, 0, CHANGES),
        SD_BUS_PROPERTY("Devices", "as", get_devices, 0, CHANGES),
        SD_BUS_PROPERTY("VersionDetails", "a{sa{sv}}", get_details, 0, INVALIDATES),
        SD_BUS_PROPERTY("SelectedByKernel", "a{ss}", get_selected_by_kernel, 0, CHANGES),
        SD_BUS_PROPERTY("InInitramfs", "a{ss}", get_in_initramfs, 0, CHANGES),
        SD_BUS_PROPERTY("KernelsNotCovered", "as", get_uncovered, 0, CHANGES),
        SD_BUS_PROPERTY("Policy", "s", get_policy, 0, CHANGES),
        SD_BUS_PROPERTY("Problems", "a(sss)", get_problems, 0, CHANGES),
        SD_BUS_PROPERTY("Job", "o", get_job, 0, CHANGES),
        SD_BUS_VTABLE_END,
};
/* clang-format on */

const ObjectKind driver_object = {
        .path = DRIVER_PREFIX,
        .interface = DRIVER_INTERFACE,
        .vtable = driver_vtable,
        .find = find_driver,
        .enumerate = enumerate_drivers,
        .refuse_unknown = refuse_unknown,
};
