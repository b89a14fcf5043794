/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The attacker: attacker ADDRESS DIRECTORY KIND COUNT [--seed=SEED], as whoever runs it. */

#include "attack.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "call.h"

/* No attack takes longer: one that would is in the way of the test. */
#define SECONDS_MAX 110
#define REFUSED_WAIT_MS 20

RawBus *attack_connect(const Attack *attack)
{
        return raw_bus_connect(attack->address);
}

void attack_close(Attack *attack, RawBus *bus)
{
        if (!bus)
                return;
        attack->sent += bus->sent;
        attack->replies += bus->replies;
        attack->errors += bus->errors;
        (void) raw_bus_free(bus);
}

void attack_finish(Attack *attack, RawBus *bus)
{
        RawMessage ping = raw_call(MANAGER_PATH, "org.freedesktop.DBus.Peer", "Ping", NULL, 0);

        /* While too many calls wait for their replies, the bus refuses another. */
        do
                (void) raw_bus_read(bus, REFUSED_WAIT_MS);
        while (raw_bus_send(bus, &ping) && raw_bus_wait(bus, bus->serial) && bus->is_refused);
        raw_message_done(&ping);
        attack_close(attack, bus);
}

void attack_send(Attack *attack, const RawMessage *message, unsigned count)
{
        RawBus *bus = attack_connect(attack);

        g_assert_nonnull(bus);
        for (unsigned i = 0; i < count; i++)
                if (!raw_bus_send(bus, message))
                        break;
        attack_finish(attack, bus);
}

static const struct {
        const char *name;
        AttackFunction run;
} kinds[] = {
        { "rescan-unread", attack_rescan_unread },
        { "rescan-silent", attack_rescan_silent },
        { "select-unread", attack_select_unread },
        { "select-silent", attack_select_silent },
        { "select-interactive", attack_select_interactive },
        { "connections", attack_connections },
        { "comers", attack_comers },
        { "bursts", attack_bursts },
        { "imports", attack_imports },
        { "pipes", attack_pipes },
        { "stray-files", attack_stray_files },
        { "long-ignore", attack_long_ignore },
        { "long-names", attack_long_names },
        { "many-names", attack_many_names },
        { "deep-options", attack_deep_options },
        { "objects", attack_objects },
        { "objects-unread", attack_objects_unread },
        { "hoard", attack_hoard },
        { "hoard-errors", attack_hoard_errors },
        { "introspect", attack_introspect },
        { "readers", attack_readers },
        { "headers", attack_headers },
        { "greetings", attack_greetings },
        { "forgeries", attack_forgeries },
        { "odd-objects", attack_odd_objects },
        { "agent", attack_agent },
        { "random", attack_random },
};

static AttackFunction find(const char *name)
{
        for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
                if (g_str_equal(kinds[i].name, name))
                        return kinds[i].run;
        g_error("There is no attack %s", name);
}

int main(int argc, char *argv[])
{
        Attack attack = { 0 };

        (void) alarm(SECONDS_MAX);
        (void) signal(SIGPIPE, SIG_IGN);
        g_test_init(&argc, &argv, NULL);
        if (argc != 5)
                g_error("Wants ADDRESS DIRECTORY KIND COUNT");
        attack.address = argv[1];
        attack.directory = argv[2];
        attack.count = (unsigned) g_ascii_strtoull(argv[4], NULL, 10);
        find(argv[3])(&attack);
        g_print("%s: %u sent, %u replies, %u of them errors\n", argv[3], attack.sent, attack.replies,
                        attack.errors);
        return EXIT_SUCCESS;
}
