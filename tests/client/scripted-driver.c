/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Three drivers with fixed properties: one with everything, one plain, one with names that mislead. */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "scripted.h"
#include "util/macros.h"

typedef struct FixedDriver {
        const char *name, *package;
        const char *versions[8];
        const char *selected, *effective, *active, *active_by, *description, *type;
        bool loaded, reboot_required, hardware_present, has_problem;
} FixedDriver;

static const FixedDriver drivers[] = {
        { .name = "igb",
                        .package = "intel-igb",
                        .versions = { "5.17.4" },
                        .selected = "5.17.4",
                        .effective = "/lib/modules/6.1.0-50-amd64/updates/igb.ko",
                        .active = "",
                        .active_by = "",
                        .description = "Intel(R) Gigabit Ethernet Linux Driver",
                        .type = "network" },
        { .name = "ice",
                        .package = "intel-ice",
                        .versions = { "kernel", "1.6.4", "1.11.17.1" },
                        .selected = "1.11.17.1",
                        .effective = "/lib/modules/6.1.0-50-amd64/updates/ice.ko",
                        .active = "1.6.4",
                        .active_by = "note",
                        .description = "Intel(R) Ethernet Connection E800 Series Linux Driver",
                        .type = "network",
                        .loaded = true,
                        .reboot_required = true,
                        .hardware_present = true,
                        .has_problem = true },
        /* An escape sequence, a wide character and one that turns the line round. */
        { .name = "odd_names",
                        .package = "odd",
                        .versions = { "1\033[31m", "版本2", "3\u202e4" },
                        .selected = "1\033[31m",
                        .effective = "",
                        .active = "",
                        .active_by = "",
                        .description = "",
                        .type = "",
                        .loaded = true },
};

int scripted_driver_find(const char *name, char **ret_path)
{
        if (strcmp(name, "hostile") == 0) {
                *ret_path = strdup(HOSTILE_PATH);
                return *ret_path ? 1 : -ENOMEM;
        }
        for (size_t i = 0; i < ELEMENTSOF(drivers); i++)
                if (strcmp(drivers[i].name, name) == 0)
                        return sd_bus_path_encode(DRIVER_PREFIX, name, ret_path) < 0 ? -ENOMEM : 1;
        return 0;
}

static int find(sd_bus *bus, const char *path, const char *interface, void *userdata, void **ret,
                sd_bus_error *error)
{
        char *name CLEANUP_FREE = NULL;
        int r = sd_bus_path_decode(path, DRIVER_PREFIX, &name);

        for (size_t i = 0; r > 0 && i < ELEMENTSOF(drivers); i++)
                if (strcmp(drivers[i].name, name) == 0) {
                        *ret = (void *) &drivers[i];
                        return 1;
                }
        return r < 0 ? r : 0;
}

static int enumerate(sd_bus *bus, const char *prefix, void *userdata, char ***ret, sd_bus_error *error)
{
        char **paths = calloc(ELEMENTSOF(drivers) + 1, sizeof(char *));

        if (!paths)
                return -ENOMEM;
        for (size_t i = 0; i < ELEMENTSOF(drivers); i++)
                if (sd_bus_path_encode(DRIVER_PREFIX, drivers[i].name, &paths[i]) < 0)
                        abort();
        *ret = paths;
        return 0;
}

static int get_text(sd_bus *bus, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
        const FixedDriver *driver = userdata;
        const struct {
                const char *property, *text;
        } texts[] = {
                { "Name", driver->name },
                { "UUID", "7f1c3a52-6a0f-5b9e-8f53-21b1d0a4c9e7" },
                { "Host", "0d7d4a4e-7b0b-4f4a-9d53-4a6f2f3a5b10" },
                { "Package", driver->package },
                { "Selected", driver->selected },
                { "Effective", driver->effective },
                { "Active", driver->active },
                { "ActiveBy", driver->active_by },
                { "Description", driver->description },
                { "Type", driver->type },
                { "Policy", driver->has_problem ? "newest" : "pin" },
        };

        for (size_t i = 0; i < ELEMENTSOF(texts); i++)
                if (strcmp(texts[i].property, property) == 0)
                        return sd_bus_message_append(reply, "s", texts[i].text);
        return -EINVAL;
}

static int get_flag(sd_bus *bus, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
        const FixedDriver *driver = userdata;
        bool flag = strcmp(property, "Loaded") == 0           ? driver->loaded
                    : strcmp(property, "RebootRequired") == 0 ? driver->reboot_required
                                                              : driver->hardware_present;

        return sd_bus_message_append(reply, "b", flag);
}

static int get_reboot_reasons(sd_bus *bus, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
        const FixedDriver *driver = userdata;
        char *reason CLEANUP_FREE = NULL;

        if (!driver->reboot_required)
                return sd_bus_message_append(reply, "as", 0);
        if (asprintf(&reason, "Version %s is loaded, and version %s is selected for the next boot.",
                            driver->active, driver->selected) < 0) {
                reason = NULL;
                return -ENOMEM;
        }
        return sd_bus_message_append(reply, "as", 1, reason);
}

