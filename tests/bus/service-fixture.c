/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Starts and stops the service, records what it says. */

#include "service-fixture.h"

#include <string.h>

static int compare_names(const void *a, const void *b)
{
        return strcmp(*(const char *const *) a, *(const char *const *) b);
}

static char *properties_changed(GVariant *parameters)
{
        GVariantIter *changed, *invalidated;
        GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
        const char *interface, *name;
        char *text;

        g_variant_get(parameters, "(&sa{sv}as)", &interface, &changed, &invalidated);
        while (g_variant_iter_next(changed, "{&sv}", &name, NULL))
                g_ptr_array_add(names, g_strdup(name));
        while (g_variant_iter_next(invalidated, "&s", &name))
                g_ptr_array_add(names, g_strdup_printf("%s!", name));
        g_ptr_array_sort(names, compare_names);
        g_ptr_array_add(names, NULL);
        text = g_strjoinv(" ", (char **) names->pdata);
        g_variant_iter_free(changed);
        g_variant_iter_free(invalidated);
        g_ptr_array_unref(names);
        return text;
}

static void on_signal(GDBusConnection *connection, const char *sender, const char *path,
                const char *interface, const char *member, GVariant *parameters, void *userdata)
{
        ServiceFixture *fixture = userdata;
        char *rest = NULL;
        const char *object;

        if (g_str_equal(member, "PropertiesChanged"))
                rest = properties_changed(parameters);
        else if (g_str_has_prefix(member, "Interfaces")) {
                g_variant_get_child(parameters, 0, "&o", &object);
                rest = g_strdup(object);
        } else if (g_str_has_prefix(member, "Job"))
                rest = g_variant_print(parameters, FALSE);
        else
                return; /* the bus's own */
        g_ptr_array_add(fixture->events, g_strdup_printf("%s %s %s\n", path, member, rest));
        g_free(rest);
}

void service_fixture_start(ServiceFixture *fixture)
{
        static const PolkitPatience patience = { .unattended_usec = 5000000, .interactive_usec = 5000000 };
        sd_bus *bus = private_bus_connect_service(&fixture->private_bus);
        HostRoot *root;

        g_assert_cmpint(host_root_new(fixture->sample.dir.path, SAMPLE_KERNEL, &root), ==, 0);
        g_assert_cmpint(service_new(fixture->private_bus.event, root, &fixture->service), ==, 0);
        g_assert_cmpint(service_start(fixture->service, bus, patience), >=, 0);
        sd_bus_unref(bus);
}

void service_fixture_stop(ServiceFixture *fixture)
{
        fixture->service = service_free(fixture->service);
}

void service_fixture_set_up(ServiceFixture *fixture, gconstpointer data)
{
        sample_root_init_xenserver(&fixture->sample);
        private_bus_init(&fixture->private_bus);
        fixture->authority_connection = private_bus_connect(&fixture->private_bus);
        scripted_polkit_init(&fixture->authority, fixture->authority_connection);
        service_fixture_start(fixture);
        fixture->events = g_ptr_array_new_with_free_func(g_free);
        fixture->subscription = g_dbus_connection_signal_subscribe(fixture->private_bus.client, BUS_NAME,
                        NULL, NULL, NULL, NULL, G_DBUS_SIGNAL_FLAGS_NONE, on_signal, fixture, NULL);
        g_free(service_fixture_take_events(fixture));
}

void service_fixture_tear_down(ServiceFixture *fixture, gconstpointer data)
{
        g_dbus_connection_signal_unsubscribe(fixture->private_bus.client, fixture->subscription);
        service_fixture_stop(fixture);
        scripted_polkit_done(&fixture->authority);
        g_object_unref(fixture->authority_connection);
        private_bus_done(&fixture->private_bus);
        sample_root_done(&fixture->sample);
        g_ptr_array_unref(fixture->events);
}

GVariant *service_fixture_call(ServiceFixture *fixture, const char *path, const char *interface,
                const char *method, GVariant *parameters)
{
        GError *error = NULL;
        GVariant *reply = private_bus_call(fixture->private_bus.client, BUS_NAME, path, interface, method,
                        parameters, 0, &error);

        g_assert_no_error(error);
        return reply;
}

