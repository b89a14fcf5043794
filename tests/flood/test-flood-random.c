/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A minute of calls by chance, from several connections of somebody without rights. --seed=R02S… repeats it.
 */

#include "flood-host.h"

#define DRIVERS 50
#define ATTACKERS 3
#define SECONDS 60

static void test_random(void)
{
        Flood *flood CLEANUP_FLOOD = flood_new(DRIVERS);

        flood_watch(flood);
        for (unsigned i = 0; i < ATTACKERS; i++)
                flood_attack(flood, "random", SECONDS);
        flood_calm(flood);
}

static void add_tests(void)
{
        g_test_add_func("/flood/random", test_random);
}

int main(int argc, char *argv[])
{
        return harness_main(argc, argv, add_tests);
}
