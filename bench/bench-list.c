/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* `hostdriverctl list`: CPU time of client and service together, against a Python that starts, does nothing
 * and ends: what any tool in Python costs before it begins. */

#include "bench.h"

#define RUNS 21

/* Of a tool in Python for the same list, with the aim of costing a fiftieth of it (CPU time, ms). */
#define AIM_MS (390.0 / 50)

int main(int argc, char *argv[])
{
        static const BenchTree tree = { 200, 5, 0, "" };
        const char *list[] = { g_getenv("HOSTDRIVERCTL"), "list", NULL };
        const char *python[] = { "python3", "-c", "", NULL };
        double client[RUNS], service_cost[RUNS], total[RUNS], baseline[RUNS];
        BenchHost host;

        bench_init(argc, argv);
        bench_host_init(&host, &tree);
        for (unsigned i = 0; i < RUNS; i++) {
                double before = bench_cpu(host.service);

                client[i] = bench_run(&host.bus, list);
                service_cost[i] = bench_cpu(host.service) - before;
                total[i] = client[i] + service_cost[i];
                baseline[i] = bench_run(&host.bus, python);
        }
        bench_report("hostdriverctl list of 200 drivers x 5, CPU", bench_median(total, RUNS),
                        "python3 -c ''", bench_median(baseline, RUNS), "ms",
                        AIM_MS / bench_median(baseline, RUNS));
        g_print("of which client: %.3f ms, service: %.3f ms\n", bench_median(client, RUNS),
                        bench_median(service_cost, RUNS));
        bench_host_done(&host);
        return EXIT_SUCCESS;
}