char *service_fixture_call_fails(ServiceFixture *fixture, const char *path, const char *interface,
                const char *method, GVariant *parameters, const char *name)
{
        GError *error = NULL;
        GVariant *reply = private_bus_call(fixture->private_bus.client, BUS_NAME, path, interface, method,
                        parameters, 0, &error);
        char *error_name, *text;

        g_assert_null(reply);
        error_name = private_bus_error_name(error);
        text = private_bus_error_text(error);
        if (!error_name || !g_str_has_suffix(error_name, name))
                g_error("%s and not %s: %s", error_name, name, text);
        g_assert_true(g_utf8_validate(text, -1, NULL));
        g_assert_cmpstr(text, !=, "");
        g_free(error_name);
        g_error_free(error);
        return text;
}

/* NULL with *ERROR set if it is gone. */
static char *introspect(ServiceFixture *fixture, const char *path, GError **error)
{
        GVariant *reply = private_bus_call(fixture->private_bus.client, BUS_NAME, path,
                        "org.freedesktop.DBus.Introspectable", "Introspect", NULL, 0, error);
        char *xml;

        if (!reply)
                return NULL;
        g_variant_get(reply, "(s)", &xml);
        g_variant_unref(reply);
        return xml;
}

char *service_fixture_introspect(ServiceFixture *fixture, const char *path)
{
        GError *error = NULL;
        char *xml = introspect(fixture, path, &error);

        g_assert_no_error(error);
        return xml;
}

char *service_fixture_introspect_job(ServiceFixture *fixture, char **ret_path)
{
        static const char *const versions[] = { "1.6.4", "1.11.17.1" };

        for (unsigned i = 0; i < 1000; i++) {
                GVariant *reply = service_fixture_call(fixture, "/org/hostdriver1/driver/ice",
                                DRIVER_INTERFACE, "Select",
                                g_variant_new("(sa{sv})", versions[i % G_N_ELEMENTS(versions)], NULL));
                char *path, *xml;

                g_variant_get(reply, "(o)", &path);
                g_variant_unref(reply);
                xml = introspect(fixture, path, NULL);
                service_fixture_finish_jobs(fixture);
                if (xml) {
                        *ret_path = path;
                        return xml;
                }
                g_free(path);
        }
        g_error("no job was seen before it ended");
}

char *service_fixture_property(
                ServiceFixture *fixture, const char *path, const char *interface, const char *property)
{
        GVariant *reply = service_fixture_call(fixture, path, "org.freedesktop.DBus.Properties", "Get",
                        g_variant_new("(ss)", interface, property));
        GVariant *value;
        char *text;

        g_variant_get(reply, "(v)", &value);
        text = g_variant_print(value, FALSE);
        g_variant_unref(value);
        g_variant_unref(reply);
        return text;
}

char *service_fixture_take_events(ServiceFixture *fixture)
{
        char *text;

        /* Signals and replies of one connection stay in order, so that this reply comes after them all. */
        g_variant_unref(service_fixture_call(
                        fixture, MANAGER_PATH, "org.freedesktop.DBus.Peer", "Ping", NULL));
        g_ptr_array_add(fixture->events, NULL);
        text = g_strjoinv("", (char **) fixture->events->pdata);
        g_ptr_array_set_size(fixture->events, 0);
        return text;
}

static bool has_no_job(void *userdata)
{
        return ((ServiceFixture *) userdata)->service->jobs->count == 0;
}

void service_fixture_finish_jobs(ServiceFixture *fixture)
{
        private_bus_run_until(has_no_job, fixture);
}

void service_fixture_check_property(ServiceFixture *fixture, const char *path, const char *interface,
                const char *property, const char *expected)
{
        char *text = service_fixture_property(fixture, path, interface, property);

        g_assert_cmpstr(text, ==, expected);
        g_free(text);
}

void service_fixture_check_events(ServiceFixture *fixture, const char *expected)
{
        char *events = service_fixture_take_events(fixture);

        g_assert_cmpstr(events, ==, expected);
        g_free(events);
}
