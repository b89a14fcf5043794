/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a client waits for: all objects at once, for each driver; and one property, against a Ping of the
 * same service, which costs the bus and nothing else. */

#include "bench.h"

#define DRIVERS 1000
#define ROUNDS 2000
#define RUNS 9

static double measure_objects(sd_bus *connection)
{
        double values[RUNS];

        for (unsigned i = 0; i < RUNS; i++) {
                double begin = bench_now();

                (void) sd_bus_message_unref(bench_call(connection, BENCH_BUS_NAME, BENCH_OBJECT_PATH,
                                "org.freedesktop.DBus.ObjectManager", "GetManagedObjects"));
                values[i] = bench_now() - begin;
        }
        return bench_median(values, RUNS);
}

static double measure_ping(sd_bus *connection)
{
        double begin = bench_now();

        for (unsigned i = 0; i < ROUNDS; i++)
                (void) sd_bus_message_unref(bench_call(connection, BENCH_BUS_NAME, BENCH_OBJECT_PATH,
                                "org.freedesktop.DBus.Peer", "Ping"));
        return (bench_now() - begin) / ROUNDS * 1e3;
}

static double measure_get(sd_bus *connection)
{
        double begin = bench_now();

        for (unsigned i = 0; i < ROUNDS; i++) {
                char *selected = NULL;

                g_assert_cmpint(sd_bus_get_property_string(connection, BENCH_BUS_NAME,
                                                "/org/hostdriver1/driver/bench_5f0500",
                                                "org.hostdriver1.Driver", "Selected", NULL, &selected),
                                >=, 0);
                free(selected);
        }
        return (bench_now() - begin) / ROUNDS * 1e3;
}

int main(int argc, char *argv[])
{
        static const BenchTree tree = { DRIVERS, 5, 0, "" };
        double ping[RUNS], get[RUNS], objects;
        BenchHost host;

        bench_init(argc, argv);
        bench_host_init(&host, &tree);
        objects = measure_objects(host.connection);
        /* In turns, so that both see the same machine. */
        for (unsigned i = 0; i < RUNS; i++) {
                ping[i] = measure_ping(host.connection);
                get[i] = measure_get(host.connection);
        }
        bench_report("Get of one property", bench_median(get, RUNS), "Ping", bench_median(ping, RUNS), "us",
                        1.2);
        g_print("GetManagedObjects of %d drivers: %.3f ms, %.2f us for each driver, %.2f times Ping\n",
                        DRIVERS, objects, objects * 1e3 / DRIVERS,
                        objects * 1e3 / DRIVERS / bench_median(ping, RUNS));
        bench_host_done(&host);
        return EXIT_SUCCESS;
}
