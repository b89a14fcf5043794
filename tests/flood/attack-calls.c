/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Attacks by the number of calls. */

#include "attack.h"
#include "call.h"
#include "flood-host.h"

#define CONNECTIONS 8
#define BURST 250
#define BURST_CONNECTIONS 5

static RawMessage select_call(GDBusMessageFlags flags)
{
        return raw_call(FLOOD_DRIVER_PATH("001"), DRIVER, "Select",
                        g_variant_new_parsed("('1.0', @a{sv} {})"), flags);
}

static RawMessage rescan_call(GDBusMessageFlags flags)
{
        return raw_call(MANAGER_PATH, MANAGER, "Rescan", NULL, flags);
}

/* Takes the message. */
static void send_and_done(Attack *attack, RawMessage message)
{
        attack_send(attack, &message, attack->count);
        raw_message_done(&message);
}

void attack_rescan_unread(Attack *attack)
{
        send_and_done(attack, rescan_call(0));
}

void attack_rescan_silent(Attack *attack)
{
        send_and_done(attack, rescan_call(G_DBUS_MESSAGE_FLAGS_NO_REPLY_EXPECTED));
}

void attack_select_unread(Attack *attack)
{
        send_and_done(attack, select_call(0));
}

void attack_select_silent(Attack *attack)
{
        send_and_done(attack, select_call(G_DBUS_MESSAGE_FLAGS_NO_REPLY_EXPECTED));
}

void attack_select_interactive(Attack *attack)
{
        send_and_done(attack, select_call(G_DBUS_MESSAGE_FLAGS_NO_REPLY_EXPECTED |
                                              G_DBUS_MESSAGE_FLAGS_ALLOW_INTERACTIVE_AUTHORIZATION));
}

/* COUNT calls in turn over that many connections, before any reply is read. */
static void send_over(Attack *attack, unsigned connections, unsigned count)
{
        RawMessage calls[] = { select_call(0), rescan_call(0) };
        RawBus **all = g_new0(RawBus *, connections);

        for (unsigned i = 0; i < connections; i++)
                g_assert_nonnull(all[i] = attack_connect(attack));
        for (unsigned i = 0; i < count; i++)
                (void) raw_bus_send(all[i % connections], &calls[i % G_N_ELEMENTS(calls)]);
        for (unsigned i = 0; i < connections; i++)
                attack_finish(attack, all[i]);
        for (size_t i = 0; i < G_N_ELEMENTS(calls); i++)
                raw_message_done(&calls[i]);
        g_free(all);
}

void attack_connections(Attack *attack)
{
        send_over(attack, CONNECTIONS, attack->count);
}

void attack_bursts(Attack *attack)
{
        for (unsigned i = 0; i < attack->count; i++)
                send_over(attack, BURST_CONNECTIONS, BURST);
}

/* Nobody is there any more when the service looks who it was. */
void attack_comers(Attack *attack)
{
        RawMessage call = select_call(0);

        for (unsigned i = 0; i < attack->count; i++) {
                RawBus *bus = attack_connect(attack);

                g_assert_nonnull(bus);
                g_assert_true(raw_bus_send(bus, &call));
                attack_close(attack, bus);
        }
        attack_finish(attack, attack_connect(attack));
        raw_message_done(&call);
}
