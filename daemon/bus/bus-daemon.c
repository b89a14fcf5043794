/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Calls of org.freedesktop.DBus, and their answers. It knows none of their names. */

#include "bus/bus-daemon.h"

#include <errno.h>
#include <string.h>

int bus_daemon_ask(sd_bus *bus, const char *interface, const char *member, const char *name,
                uint64_t patience_usec, sd_bus_message_handler_t handler, void *userdata, sd_bus_slot **ret)
{
        sd_bus_message *message CLEANUP(sd_bus_message_unrefp) = NULL;
        int r = sd_bus_message_new_method_call(
                        bus, &message, BUS_DAEMON_NAME, BUS_DAEMON_PATH, interface, member);

        if (r >= 0)
                r = sd_bus_message_append(message, "s", name);
        if (r >= 0)
                r = sd_bus_call_async(bus, ret, message, handler, userdata, patience_usec);
        return r < 0 ? r : 0;
}

int bus_daemon_read_number(sd_bus_message *answer, const char *key, uint32_t *ret)
{
        int r = sd_bus_message_enter_container(answer, 'a', "{sv}");

        while (r >= 0 && (r = sd_bus_message_enter_container(answer, 'e', "sv")) > 0) {
                const char *found;

                r = sd_bus_message_read_basic(answer, 's', &found);
                if (r >= 0 && strcmp(found, key) == 0) {
                        r = sd_bus_message_read(answer, "v", "u", ret);
                        return r < 0 ? r : 0;
                }
                if (r >= 0)
                        r = sd_bus_message_skip(answer, "v");
                if (r >= 0)
                        r = sd_bus_message_exit_container(answer);
        }
        return r < 0 ? r : -ENODATA;
}
