/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Many who read much, of a host with many drivers: nobody waits long for that. */

#include "flood-host.h"

#define DRIVERS 500
#define FEW_DRIVERS 20
#define INTROSPECTIONS 20000
/* Some 1.9 MB a reply: what they ask for is far more than the bus holds, and so is what each may have of it.
 */
#define HOARDERS 24
/* Some 170 MB of errors, in bits of 4 KB, which cost next to nothing each. */
#define ERROR_HOARDERS 8
#define ERRORS 5000
/* By then, that many replies could have been sent between selections. */
#define HOARD_SELECTIONS 25

static const struct {
        const char *kind;
        unsigned attackers, count; /* count: each one's */
} rows[] = {
        { "objects", 2, 10 },
        { "objects", 20, 2 },
        { "objects-unread", 2, 20 },
        { "readers", 4, 400 },
};

/* One host for all: it takes longer to make than to read. */
static void test_readers(void)
{
        Flood *flood CLEANUP_FLOOD = flood_new(DRIVERS);

        for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
                flood_watch(flood);
                for (unsigned j = 0; j < rows[i].attackers; j++)
                        flood_attack(flood, rows[i].kind, rows[i].count);
                flood_calm(flood);
        }
}

/* Replies that are never read fill the bus's queue from the service, which is everybody's: it isn't to run
 * full. */
static void test_hoard(void)
{
        Flood *flood CLEANUP_FLOOD = flood_new(DRIVERS);

        flood_watch(flood);
        for (unsigned i = 0; i < HOARDERS; i++)
                flood_attack(flood, "hoard", 120);
        flood_wait_settled(flood);
        flood_wait_selections(flood, HOARD_SELECTIONS);
        flood_calm(flood);
}

static void test_hoard_errors(void)
{
        Flood *flood CLEANUP_FLOOD = flood_new(FEW_DRIVERS);

        flood_watch(flood);
        for (unsigned i = 0; i < ERROR_HOARDERS; i++)
                flood_attack(flood, "hoard-errors", ERRORS);
        flood_wait_settled(flood);
        flood_calm(flood);
}

/* The bus reads slowly what answers a flood: others don't wait for all of it. */
static void test_introspect(void)
{
        Flood *flood CLEANUP_FLOOD = flood_new(FEW_DRIVERS);

        flood_withstand(flood, "introspect", INTROSPECTIONS);
}

static void add_tests(void)
{
        g_test_add_func("/flood/hoard-errors", test_hoard_errors);
        g_test_add_func("/flood/introspect", test_introspect);
        g_test_add_func("/flood/hoard", test_hoard);
        g_test_add_func("/flood/readers", test_readers);
}

int main(int argc, char *argv[])
{
        return harness_main(argc, argv, add_tests);
}
