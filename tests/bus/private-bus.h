/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A private dbus-daemon, with sd-bus (what is tested) and GDBus (who tests it) in one thread. */
#pragma once

#include <gio/gio.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

#include "temp-dir.h"
#include "util/macros.h"

typedef struct PrivateBus {
        TempDir dir; /* the socket */
        char *address;
        pid_t daemon;
        sd_event *event;
        sd_bus *bus; /* the service's connection, attached to the event loop */
        GSource *source;
        GDBusConnection *client; /* of somebody without rights, if the test is root's */
} PrivateBus;

void private_bus_init(PrivateBus *private_bus) NONNULL(1);
void private_bus_done(PrivateBus *private_bus) NONNULL(1);

/* One more connection, of the same user as the client's. The caller unrefs it. */
GDBusConnection *private_bus_connect(const PrivateBus *private_bus) NONNULL(1);
/* One of the test's own user, who may be root. */
GDBusConnection *private_bus_connect_as_self(const PrivateBus *private_bus) NONNULL(1);
/* The same for the service's side. */
sd_bus *private_bus_connect_service(const PrivateBus *private_bus) NONNULL(1);

/* Runs both sides until CONDITION(userdata) is true. Ends the test after half a minute. */
void private_bus_run_until(bool (*condition)(void *userdata), void *userdata) NONNULL(1);

/* A call that waits for its reply while the service runs. NULL with *error set if it fails. PARAMETERS
 * floating or NULL. */
GVariant *private_bus_call(GDBusConnection *client, const char *destination, const char *path,
                const char *interface, const char *method, GVariant *parameters, GDBusCallFlags flags,
                GError **error) NONNULL(1, 2, 3, 4, 5);

/* The D-Bus name of an error, and its text without it. The caller frees them. */
char *private_bus_error_name(const GError *error) NONNULL(1);
char *private_bus_error_text(const GError *error) NONNULL(1);
