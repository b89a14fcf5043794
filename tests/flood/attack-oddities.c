/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Attacks by messages that no client would send. */

#include <string.h>
#include <unistd.h>

#include "attack.h"
#include "call.h"
#include "flood-host.h"

#define HALF_CONNECTIONS 32 /* fewer than the bus allows, or nobody could connect */
#define BYTES_CHANGED 4
#define HEADER_BYTES 160

/* The bus closes a connection that sends what is no message. */
static RawBus *again(Attack *attack, RawBus *bus)
{
        attack_close(attack, bus);
        bus = attack_connect(attack);
        g_assert_nonnull(bus);
        return bus;
}

void attack_headers(Attack *attack)
{
        RawMessage sound = raw_call(FLOOD_DRIVER_PATH("001"), DRIVER, "Select",
                        g_variant_new_parsed("('1.0', @a{sv} {})"), 0);
        RawBus *bus = attack_connect(attack);

        for (unsigned i = 0; i < attack->count; i++) {
                RawMessage message = { g_memdup2(sound.blob, sound.size), sound.size, NULL, 0 };
                int limit = (int) MIN(message.size, HEADER_BYTES);

                for (int j = g_test_rand_int_range(1, BYTES_CHANGED + 1); j > 0; j--)
                        message.blob[g_test_rand_int_range(0, limit)] = (guint8) g_test_rand_int();
                if (!raw_bus_send(bus, &message) || !raw_bus_read(bus, 0))
                        bus = again(attack, bus);
                raw_message_done(&message);
        }
        bus = again(attack, bus); /* the last bytes may have left the old one amid a message */
        attack_finish(attack, bus);
        raw_message_done(&sound);
}

void attack_greetings(Attack *attack)
{
        static const char *const halves[] = { "", "A", "AUTH EXTERNAL", "AUTH EXTERNAL 30\r\n",
                "AUTH ANONYMOUS\r\n", "AUTH EXTERNAL 30\r\nBEGIN\r\n", "BEGIN\r\nl\1\0\1", "\r\n\r\n" };

        for (unsigned i = 0; i < attack->count; i++) {
                int fds[HALF_CONNECTIONS];

                for (unsigned j = 0; j < HALF_CONNECTIONS; j++) {
                        const char *half = halves[(i + j) % G_N_ELEMENTS(halves)];
                        RawBus bus = { .fd = fds[j] = raw_bus_socket(attack->address) };

                        (void) raw_bus_send_bytes(&bus, "", 1);
                        attack->sent += raw_bus_send_bytes(&bus, half, strlen(half));
                }
                for (unsigned j = 0; j < HALF_CONNECTIONS; j++)
                        (void) close(fds[j]);
        }
}

static void send_and_free(RawBus *bus, GDBusMessage *message)
{
        RawMessage raw = raw_message(message);

        (void) raw_bus_send(bus, &raw);
        raw_message_done(&raw);
        g_object_unref(message);
}

/* TO the service, or to everybody. */
static void send_signal(RawBus *bus, const char *to, const char *path, const char *interface,
                const char *member, GVariant *body)
{
        GDBusMessage *message = g_dbus_message_new_signal(path, interface, member);

        if (to)
                g_dbus_message_set_destination(message, to);
        if (body)
                g_dbus_message_set_body(message, body);
        send_and_free(bus, message);
}

static void send_reply(RawBus *bus, GDBusMessageType type, guint32 serial)
{
        GDBusMessage *message = g_dbus_message_new();

        g_dbus_message_set_message_type(message, type);
        g_dbus_message_set_destination(message, SERVICE_NAME);
        g_dbus_message_set_reply_serial(message, serial);
        if (type == G_DBUS_MESSAGE_TYPE_ERROR)
                g_dbus_message_set_error_name(message, "org.hostdriver1.Error.Failed");
        g_dbus_message_set_body(message, g_variant_new_parsed("((true, false, @a{ss} {}),)"));
        send_and_free(bus, message);
}

void attack_forgeries(Attack *attack)
{
        RawBus *bus = attack_connect(attack);

        g_assert_nonnull(bus);
        for (unsigned i = 0; i < attack->count; i++) {
                const char *to = i % 2 == 0 ? SERVICE_NAME : NULL;

                send_reply(bus, G_DBUS_MESSAGE_TYPE_METHOD_RETURN, i + 1);
                send_reply(bus, G_DBUS_MESSAGE_TYPE_ERROR, i + 1);
                send_signal(bus, to, MANAGER_PATH, MANAGER, "JobNew",
                                g_variant_new_parsed(
                                                "(uint32 1, objectpath '/org/hostdriver1/job/1', 'x')"));
                send_signal(bus, to, "/org/freedesktop/DBus", "org.freedesktop.DBus", "NameOwnerChanged",
                                g_variant_new_parsed("('" SERVICE_NAME "', ':1.1', '')"));
                send_signal(bus, to, "/org/freedesktop/DBus", "org.freedesktop.DBus", "NameLost",
                                g_variant_new_parsed("('" SERVICE_NAME "',)"));
                send_signal(bus, to, "/org/freedesktop/PolicyKit1/Authority",
                                "org.freedesktop.PolicyKit1.Authority", "Changed", NULL);
        }
        attack_finish(attack, bus);
}

void attack_odd_objects(Attack *attack)
{
        static const char *const paths[] = { "/", "/org", MANAGER_PATH, MANAGER_PATH "/driver",
                MANAGER_PATH "/job", FLOOD_DRIVER_PATH("001"), MANAGER_PATH "/driver/_",
                MANAGER_PATH "/driver/_00", MANAGER_PATH "/job/1", MANAGER_PATH "/job/4294967296" };
        static const struct {
                const char *interface, *member, *body;
        } calls[] = {
                { "org.freedesktop.DBus.Peer", "Ping", "()" },
                { "org.freedesktop.DBus.Peer", "GetMachineId", "()" },
                { "org.freedesktop.DBus.Introspectable", "Introspect", "()" },
                { "org.freedesktop.DBus.ObjectManager", "GetManagedObjects", "()" },
                { "org.freedesktop.DBus.Properties", "GetAll", "('',)" },
                { "org.freedesktop.DBus.Properties", "GetAll", "('" DRIVER "',)" },
                { "org.freedesktop.DBus.Properties", "Get", "('" JOB "', 'State')" },
                { "org.freedesktop.DBus.Properties", "Set", "('" DRIVER "', 'Selected', <'1.0'>)" },
                { "org.freedesktop.DBus.Properties", "Set", "('" MANAGER "', 'Problems', <@a(sss) []>)" },
                { "org.freedesktop.DBus.Monitoring", "BecomeMonitor", "(@as [], uint32 0)" },
        };
        RawBus *bus = attack_connect(attack);
        g_autofree char *longest = g_strdup_printf("%0254d", 0);

        g_assert_nonnull(bus);
        *longest = 'x';
        for (unsigned i = 0; i < attack->count; i++) {
                size_t row = i % G_N_ELEMENTS(calls);
                RawMessage call = raw_call(paths[g_test_rand_int_range(0, G_N_ELEMENTS(paths))],
                                calls[row].interface, i % 11 == 0 ? longest : calls[row].member,
                                g_variant_new_parsed(calls[row].body), 0);

                (void) raw_bus_send(bus, &call);
                if (i % 64 == 63)
                        (void) raw_bus_wait(bus, bus->serial);
                raw_message_done(&call);
        }
        attack_finish(attack, bus);
}
