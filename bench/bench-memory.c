/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Private memory of the service after its start and after many rescans, against a bare sd-bus service. */

#include <signal.h>

#include "bench.h"

static double bare_memory(const BenchBus *bus, sd_bus *connection)
{
        const char *argv[] = { g_getenv("BARE_SERVICE"), NULL };
        GPid pid = bench_start(bus, argv);
        double memory;

        bench_wait_for_name(connection, "org.hostdriver1.Bare");
        memory = bench_private_memory(pid);
        bench_stop(pid);
        return memory;
}

/* SIGHUP rereads the host without polkit, but says nothing when it is done: ListDrivers waits behind it,
 * since the service does one thing at a time and signals come first. */
static void rescan(GPid service, sd_bus *connection)
{
        g_assert_cmpint(kill(service, SIGHUP), ==, 0);
        (void) sd_bus_message_unref(bench_call(connection, BENCH_BUS_NAME, BENCH_OBJECT_PATH,
                        "org.hostdriver1.Manager", "ListJobs"));
}

/* Once nothing is under way any more: within a rescan, old and new facts lie side by side. */
static double settled_memory(GPid service)
{
        double before, after = bench_cpu(service);

        do {
                g_usleep(200 * 1000);
                before = after;
                after = bench_cpu(service);
        } while (after > before);
        return bench_private_memory(service);
}

static void measure(const BenchBus *bus, const BenchTree *tree, unsigned rescans, double aim)
{
        sd_bus *connection = bench_bus_connect(bus);
        g_autofree char *subject = g_strdup_printf(
                        "private memory, %u drivers x %u, warm", tree->drivers, tree->versions);
        g_autofree char *cold = g_strdup_printf(
                        "private memory, %u drivers x %u, cold", tree->drivers, tree->versions);
        double bare = bare_memory(bus, connection), first, last;
        SampleRoot root;
        GPid service;

        bench_tree_init(&root, tree);
        service = bench_start_service(bus, &root);
        bench_wait_for_name(connection, BENCH_BUS_NAME);
        bench_report(cold, bench_private_memory(service), "a bare service", bare, "MB", aim / bare);
        bench_stop(service);
        service = bench_start_service(bus, &root);
        bench_wait_for_name(connection, BENCH_BUS_NAME);
        bench_report(subject, bench_private_memory(service), "a bare service", bare, "MB", aim / bare);
        for (unsigned i = 0; i < 20; i++)
                rescan(service, connection);
        first = settled_memory(service);
        for (unsigned i = 0; i < rescans; i++)
                rescan(service, connection);
        last = settled_memory(service);
        g_print("after 20 rescans %.3f MB, after %d more %.3f MB: %+.3f MB\n", first, rescans, last,
                        last - first);
        bench_stop(service);
        (void) sd_bus_flush_close_unref(connection);
        sample_root_done(&root);
}

int main(int argc, char *argv[])
{
        static const BenchTree small = { 100, 5, 0, "" }, large = { 1000, 5, 0, "" };
        BenchBus bus;

        bench_init(argc, argv);
        bench_bus_init(&bus);
        measure(&bus, &small, 1000, 3);
        measure(&bus, &large, 200, 10); /* each rescan takes as long as a warm start */
        bench_bus_done(&bus);
        return EXIT_SUCCESS;
}
