/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the service asks the bus itself about one of its connections, without waiting. */
#pragma once

#include <stdint.h>
#include <systemd/sd-bus.h>

#include "util/macros.h"

#define BUS_DAEMON_NAME "org.freedesktop.DBus"
#define BUS_DAEMON_PATH "/org/freedesktop/DBus"

/* Calls MEMBER with the connection's NAME. HANDLER is called with the answer, or with an error after that
 * many µs; not any more once *ret is unreferenced. 0 or a negative errno. */
int bus_daemon_ask(sd_bus *bus, const char *interface, const char *member, const char *name,
                uint64_t patience_usec, sd_bus_message_handler_t handler, void *userdata,
                sd_bus_slot **ret) WARN_UNUSED NONNULL(1, 2, 3, 4, 6, 8);

/* The number by the name of KEY in such an answer, an a{sv}. 0, -ENODATA if it isn't there, or another
 * negative errno. */
int bus_daemon_read_number(sd_bus_message *answer, const char *key, uint32_t *ret) WARN_UNUSED
                NONNULL(1, 2, 3);