static int get_versions(sd_bus *bus, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
        return sd_bus_message_append_strv(reply, (char **) ((const FixedDriver *) userdata)->versions);
}

static int get_devices(sd_bus *bus, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
        return ((const FixedDriver *) userdata)->hardware_present
                               ? sd_bus_message_append(reply, "as", 2,
                                                 "/sys/devices/pci0000:00/0000:3b:00.0",
                                                 "/sys/devices/pci0000:00/0000:3b:00.1")
                               : sd_bus_message_append(reply, "as", 0);
}

static int get_details(sd_bus *bus, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
        const FixedDriver *driver = userdata;
        int r = sd_bus_message_open_container(reply, 'a', "{sa{sv}}");

        for (size_t i = 0; r >= 0 && driver->versions[i]; i++)
                r = sd_bus_message_append(reply, "{sa{sv}}", driver->versions[i], 5, "tree", "s",
                                strcmp(driver->versions[i], "kernel") == 0 ? "kernel" : "xenserver",
                                "vermagic", "s", "6.1.0-50-amd64 SMP preempt mod_unload modversions",
                                "signed", "b", 1, "priority", "x", INT64_C(100), "kernels", "as", 2,
                                "6.1.0-49-amd64", "6.1.0-50-amd64");
        return r < 0 ? r : sd_bus_message_close_container(reply);
}

static int get_kernels(sd_bus *bus, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
        const FixedDriver *driver = userdata;

        return sd_bus_message_append(
                        reply, "a{ss}", 2, "6.1.0-49-amd64", "", "6.1.0-50-amd64", driver->selected);
}

static int get_problems(sd_bus *bus, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
        if (!((const FixedDriver *) userdata)->has_problem)
                return sd_bus_message_append(reply, "a(sss)", 1, "info", "no-hardware",
                                "This host has no device that it drives.");
        return sd_bus_message_append(reply, "a(sss)", 2, "warning", "note-disagrees",
                        "The note of the loaded module names 1.6.5, but its build-id is that of 1.6.4.",
                        "error", "effective-differs",
                        "Version 1.11.17.1 is selected, but the kernel would load another file. Select it "
                        "again.");
}

static int append_driver(sd_bus_message *reply, const FixedDriver *driver)
{
        int r = sd_bus_message_open_container(reply, 'r', "sasssbba(ss)");

        if (r >= 0)
                r = sd_bus_message_append_basic(reply, 's', driver->name);
        if (r >= 0)
                r = sd_bus_message_append_strv(reply, (char **) driver->versions);
        if (r >= 0)
                r = sd_bus_message_append(reply, "ssbb", driver->selected, driver->active,
                                (int) driver->loaded, (int) driver->reboot_required);
        if (r >= 0)
                r = driver->has_problem ? sd_bus_message_append(reply, "a(ss)", 2, "warning",
                                                          "note-disagrees", "error", "effective-differs")
                                        : sd_bus_message_append(reply, "a(ss)", 1, "info", "no-hardware");
        return r < 0 ? r : sd_bus_message_close_container(reply);
}

/* By name, as the real service has them. */
int scripted_drivers_append(sd_bus_message *reply)
{
        static const size_t order[] = { 1, 0, 2 };
        int r = sd_bus_message_open_container(reply, 'a', "(sasssbba(ss))");

        for (size_t i = 0; r >= 0 && i < ELEMENTSOF(order); i++)
                r = append_driver(reply, &drivers[order[i]]);
        return r < 0 ? r : sd_bus_message_close_container(reply);
}

static int get_job(sd_bus *bus, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
        return sd_bus_message_append(
                        reply, "o", ((const FixedDriver *) userdata)->has_problem ? JOB_PREFIX "/7" : "/");
}

static int deselect(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
        const FixedDriver *driver = userdata;
        int r = scripted_options_read(message, "kernels dry-run", error);

        scripted_tell("deselect %s", driver->name);
        return r < 0 ? r : scripted_job_play(message, driver->name, "done", error);
}

static int remove_version(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
        const FixedDriver *driver = userdata;
        const char *version;
        int r = sd_bus_message_read_basic(message, 's', &version);

        if (r >= 0)
                r = scripted_options_read(message, "kernels ignore dry-run", error);
        if (r < 0)
                return r;
        scripted_tell("remove %s %s", driver->name, version);
        return scripted_job_play(message, driver->name, version, error);
}

