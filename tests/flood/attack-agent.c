/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The attack by patience: polkit asks an agent of the attacker's own for a password, for as long as the
 * service waits. */

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "attack.h"
#include "call.h"
#include "flood-host.h"

#define LOOK_MS 100

static volatile sig_atomic_t is_dismissed;

static void on_dismissed(int number)
{
        is_dismissed = 1;
}

/* Ticks since boot, of this process: proc(5). */
static guint64 start_time(void)
{
        g_autofree char *text = NULL;
        g_auto(GStrv) fields = NULL;

        g_assert_true(g_file_get_contents("/proc/self/stat", &text, NULL, NULL));
        fields = g_strsplit(strrchr(text, ')') + 2, " ", -1);
        g_assert_cmpuint(g_strv_length(fields), >, 19);
        return g_ascii_strtoull(fields[19], NULL, 10);
}

/* From now on polkit asks this connection, which doesn't answer. */
static void register_agent(RawBus *bus)
{
        g_autoptr(GDBusMessage) message = g_dbus_message_new_method_call("org.freedesktop.PolicyKit1",
                        "/org/freedesktop/PolicyKit1/Authority", "org.freedesktop.PolicyKit1.Authority",
                        "RegisterAuthenticationAgent");
        GVariantBuilder subject;
        RawMessage raw;

        g_variant_builder_init(&subject, G_VARIANT_TYPE("a{sv}"));
        g_variant_builder_add(&subject, "{sv}", "pid", g_variant_new_uint32((guint32) getpid()));
        g_variant_builder_add(&subject, "{sv}", "start-time", g_variant_new_uint64(start_time()));
        g_variant_builder_add(&subject, "{sv}", "uid", g_variant_new_int32((gint32) getuid()));
        g_dbus_message_set_body(message, g_variant_new("((sa{sv})ss)", "unix-process", &subject, "C",
                                                         "/org/hostdriver1/test/Agent"));
        raw = raw_message(message);
        g_assert_true(raw_bus_send(bus, &raw) && raw_bus_wait(bus, bus->serial));
        g_assert_false(bus->is_refused);
        raw_message_done(&raw);
}

void attack_agent(Attack *attack)
{
        RawBus *bus = attack_connect(attack), *caller = attack_connect(attack);
        RawMessage call = raw_call(FLOOD_DRIVER_PATH("001"), DRIVER, "Select",
                        g_variant_new_parsed("('1.0', @a{sv} {})"),
                        G_DBUS_MESSAGE_FLAGS_NO_REPLY_EXPECTED |
                                        G_DBUS_MESSAGE_FLAGS_ALLOW_INTERACTIVE_AUTHORIZATION);

        g_assert_true(bus && caller);
        (void) signal(SIGTERM, on_dismissed);
        register_agent(bus);
        for (unsigned i = 0; i < attack->count; i++)
                (void) raw_bus_send(caller, &call);
        raw_message_done(&call);
        call = raw_call(MANAGER_PATH, "org.freedesktop.DBus.Peer", "Ping", NULL, 0);
        g_assert_true(raw_bus_send(caller, &call) && raw_bus_wait(caller, caller->serial));
        raw_message_done(&call);
        g_print("settled\n");
        while (!is_dismissed)
                (void) raw_bus_read(bus, LOOK_MS);
        attack_close(attack, caller);
        attack_close(attack, bus);
}
