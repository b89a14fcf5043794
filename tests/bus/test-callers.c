/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Callers at awkward moments, on the whole service: one that leaves, and one that types a password. */

#include <unistd.h>

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
        service->upkeep->config.exit_idle_sec = 0;
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

static void send_unanswered(GDBusConnection *caller, const char *method, GVariant *parameters)
{
        g_autoptr(GDBusMessage) message =
                        g_dbus_message_new_method_call(BUS_NAME, MANAGER_PATH, MANAGER_INTERFACE, method);

        g_dbus_message_set_flags(message, G_DBUS_MESSAGE_FLAGS_NO_REPLY_EXPECTED);
        if (parameters)
                g_dbus_message_set_body(message, parameters);
        g_assert_true(g_dbus_connection_send_message(
                        caller, message, G_DBUS_SEND_MESSAGE_FLAGS_NONE, NULL, NULL));
}

/* Root has no part in what others are allowed, and needs no polkit. */
static void check_root_is_served(ServiceFixture *fixture)
{
        g_autoptr(GDBusConnection) root = NULL;
        g_autoptr(GVariant) reply = NULL;
        g_autoptr(GError) error = NULL;

        if (geteuid() != 0)
                return;
        root = private_bus_connect_as_self(&fixture->private_bus);
        reply = private_bus_call(root, BUS_NAME, MANAGER_PATH, MANAGER_INTERFACE, "Rescan", NULL, 0, &error);
        g_assert_no_error(error);
}

static void check_flood_ends(ServiceFixture *fixture)
{
        g_free(service_fixture_call_fails(
                        fixture, MANAGER_PATH, MANAGER_INTERFACE, "Rescan", NULL, ".LimitsExceeded"));
        g_assert_cmpuint(fixture->authority.questions->len, ==, CALLERS_USER_CALLS_MAX);
        check_root_is_served(fixture);
        /* Reading is nobody's to refuse. */
        service_fixture_check_property(fixture, MANAGER_PATH, MANAGER_INTERFACE, "RebootRequired", "false");
        scripted_polkit_answer(&fixture->authority, POLKIT_NO);
        fixture->authority.mood = POLKIT_YES;
        g_variant_unref(service_fixture_call(fixture, MANAGER_PATH, MANAGER_INTERFACE, "Rescan", NULL));
}

static bool was_asked_enough(void *userdata)
{
        return ((ServiceFixture *) userdata)->authority.questions->len == CALLERS_USER_CALLS_MAX;
}

/* More calls than the bus allows match rules and pending replies, from one who doesn't wait for any reply.
 */
static void test_flood(ServiceFixture *fixture, gconstpointer data)
{
        g_autoptr(GDBusConnection) caller = private_bus_connect(&fixture->private_bus);

        fixture->authority.mood = POLKIT_SILENT;
        for (unsigned i = 0; i < 600; i++)
                send_unanswered(caller, "Rescan", NULL);
        g_assert_true(g_dbus_connection_flush_sync(caller, NULL, NULL));
        private_bus_run_until(was_asked_enough, fixture);
        check_flood_ends(fixture);
        g_assert_true(g_dbus_connection_close_sync(caller, NULL, NULL));
}

/* The same from a crowd, of whom none is known at first. */
static void test_crowd(ServiceFixture *fixture, gconstpointer data)
{
        GDBusConnection *crowd[40];

        fixture->authority.mood = POLKIT_SILENT;
        for (size_t i = 0; i < G_N_ELEMENTS(crowd); i++)
                crowd[i] = private_bus_connect(&fixture->private_bus);
        for (size_t i = 0; i < G_N_ELEMENTS(crowd) * 64; i++)
                send_unanswered(crowd[i % G_N_ELEMENTS(crowd)], "Rescan", NULL);
        for (size_t i = 0; i < G_N_ELEMENTS(crowd); i++)
                g_assert_true(g_dbus_connection_flush_sync(crowd[i], NULL, NULL));
        check_root_is_served(fixture);
        private_bus_run_until(was_asked_enough, fixture);
        check_flood_ends(fixture);
        for (size_t i = 0; i < G_N_ELEMENTS(crowd); i++) {
                g_assert_true(g_dbus_connection_close_sync(crowd[i], NULL, NULL));
                g_object_unref(crowd[i]);
        }
}

#define NAMES 4000
/* As D-Bus counts it: a length of four bytes, the text with its NUL, rounded up to four. */
#define NAME_BYTES(name) ((sizeof(name) + 4 + 3) / 4 * 4)

static void add_names(GVariantBuilder *options, const char *key, const char *name)
{
        GVariantBuilder names;

        g_variant_builder_init(&names, G_VARIANT_TYPE("as"));
        for (unsigned i = 0; i < NAMES; i++)
                g_variant_builder_add(&names, "s", name);
        g_variant_builder_add(options, "{sv}", key, g_variant_builder_end(&names));
}

/* Calls that are nearly as large as they may be: fewer of them may wait than of others. */
static void test_large(ServiceFixture *fixture, gconstpointer data)
{
        static const gsize call_bytes =
                        NAMES * (NAME_BYTES("symbol-versions-missing") + NAME_BYTES(SAMPLE_KERNEL));
        g_autoptr(GDBusConnection) caller = private_bus_connect(&fixture->private_bus);
        g_autoptr(GVariant) parameters = NULL;
        GVariantBuilder options;

        g_variant_builder_init(&options, G_VARIANT_TYPE("a{sv}"));
        add_names(&options, "ignore", "symbol-versions-missing");
        add_names(&options, "kernels", SAMPLE_KERNEL);
        parameters = g_variant_ref_sink(g_variant_new("(@a(ss)@a{sv})",
                        g_variant_new_parsed("[('ice', '1.6.4')]"), g_variant_builder_end(&options)));
        g_assert_cmpuint(CALLERS_USER_BYTES_MAX / call_bytes, <, CALLERS_USER_CALLS_MAX);
        fixture->authority.mood = POLKIT_SILENT;
        for (unsigned i = 0; i < CALLERS_USER_CALLS_MAX; i++)
                send_unanswered(caller, "Select", parameters);
        private_bus_run_until(was_asked, fixture);
        check_root_is_served(fixture);
        g_assert_cmpuint(fixture->authority.questions->len, <=, CALLERS_USER_BYTES_MAX / call_bytes);
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
        g_test_add("/callers/crowd", ServiceFixture, NULL, service_fixture_set_up, test_crowd,
                        service_fixture_tear_down);
        g_test_add("/callers/large", ServiceFixture, NULL, service_fixture_set_up, test_large,
                        service_fixture_tear_down);
        return g_test_run();
}