static int check(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
        const char *version;
        int r = sd_bus_message_read_basic(message, 's', &version);

        if (r >= 0)
                r = scripted_error(version, error);
        if (r >= 0)
                r = scripted_options_read(message, "kernels", error);
        if (r < 0)
                return r;
        if (strcmp(version, "1.6.4") == 0)
                return sd_bus_reply_method_return(message, "a(sss)", 1, "info", "unsigned",
                                "It is not "
                                "signed.");
        if (strcmp(version, "kernel") == 0)
                return sd_bus_reply_method_return(message, "a(sss)", 0);
        return sd_bus_reply_method_return(message, "a(sss)", 2, "warning", "unsigned",
                        "It is not "
                        "signed.",
                        "error", "vermagic-mismatch", "It was built for 6.1.0-12-amd64.");
}

static int why(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
        return sd_bus_reply_method_return(message, "a(ssbs)", 2,
                        "/lib/modules/6.1.0-50-amd64/updates/ice.ko", "1.11.17.1", 1,
                        "An override line names it.", "/lib/modules/6.1.0-50-amd64/kernel/ice.ko", "kernel",
                        0,
                        "The directory updates/ "
                        "comes first.");
}

static int get_uncovered(sd_bus *bus, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
        return ((const FixedDriver *) userdata)->has_problem
                               ? sd_bus_message_append(reply, "as", 1, "6.1.0-49-amd64")
                               : sd_bus_message_append(reply, "as", 0);
}

static int set_policy(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
        const char *policy;
        int r = sd_bus_message_read_basic(message, 's', &policy);

        if (r >= 0)
                r = scripted_options_read(message, "", error);
        if (r < 0)
                return r;
        scripted_tell("policy %s %s", ((const FixedDriver *) userdata)->name, policy);
        return sd_bus_reply_method_return(message, "");
}

static const sd_bus_vtable vtable[] = {
        SD_BUS_VTABLE_START(0),
                        SD_BUS_METHOD("SetPolicy", "sa{sv}", "", set_policy, SD_BUS_VTABLE_UNPRIVILEGED),
                        SD_BUS_PROPERTY("Policy", "s", get_text, 0, 0),
                        SD_BUS_PROPERTY("KernelsNotCovered", "as", get_uncovered, 0, 0),
                        SD_BUS_METHOD("Deselect", "a{sv}", "o", deselect, SD_BUS_VTABLE_UNPRIVILEGED),
                        SD_BUS_METHOD("Remove", "sa{sv}", "o", remove_version, SD_BUS_VTABLE_UNPRIVILEGED),
                        SD_BUS_METHOD("Check", "sa{sv}", "a(sss)", check, SD_BUS_VTABLE_UNPRIVILEGED),
                        SD_BUS_METHOD("Why", "", "a(ssbs)", why, SD_BUS_VTABLE_UNPRIVILEGED),
                        SD_BUS_PROPERTY("Name", "s", get_text, 0, SD_BUS_VTABLE_PROPERTY_CONST),
                        SD_BUS_PROPERTY("UUID", "s", get_text, 0, SD_BUS_VTABLE_PROPERTY_CONST),
                        SD_BUS_PROPERTY("Host", "s", get_text, 0, SD_BUS_VTABLE_PROPERTY_CONST),
                        SD_BUS_PROPERTY("Package", "s", get_text, 0, 0),
                        SD_BUS_PROPERTY("Versions", "as", get_versions, 0, 0),
                        SD_BUS_PROPERTY("Selected", "s", get_text, 0, 0),
                        SD_BUS_PROPERTY("Effective", "s", get_text, 0, 0),
                        SD_BUS_PROPERTY("Active", "s", get_text, 0, 0),
                        SD_BUS_PROPERTY("ActiveBy", "s", get_text, 0, 0),
                        SD_BUS_PROPERTY("Loaded", "b", get_flag, 0, 0),
                        SD_BUS_PROPERTY("RebootRequired", "b", get_flag, 0, 0),
                        SD_BUS_PROPERTY("RebootReasons", "as", get_reboot_reasons, 0, 0),
                        SD_BUS_PROPERTY("Description", "s", get_text, 0, 0),
                        SD_BUS_PROPERTY("Type", "s", get_text, 0, 0),
                        SD_BUS_PROPERTY("HardwarePresent", "b", get_flag, 0, 0),
                        SD_BUS_PROPERTY("Devices", "as", get_devices, 0, 0),
                        SD_BUS_PROPERTY("VersionDetails", "a{sa{sv}}", get_details, 0, 0),
                        SD_BUS_PROPERTY("SelectedByKernel", "a{ss}", get_kernels, 0, 0),
                        SD_BUS_PROPERTY("Problems", "a(sss)", get_problems, 0, 0),
                        SD_BUS_PROPERTY("Job", "o", get_job, 0, 0), SD_BUS_VTABLE_END,
};

int scripted_drivers_add(sd_bus *bus)
{
        int r = sd_bus_add_fallback_vtable(bus, NULL, DRIVER_PREFIX, DRIVER_INTERFACE, vtable, find, NULL);

        if (r >= 0)
                r = scripted_hostile_add(bus);
        return r < 0 ? r : sd_bus_add_node_enumerator(bus, NULL, DRIVER_PREFIX, enumerate, NULL);
}
