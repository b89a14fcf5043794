/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A driver as no sound service has it: odd types, control characters, and most properties missing. */

#include "scripted.h"

#define EVIL "\033]0;title\a\033[2J\u202e"

static int get_text(sd_bus *bus, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
        return sd_bus_message_append(reply, "s", EVIL);
}

static int get_numbers(sd_bus *bus, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
        return sd_bus_message_append(reply, "ai", 2, -1, 7);
}

static int get_details(sd_bus *bus, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
        return sd_bus_message_append(reply, "a{sa{sv}}", 2, "", 3, EVIL, "s", EVIL, "kernels", "au", 2, 1, 2,
                        "tree", "as", 1, EVIL, EVIL, 0);
}

static int get_kernels(sd_bus *bus, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
        return sd_bus_message_append(reply, "a{si}", 1, EVIL, 1);
}

static int get_problems(sd_bus *bus, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
        return sd_bus_message_append(reply, "a(sss)", 2, EVIL, EVIL, EVIL, "", "", "");
}

static int get_flag(sd_bus *bus, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
        return sd_bus_message_append(reply, "b", 1);
}

static int check(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
        return sd_bus_reply_method_return(message, "a(sss)", 1, EVIL, EVIL, EVIL);
}

static int why(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
        return sd_bus_reply_method_return(message, "a(ssbs)", 1, EVIL, EVIL, 1, EVIL);
}

static const sd_bus_vtable vtable[] = {
        SD_BUS_VTABLE_START(0),
                        SD_BUS_METHOD("Check", "sa{sv}", "a(sss)", check, SD_BUS_VTABLE_UNPRIVILEGED),
                        SD_BUS_METHOD("Why", "", "a(ssbs)", why, SD_BUS_VTABLE_UNPRIVILEGED),
                        SD_BUS_PROPERTY("Name", "s", get_text, 0, 0),
                        SD_BUS_PROPERTY("Active", "ai", get_numbers, 0, 0),
                        SD_BUS_PROPERTY("RebootRequired", "b", get_flag, 0, 0),
                        SD_BUS_PROPERTY("RebootReasons", "ai", get_numbers, 0, 0),
                        SD_BUS_PROPERTY("Policy", "s", get_text, 0, 0),
                        SD_BUS_PROPERTY("Description", "s", get_text, 0, 0),
                        SD_BUS_PROPERTY("Versions", "ai", get_numbers, 0, 0),
                        SD_BUS_PROPERTY("Devices", "ai", get_numbers, 0, 0),
                        SD_BUS_PROPERTY("Loaded", "s", get_text, 0, 0),
                        SD_BUS_PROPERTY("Job", "s", get_text, 0, 0),
                        SD_BUS_PROPERTY("VersionDetails", "a{sa{sv}}", get_details, 0, 0),
                        SD_BUS_PROPERTY("SelectedByKernel", "a{si}", get_kernels, 0, 0),
                        SD_BUS_PROPERTY("KernelsNotCovered", "ai", get_numbers, 0, 0),
                        SD_BUS_PROPERTY("Problems", "a(sss)", get_problems, 0, 0), SD_BUS_VTABLE_END,
};

int scripted_hostile_add(sd_bus *bus)
{
        return sd_bus_add_object_vtable(bus, NULL, HOSTILE_PATH, DRIVER_INTERFACE, vtable, NULL);
}
