/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Drives sd-event from GLib's main loop, so that no test needs a second thread or a sleep. */

#include "private-bus.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATIENCE_SECONDS 30

/* Root needs no polkit, so that most callers are somebody else. */
#define NOBODY 65534

/* Everybody may do everything; the limits are those of a system bus. */
static const char configuration[] =
                "<!DOCTYPE busconfig PUBLIC \"-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN\"\n"
                " \"http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd\">\n"
                "<busconfig>\n"
                "  <listen>unix:path=%s/bus</listen>\n"
                "  <auth>EXTERNAL</auth>\n"
                "  <policy context=\"default\">\n"
                "    <allow user=\"*\"/>\n"
                "    <allow own=\"*\"/>\n"
                "    <allow send_destination=\"*\" eavesdrop=\"true\"/>\n"
                "    <allow eavesdrop=\"true\"/>\n"
                "  </policy>\n"
                "</busconfig>\n";

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
        g_assert_cmpint(sd_bus_set_address(bus, private_bus->address), >=, 0);
        g_assert_cmpint(sd_bus_set_bus_client(bus, true), >=, 0);
        g_assert_cmpint(sd_bus_start(bus), >=, 0);
        g_assert_cmpint(sd_bus_attach_event(bus, private_bus->event, 0), >=, 0);
        return bus;
}

GDBusConnection *private_bus_connect_as_self(const PrivateBus *private_bus)
{
        GError *error = NULL;
        GDBusConnection *client = g_dbus_connection_new_for_address_sync(private_bus->address,
                        G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |
                                        G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
                        NULL, NULL, &error);

        g_assert_no_error(error);
        return client;
}

GDBusConnection *private_bus_connect(const PrivateBus *private_bus)
{
        bool is_root = geteuid() == 0;
        GDBusConnection *client;

        /* Who a client is, the bus takes from its socket: it is whoever connected it. */
        g_assert_cmpint(is_root ? seteuid(NOBODY) : 0, ==, 0);
        client = private_bus_connect_as_self(private_bus);
        g_assert_cmpint(is_root ? seteuid(0) : 0, ==, 0);
        return client;
}

static void exec_daemon(const char *file, int ready)
{
        char config_option[256], print_option[32];

        (void) g_snprintf(config_option, sizeof(config_option), "--config-file=%s", file);
        (void) g_snprintf(print_option, sizeof(print_option), "--print-address=%d", ready);
        /* It doesn't outlive a test that was aborted. */
        if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || fcntl(ready, F_SETFD, 0) < 0)
                _exit(126);
        (void) execlp("dbus-daemon", "dbus-daemon", config_option, print_option, "--nofork", "--nopidfile",
                        NULL);
        _exit(127);
}

/* It prints its address when it listens. */
static void start_daemon(PrivateBus *private_bus)
{
        char *file CLEANUP_FREE = NULL, *text, line[256];
        int ends[2];

        temp_dir_init(&private_bus->dir, "bus");
        g_assert_cmpint(chmod(private_bus->dir.path, 0711), ==, 0);
        text = g_strdup_printf(configuration, private_bus->dir.path);
        temp_dir_write(&private_bus->dir, "bus.conf", text);
        g_free(text);
        file = temp_dir_path(&private_bus->dir, "bus.conf");
        g_assert_cmpint(pipe2(ends, O_CLOEXEC), ==, 0);
        private_bus->daemon = fork();
        g_assert_cmpint(private_bus->daemon, >=, 0);
        if (private_bus->daemon == 0)
                exec_daemon(file, ends[1]);
        (void) close(ends[1]);
        g_assert_cmpint(read(ends[0], line, sizeof(line)), >, 0);
        (void) close(ends[0]);
        private_bus->address = g_strdup_printf("unix:path=%s/bus", private_bus->dir.path);
}

void private_bus_init(PrivateBus *private_bus)
{
        *private_bus = (PrivateBus){ 0 };
        start_daemon(private_bus);
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
        g_assert_cmpint(kill(private_bus->daemon, SIGTERM), ==, 0);
        g_assert_cmpint(waitpid(private_bus->daemon, NULL, 0), ==, private_bus->daemon);
        g_free(private_bus->address);
        temp_dir_done(&private_bus->dir);
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
