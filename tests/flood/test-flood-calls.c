/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Somebody without rights sends more than anybody should: the service stays, goes on serving others, and
 * costs no more afterwards than before. */

#include "flood-host.h"

#define DRIVERS 100

typedef struct Row {
        const char *path, *kind;
        unsigned count;
        bool fills_queues; /* of the bus */
} Row;

static const Row rows[] = {
        { "/flood/rescan/unread", "rescan-unread", 600 },
        { "/flood/rescan/silent", "rescan-silent", 600 },
        { "/flood/select/unread", "select-unread", 600 },
        { "/flood/select/silent", "select-silent", 600 },
        { "/flood/select/interactive", "select-interactive", 600 },
        { "/flood/connections", "connections", 1024 },
        { "/flood/comers", "comers", 2000 },
        { "/flood/bursts", "bursts", 20 },
        { "/flood/imports", "imports", 64 },
        { "/flood/pipes", "pipes", 64 },
        { "/flood/stray-files", "stray-files", 64 },
        { "/flood/long-ignore", "long-ignore", 100, true },
        { "/flood/long-names", "long-names", 5, true },
        { "/flood/many-names", "many-names", 3, true },
        { "/flood/deep-options", "deep-options", 20 },
        { "/flood/headers", "headers", 5000, true },
        { "/flood/greetings", "greetings", 50 },
        { "/flood/forgeries", "forgeries", 1000 },
        { "/flood/odd-objects", "odd-objects", 3000 },
};

static void test_row(gconstpointer data)
{
        const Row *row = data;
        Flood *flood CLEANUP_FLOOD = flood_new(DRIVERS);

        if (!row->fills_queues)
                flood_watch_questions(flood);
        flood_withstand(flood, row->kind, row->count);
}

static void add_tests(void)
{
        for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
                g_test_add_data_func(rows[i].path, &rows[i], test_row);
}

int main(int argc, char *argv[])
{
        return harness_main(argc, argv, add_tests);
}
