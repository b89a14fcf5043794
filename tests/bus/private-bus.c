/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Drives sd-event from GLib's main loop, so that no test needs a second thread or a sleep. */

#include "private-bus.h"

#include <linux/close_range.h>
#include <unistd.h>

#define PATIENCE_SECONDS 30

typedef struct EventSource {
        GSource source;
        sd_event *event;
} EventSource;

static gboolean event_prepare(GSource *source, int *timeout)
{
        return sd_event_prepare(((EventSource *) source)->event) > 0;
}

static gboolean event_check(GSource *source)
{
        return sd_event_wait(((EventSource *) source)->event, 0) > 0;
}

static gboolean event_dispatch(GSource *source, GSourceFunc callback, void *userdata)
{
        return sd_event_dispatch(((EventSource *) source)->event) > 0;
}

static GSourceFuncs event_source_functions = {
        .prepare = event_prepare,
        .check = event_check,
        .dispatch = event_dispatch,
};

sd_bus *private_bus_connect_service(const PrivateBus *private_bus)
{
        sd_bus *bus = NULL;

        g_assert_cmpint(sd_bus_new(&bus), >=, 0);
        g_assert_cmpint(sd_bus_set_address(bus, g_test_dbus_get_bus_address(private_bus->daemon)), >=, 0);
        g_assert_cmpint(sd_bus_set_bus_client(bus, true), >=, 0);
        g_assert_cmpint(sd_bus_start(bus), >=, 0);
        g_assert_cmpint(sd_bus_attach_event(bus, private_bus->event, 0), >=, 0);
        return bus;
}

GDBusConnection *private_bus_connect(const PrivateBus *private_bus)
{
        GError *error = NULL;
        GDBusConnection *client = g_dbus_connection_new_for_address_sync(
                        g_test_dbus_get_bus_address(private_bus->daemon),
                        G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |
                                        G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
                        NULL, NULL, &error);

        g_assert_no_error(error);
        return client;
}

void private_bus_init(PrivateBus *private_bus)
{
        *private_bus = (PrivateBus){ .daemon = g_test_dbus_new(G_TEST_DBUS_NONE) };
        /* GLib's process that ends the daemons of a test that was aborted knows its end by a pipe, and lets
         * the next daemon inherit that: then both, with our stdout, would outlive every failed assertion. */
        g_assert_cmpint(close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC), ==, 0);
        g_test_dbus_up(private_bus->daemon);
        g_assert_cmpint(sd_event_new(&private_bus->event), >=, 0);
        private_bus->bus = private_bus_connect_service(private_bus);
        private_bus->source = g_source_new(&event_source_functions, sizeof(EventSource));
        ((EventSource *) private_bus->source)->event = private_bus->event;
        (void) g_source_add_unix_fd(private_bus->source, sd_event_get_fd(private_bus->event), G_IO_IN);
        (void) g_source_attach(private_bus->source, NULL);
        private_bus->client = private_bus_connect(private_bus);
}

void private_bus_done(PrivateBus *private_bus)
{
        g_object_unref(private_bus->client);
        g_source_destroy(private_bus->source);
        g_source_unref(private_bus->source);
        sd_bus_flush_close_unref(private_bus->bus);
        sd_event_unref(private_bus->event);
        g_test_dbus_down(private_bus->daemon);
        g_object_unref(private_bus->daemon);
}

static gboolean on_patience_lost(void *userdata)
{
        g_error("What was waited for didn't happen.");
        return G_SOURCE_REMOVE;
}

void private_bus_run_until(bool (*condition)(void *userdata), void *userdata)
{
        unsigned alarm = g_timeout_add_seconds(PATIENCE_SECONDS, on_patience_lost, NULL);

        while (!condition(userdata))
                (void) g_main_context_iteration(NULL, TRUE);
        (void) g_source_remove(alarm);
}

typedef struct PendingCall {
        bool done;
        GVariant *reply;
        GError *error;
} PendingCall;

static void on_reply(GObject *source, GAsyncResult *result, void *userdata)
{
        PendingCall *call = userdata;

        call->reply = g_dbus_connection_call_finish(G_DBUS_CONNECTION(source), result, &call->error);
        call->done = true;
}

static bool call_is_done(void *userdata)
{
        return ((PendingCall *) userdata)->done;
}

GVariant *private_bus_call(GDBusConnection *client, const char *destination, const char *path,
                const char *interface, const char *method, GVariant *parameters, GDBusCallFlags flags,
                GError **error)
{
        PendingCall call = { 0 };

        g_dbus_connection_call(client, destination, path, interface, method, parameters, NULL, flags, -1,
                        NULL, on_reply, &call);
        private_bus_run_until(call_is_done, &call);
        if (call.error)
                g_propagate_error(error, call.error);
        return call.reply;
}

char *private_bus_error_name(const GError *error)
{
        return g_dbus_error_get_remote_error(error);
}

char *private_bus_error_text(const GError *error)
{
        GError *copy = g_error_copy(error);
        char *text;

        (void) g_dbus_error_strip_remote_error(copy);
        text = g_strdup(copy->message);
        g_error_free(copy);
        return text;
}
