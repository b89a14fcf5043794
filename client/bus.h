/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Calls to the service. Functions that return an int give 0, or an ExitStatus after saying what went wrong.
 */
#pragma once

#include <jansson.h>

#include "client.h"

#define SERVICE_NAME "org.hostdriver1"
#define MANAGER_PATH "/org/hostdriver1"
#define DRIVER_PREFIX MANAGER_PATH "/driver"
#define JOB_PREFIX MANAGER_PATH "/job"
#define MANAGER_INTERFACE SERVICE_NAME ".Manager"
#define DRIVER_INTERFACE SERVICE_NAME ".Driver"
#define JOB_INTERFACE SERVICE_NAME ".Job"
#define PROPERTIES_INTERFACE "org.freedesktop.DBus.Properties"
#define OBJECT_MANAGER_INTERFACE "org.freedesktop.DBus.ObjectManager"

/* Connects to the system bus, or to that of --host or --machine, unless that was done. Building a message
 * does it too, so that wrong arguments are told first. */
int bus_connect(Client *client) WARN_UNUSED NONNULL(1);

/* A call to build on; the caller unrefs it. */
int bus_message_new(Client *client, const char *path, const char *interface, const char *member,
                sd_bus_message **ret) WARN_UNUSED NONNULL(1, 2, 3, 4, 5);

/* Sends a call that reads, and waits for the reply. */
int bus_call(Client *client, sd_bus_message *message, sd_bus_message **ret_reply) WARN_UNUSED
                NONNULL(1, 2, 3);

/* Sends a call that polkit is asked about: starts the agent where a person can answer, and waits as long as
 * a person may take. ret_reply may be NULL. */
int bus_call_authorized(Client *client, sd_bus_message *message, sd_bus_message **ret_reply) WARN_UNUSED
                NONNULL(1, 2);

/* Calls a Manager method whose arguments are the strings A and B; NULL: no (further) argument. */
int bus_call_manager(Client *client, const char *member, const char *a, const char *b,
                sd_bus_message **ret_reply) WARN_UNUSED NONNULL(1, 2, 5);

/* A call of the driver NAME whose first argument is a version; the caller unrefs it. */
int bus_version_message_new(Client *client, const char *name, const char *member, const char *version,
                sd_bus_message **ret) WARN_UNUSED NONNULL(1, 2, 3, 4, 5);

/* Appends the a{sv} of methods that change something, and of Check: --kernel, --ignore, --dry-run, --package
 * and --as-version. */
int bus_append_options(const Options *options, sd_bus_message *message) WARN_UNUSED NONNULL(1, 2);

/* Sends a call that reads, whose reply is an aa{sv}. */
int bus_call_objects(Client *client, sd_bus_message *message, json_t **ret) WARN_UNUSED NONNULL(1, 2, 3);

/* The path of a driver; the caller frees it. */
int bus_find_driver(Client *client, const char *name, char **ret_path) WARN_UNUSED NONNULL(1, 2, 3);

/* All properties of an object, as json.h has them. */
int bus_get_properties(Client *client, const char *path, const char *interface, json_t **ret) WARN_UNUSED
                NONNULL(1, 2, 3, 4);

/* Says that a reply could not be read or a call not be built. */
int bus_fail_message(int error) WARN_UNUSED;
