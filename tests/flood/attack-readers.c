/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Attacks by what costs the service much and the caller little: long replies. */

#include <limits.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "attack.h"
#include "call.h"
#include "flood-host.h"

#define CONNECTIONS 8
#define PACE 100        /* the bus lets 128 calls wait for their reply */
#define NAME_BYTES 4000 /* the longest that is looked at is 4096 */

static volatile sig_atomic_t is_dismissed;

static void on_dismissed(int number)
{
        is_dismissed = 1;
}

static RawMessage objects_call(void)
{
        return raw_call(MANAGER_PATH, "org.freedesktop.DBus.ObjectManager", "GetManagedObjects", NULL, 0);
}

void attack_objects(Attack *attack)
{
        RawBus *bus = attack_connect(attack);
        RawMessage call = objects_call();

        g_assert_nonnull(bus);
        for (unsigned i = 0; i < attack->count; i++)
                if (!raw_bus_send(bus, &call) || !raw_bus_wait(bus, bus->serial))
                        break;
        attack_finish(attack, bus);
        raw_message_done(&call);
}

void attack_objects_unread(Attack *attack)
{
        RawMessage call = objects_call();

        attack_send(attack, &call, attack->count);
        raw_message_done(&call);
}

/* Its replies aren't read even to learn whether all is seen to. PACE: so many calls at once, lest the bus
 * refuse more; then another connection asks whether the service has come so far. CALL is taken. */
static void hoard(Attack *attack, RawMessage call, unsigned pace)
{
        RawBus *bus = attack_connect(attack), *pacer = attack_connect(attack);
        RawMessage ping = raw_call(MANAGER_PATH, "org.freedesktop.DBus.Peer", "Ping", NULL, 0);

        g_assert_true(bus && pacer);
        for (unsigned i = 0; i < attack->count; i++) {
                (void) raw_bus_send(bus, &call);
                if (i % pace == pace - 1 && raw_bus_send(pacer, &ping))
                        (void) raw_bus_wait(pacer, pacer->serial);
        }
        raw_message_done(&ping);
        raw_message_done(&call);
        (void) signal(SIGTERM, on_dismissed);
        g_print("settled\n");
        while (!is_dismissed)
                (void) pause();
        attack_close(attack, pacer);
        attack_close(attack, bus);
}

void attack_hoard(Attack *attack)
{
        hoard(attack, objects_call(), UINT_MAX);
}

void attack_hoard_errors(Attack *attack)
{
        char name[NAME_BYTES + 1] = { 0 };

        memset(name, 'x', NAME_BYTES);
        hoard(attack, raw_call(MANAGER_PATH, MANAGER, "GetDriver", g_variant_new("(s)", name), 0), PACE);
}

void attack_introspect(Attack *attack)
{
        RawMessage call =
                        raw_call(MANAGER_PATH, "org.freedesktop.DBus.Introspectable", "Introspect", NULL, 0);
        RawBus *all[CONNECTIONS];

        for (unsigned i = 0; i < CONNECTIONS; i++)
                g_assert_nonnull(all[i] = attack_connect(attack));
        for (unsigned i = 0; i < attack->count; i++)
                for (unsigned j = 0; j < CONNECTIONS; j++)
                        (void) raw_bus_send(all[j], &call);
        for (unsigned i = 0; i < CONNECTIONS; i++)
                attack_finish(attack, all[i]);
        raw_message_done(&call);
}

/* All in turn, ten at once. */
void attack_readers(Attack *attack)
{
        const RawMessage calls[] = {
                raw_call(FLOOD_DRIVER_PATH("001"), "org.freedesktop.DBus.Introspectable", "Introspect", NULL,
                                0),
                raw_call(MANAGER_PATH "/driver", "org.freedesktop.DBus.Introspectable", "Introspect", NULL,
                                0),
                raw_call(MANAGER_PATH, MANAGER, "GetHistory", g_variant_new_parsed("(@a{sv} {},)"), 0),
                raw_call(MANAGER_PATH, MANAGER, "ListDevices", g_variant_new_parsed("(@a{sv} {},)"), 0),
                raw_call(MANAGER_PATH, MANAGER, "ListVersions", NULL, 0),
                raw_call(MANAGER_PATH, MANAGER, "GetInitramfs", NULL, 0),
                raw_call(FLOOD_DRIVER_PATH("002"), DRIVER, "Why", NULL, 0),
                raw_call(FLOOD_DRIVER_PATH("003"), DRIVER, "Check",
                                g_variant_new_parsed("('2.0', @a{sv} {})"), 0),
                raw_call(FLOOD_DRIVER_PATH("004"), "org.freedesktop.DBus.Properties", "GetAll",
                                g_variant_new_parsed("('" DRIVER "',)"), 0),
        };
        RawBus *bus = attack_connect(attack);

        g_assert_nonnull(bus);
        for (unsigned i = 0; i < attack->count; i++) {
                const RawMessage *call = &calls[i % G_N_ELEMENTS(calls)];

                if (!raw_bus_send(bus, call) || (i % 10 == 9 && !raw_bus_wait(bus, bus->serial)))
                        break;
        }
        attack_finish(attack, bus);
        for (size_t i = 0; i < G_N_ELEMENTS(calls); i++)
                g_free(calls[i].blob);
}
