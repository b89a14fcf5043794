/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Costly calls, on the whole service: nobody waits for all that others have asked for before. */

#include "service-fixture.h"

#define CALLS 100

typedef struct Reader {
        GDBusConnection *connection;
        unsigned replies;
        unsigned refusals;
} Reader;

static void on_objects(GObject *source, GAsyncResult *result, void *userdata)
{
        Reader *reader = userdata;
        g_autoptr(GVariant) reply = g_dbus_connection_call_finish(G_DBUS_CONNECTION(source), result, NULL);

        if (reply)
                reader->replies++;
        else
                reader->refusals++;
}

/* Until the bus has handed on all that CONNECTION has sent. The service doesn't run meanwhile. */
static void wait_for_bus(GDBusConnection *connection)
{
        g_autoptr(GVariant) reply = g_dbus_connection_call_sync(connection, "org.freedesktop.DBus",
                        "/org/freedesktop/DBus", "org.freedesktop.DBus", "GetId", NULL, NULL,
                        G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL);

        g_assert_nonnull(reply);
}

static void begin_reading(ServiceFixture *fixture, Reader *reader, unsigned calls)
{
        *reader = (Reader){ .connection = private_bus_connect(&fixture->private_bus) };
        for (unsigned i = 0; i < calls; i++)
                g_dbus_connection_call(reader->connection, BUS_NAME, MANAGER_PATH,
                                "org.freedesktop.DBus.ObjectManager", "GetManagedObjects", NULL, NULL,
                                G_DBUS_CALL_FLAGS_NONE, -1, NULL, on_objects, reader);
        wait_for_bus(reader->connection);
}

static bool is_done(void *userdata)
{
        const Reader *reader = userdata;

        return reader->replies + reader->refusals >= CALLS;
}

static void on_list(GObject *source, GAsyncResult *result, void *userdata)
{
        *(GVariant **) userdata = g_dbus_connection_call_finish(G_DBUS_CONNECTION(source), result, NULL);
}

static bool is_there(void *userdata)
{
        return *(GVariant **) userdata;
}

/* All calls of two readers are on the bus before that of a third. */
static void test_third(ServiceFixture *fixture, gconstpointer data)
{
        GVariant *list = NULL;
        Reader readers[2];

        for (size_t i = 0; i < G_N_ELEMENTS(readers); i++)
                begin_reading(fixture, &readers[i], CALLS);
        g_dbus_connection_call(fixture->private_bus.client, BUS_NAME, MANAGER_PATH, MANAGER_INTERFACE,
                        "ListDrivers", NULL, NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL, on_list, &list);
        wait_for_bus(fixture->private_bus.client);
        private_bus_run_until(is_there, &list);
        g_variant_unref(list);
        g_assert_cmpuint(readers[0].replies + readers[1].replies, <, CALLS);
        for (size_t i = 0; i < G_N_ELEMENTS(readers); i++) {
                private_bus_run_until(is_done, &readers[i]);
                g_assert_cmpuint(readers[i].replies, ==, CALLS);
                g_object_unref(readers[i].connection);
        }
}

static bool has_order(void *userdata)
{
        return ((GString *) userdata)->len == 2;
}

static void on_first(GObject *source, GAsyncResult *result, void *userdata)
{
        g_autoptr(GVariant) reply = g_dbus_connection_call_finish(G_DBUS_CONNECTION(source), result, NULL);

        g_assert_nonnull(reply);
        g_string_append_c(userdata, '1');
}

static void on_second(GObject *source, GAsyncResult *result, void *userdata)
{
        g_autoptr(GVariant) reply = g_dbus_connection_call_finish(G_DBUS_CONNECTION(source), result, NULL);

        g_assert_nonnull(reply);
        g_string_append_c(userdata, '2');
}

/* A cheap call doesn't overtake a costly one of the same sender. */
static void test_order(ServiceFixture *fixture, gconstpointer data)
{
        g_autoptr(GString) order = g_string_new(NULL);

        g_dbus_connection_call(fixture->private_bus.client, BUS_NAME, MANAGER_PATH,
                        "org.freedesktop.DBus.ObjectManager", "GetManagedObjects", NULL, NULL,
                        G_DBUS_CALL_FLAGS_NONE, -1, NULL, on_first, order);
        g_dbus_connection_call(fixture->private_bus.client, BUS_NAME, MANAGER_PATH,
                        "org.freedesktop.DBus.Peer", "Ping", NULL, NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL,
                        on_second, order);
        private_bus_run_until(has_order, order);
        g_assert_cmpstr(order->str, ==, "12");
}

/* More than anybody may have wait: the last ones are refused, and all the others answered. */
static void test_too_many(ServiceFixture *fixture, gconstpointer data)
{
        Reader readers[12];
        unsigned refusals = 0;

        for (size_t i = 0; i < G_N_ELEMENTS(readers); i++)
                begin_reading(fixture, &readers[i], CALLS);
        for (size_t i = 0; i < G_N_ELEMENTS(readers); i++) {
                private_bus_run_until(is_done, &readers[i]);
                refusals += readers[i].refusals;
                g_object_unref(readers[i].connection);
        }
        g_assert_cmpuint(refusals, <=, G_N_ELEMENTS(readers) * CALLS - TURNS_CALLS_MAX);
        g_assert_false(turns_are_waited_for(fixture->service->turns));
}

static bool nothing_waits(void *userdata)
{
        return !turns_are_waited_for(((ServiceFixture *) userdata)->service->turns);
}

/* Who has left isn't answered. */
static void test_leaves(ServiceFixture *fixture, gconstpointer data)
{
        Reader reader;

        begin_reading(fixture, &reader, CALLS);
        g_assert_true(g_dbus_connection_close_sync(reader.connection, NULL, NULL));
        private_bus_run_until(is_done, &reader);
        private_bus_run_until(nothing_waits, fixture);
        g_assert_cmpuint(reader.replies, <, CALLS);
        g_object_unref(reader.connection);
        service_fixture_check_property(fixture, MANAGER_PATH, MANAGER_INTERFACE, "RebootRequired", "false");
}

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
#define TEST(name, function)                                                               \
        g_test_add("/turns/" name, ServiceFixture, NULL, service_fixture_set_up, function, \
                        service_fixture_tear_down)
        TEST("third", test_third);
        TEST("order", test_order);
        TEST("too-many", test_too_many);
        TEST("leaves", test_leaves);
        return g_test_run();
}
