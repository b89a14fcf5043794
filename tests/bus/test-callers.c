/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Callers at awkward moments, on the whole service: one that leaves, and one that types a password. */

#include "service-fixture.h"

#define ICE "/org/hostdriver1/driver/ice"

static bool was_asked(void *userdata)
{
        return ((ServiceFixture *) userdata)->authority.questions->len > 0;
}

static void on_reply(GObject *source, GAsyncResult *result, void *userdata)
{
        g_autoptr(GError) error = NULL;

        *(GVariant **) userdata = g_dbus_connection_call_finish(G_DBUS_CONNECTION(source), result, &error);
        g_assert_no_error(error);
}

static bool is_there(void *userdata)
{
        return *(GVariant **) userdata;
}

/* Whether the bus knows of CALLER, and has handed on all that THROUGH has sent. The service doesn't run
 * meanwhile. */
static bool is_on_bus(GDBusConnection *through, GDBusConnection *caller)
{
        g_autoptr(GVariant) reply = g_dbus_connection_call_sync(through, "org.freedesktop.DBus",
                        "/org/freedesktop/DBus", "org.freedesktop.DBus", "NameHasOwner",
                        g_variant_new("(s)", g_dbus_connection_get_unique_name(caller)), NULL,
                        G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL);
        gboolean has_owner;

        g_assert_nonnull(reply);
        g_variant_get(reply, "(b)", &has_owner);
        return has_owner;
}

/* When polkit has answered, too, and the service learns of both at once, since it has waited for something
 * else: the leave comes between polkit's answer and the method that is to run again. */
static void test_answered(ServiceFixture *fixture, gconstpointer data)
{
        g_autoptr(GDBusConnection) caller = private_bus_connect(&fixture->private_bus);

        fixture->authority.mood = POLKIT_SILENT;
        g_dbus_connection_call(caller, "org.hostdriver1", ICE, DRIVER_INTERFACE, "Select",
                        g_variant_new("(sa{sv})", "1.6.4", NULL), NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL,
                        NULL, NULL);
        private_bus_run_until(was_asked, fixture);
        scripted_polkit_answer(&fixture->authority, POLKIT_YES);
        g_assert_true(g_dbus_connection_close_sync(caller, NULL, NULL));
        while (is_on_bus(fixture->authority_connection, caller))
                continue;
        g_assert_cmpint(sd_bus_call_method(fixture->service->bus, "org.freedesktop.DBus",
                                        "/org/freedesktop/DBus", "org.freedesktop.DBus", "GetId", NULL, NULL,
                                        NULL),
                        >=, 0);
        /* Nobody is left to have it done for. */
        service_fixture_check_property(fixture, MANAGER_PATH, MANAGER_INTERFACE, "RebootRequired", "false");
        service_fixture_check_property(fixture, ICE, DRIVER_INTERFACE, "Job", "'/'");
}

/* Somebody looks for a password while the service, which ends when it is idle, has nothing else to do. */
static void test_idle(ServiceFixture *fixture, gconstpointer data)
{
        Service *service = fixture->service;
        GVariant *reply = NULL;

        fixture->authority.mood = POLKIT_SILENT;
        g_dbus_connection_call(fixture->private_bus.client, "org.hostdriver1", MANAGER_PATH,
                        MANAGER_INTERFACE, "Rescan", NULL, NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL, on_reply,
                        &reply);
        private_bus_run_until(was_asked, fixture);
        service->config.exit_idle_sec = 0;
        g_assert_cmpint(service_exit_when_idle(service), >=, 0);
        /* Its timer has run out by the second time. */
        for (unsigned i = 0; i < 2; i++)
                service_fixture_check_property(
                                fixture, MANAGER_PATH, MANAGER_INTERFACE, "RebootRequired", "false");
        g_assert_cmpint(sd_event_source_set_enabled(service->idle, SD_EVENT_OFF), >=, 0);
        scripted_polkit_answer(&fixture->authority, POLKIT_YES);
        private_bus_run_until(is_there, &reply);
        g_variant_unref(reply);
}

/* More calls than the bus allows match rules and pending replies, from one who doesn't wait for any reply.
 */
static void test_flood(ServiceFixture *fixture, gconstpointer data)
{
        g_autoptr(GDBusConnection) caller = private_bus_connect(&fixture->private_bus);

        fixture->authority.mood = POLKIT_SILENT;
        for (unsigned i = 0; i < 600; i++) {
                g_autoptr(GDBusMessage) message = g_dbus_message_new_method_call(
                                BUS_NAME, MANAGER_PATH, MANAGER_INTERFACE, "Rescan");

                g_dbus_message_set_flags(message, G_DBUS_MESSAGE_FLAGS_NO_REPLY_EXPECTED);
                g_assert_true(g_dbus_connection_send_message(
                                caller, message, G_DBUS_SEND_MESSAGE_FLAGS_NONE, NULL, NULL));
        }
        g_assert_true(g_dbus_connection_flush_sync(caller, NULL, NULL));
        private_bus_run_until(was_asked, fixture);
        service_fixture_check_property(fixture, MANAGER_PATH, MANAGER_INTERFACE, "RebootRequired", "false");
        scripted_polkit_answer(&fixture->authority, POLKIT_NO);
        fixture->authority.mood = POLKIT_YES;
        g_variant_unref(service_fixture_call(fixture, MANAGER_PATH, MANAGER_INTERFACE, "Rescan", NULL));
        g_assert_true(g_dbus_connection_close_sync(caller, NULL, NULL));
}

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
        g_test_add("/callers/answered", ServiceFixture, NULL, service_fixture_set_up, test_answered,
                        service_fixture_tear_down);
        g_test_add("/callers/idle", ServiceFixture, NULL, service_fixture_set_up, test_idle,
                        service_fixture_tear_down);
        g_test_add("/callers/flood", ServiceFixture, NULL, service_fixture_set_up, test_flood,
                        service_fixture_tear_down);
        return g_test_run();
}
