/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A private dbus-daemon, and calls over it. */

#include <string.h>

#include "bench.h"

void bench_bus_init(BenchBus *bus)
{
        g_autofree char *listen = NULL;
        g_autoptr(GError) error = NULL;
        char line[256];
        ssize_t size;
        int output;

        temp_dir_init(&bus->dir, "bench-bus");
        listen = g_strdup_printf("--address=unix:path=%s/bus", bus->dir.path);
        const char *argv[] = { "dbus-daemon", "--session", "--nofork", "--nopidfile", "--print-address=1",
                listen, NULL };
        (void) g_spawn_async_with_pipes(NULL, (char **) argv, NULL,
                        G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDERR_TO_DEV_NULL, NULL,
                        NULL, &bus->pid, NULL, &output, NULL, &error);
        g_assert_no_error(error);
        /* It listens once it has said where. */
        size = read(output, line, sizeof(line) - 1);
        g_assert_cmpint(size, >, 0);
        line[size] = '\0';
        bus->address = g_strdup(g_strchomp(line));
        (void) close(output);
}

void bench_bus_done(BenchBus *bus)
{
        bench_stop(bus->pid);
        g_free(bus->address);
        temp_dir_done(&bus->dir);
}

sd_bus *bench_bus_connect(const BenchBus *bus)
{
        sd_bus *connection = NULL;

        g_assert_cmpint(sd_bus_new(&connection), >=, 0);
        g_assert_cmpint(sd_bus_set_address(connection, bus->address), >=, 0);
        g_assert_cmpint(sd_bus_set_bus_client(connection, true), >=, 0);
        g_assert_cmpint(sd_bus_start(connection), >=, 0);
        g_assert_cmpint(sd_bus_add_match(connection, NULL,
                                        "type='signal',interface='org.freedesktop.DBus',"
                                        "member='NameOwnerChanged'",
                                        NULL, NULL),
                        >=, 0);
        return connection;
}

void bench_wait_for_name(sd_bus *connection, const char *name)
{
        while (sd_bus_get_name_creds(connection, name, 0, NULL) < 0) {
                int r = sd_bus_process(connection, NULL);

                /* A signal that was processed may have been the one: ask again before waiting. */
                g_assert_cmpint(r, >=, 0);
                if (r == 0)
                        g_assert_cmpint(sd_bus_wait(connection, 60 * 1000000ULL), >, 0);
        }
}

sd_bus_message *bench_call(sd_bus *connection, const char *name, const char *path, const char *interface,
                const char *method)
{
        sd_bus_error error = SD_BUS_ERROR_NULL;
        sd_bus_message *reply = NULL;
        int r = sd_bus_call_method(connection, name, path, interface, method, &error, &reply, "");

        if (r < 0)
                g_error("%s.%s: %s", interface, method, error.message ? error.message : strerror(-r));
        return reply;
}
