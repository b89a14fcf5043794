/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How long somebody waits for ListDrivers while somebody else, without rights, floods the service and root
 * selects: against a service that nobody else calls. As root: it needs a bus and a polkit of its own. */

#include "bench.h"
#include "flood-host.h"

#define DRIVERS 300
#define IDLE_ANSWERS 1000
#define AIM_MS 1000.0

static const struct {
        const char *kind; /* NULL: nobody; root only */
        unsigned attackers, count;
} floods[] = {
        { NULL, 0, 0 },
        { "rescan-silent", 1, 600 },
        { "select-silent", 1, 600 },
        { "connections", 1, 1024 },
        { "comers", 1, 2000 },
        { "bursts", 1, 20 },
        { "imports", 1, 64 },
        { "pipes", 1, 64 },
        { "stray-files", 1, 64 },
        { "long-ignore", 1, 100 },
        { "long-names", 1, 5 },
        { "many-names", 1, 3 },
        { "deep-options", 1, 20 },
        { "objects", 2, 50 },
        { "objects", 20, 5 },
        { "objects-unread", 2, 60 },
        { "readers", 4, 400 },
        { "random", 3, 10 },
};

static double part(const GArray *sorted, double share)
{
        return g_array_index(sorted, double, (guint) (share * (sorted->len - 1)));
}

/* Sorts them; returns the middle one, ms. */
static double report(const char *subject, unsigned attackers, GArray *taken, double idle)
{
        double median = bench_median((double *) (void *) taken->data, taken->len);

        g_print("ListDrivers, %u x %s, %u answers: median %.3f ms, p99 %.3f ms, max %.3f ms (aim %.0f)",
                        attackers, subject, taken->len, median, part(taken, 0.99), part(taken, 1), AIM_MS);
        if (idle > 0)
                g_print("; %.1f, %.1f, %.1f times the idle median", median / idle, part(taken, 0.99) / idle,
                                part(taken, 1) / idle);
        g_print("\n");
        return median;
}

static double measure_idle(Flood *flood)
{
        Lister *lister = flood->lister = lister_new(flood->harness->member, flood->drivers);
        double idle;

        while (lister->answers < IDLE_ANSWERS)
                g_assert_cmpint(sd_event_run(flood->harness->event, UINT64_MAX), >=, 0);
        idle = report("nobody", 0, lister->taken, 0);
        flood->lister = lister_free(lister);
        return idle;
}

static void measure(void)
{
        Flood *flood CLEANUP_FLOOD = flood_new(DRIVERS);
        double idle = measure_idle(flood);

        for (size_t i = 0; i < G_N_ELEMENTS(floods); i++) {
                g_autoptr(GArray) taken = NULL;

                flood_watch(flood);
                taken = g_array_ref(flood->lister->taken);
                for (unsigned j = 0; j < floods[i].attackers; j++)
                        flood_attack(flood, floods[i].kind, floods[i].count);
                flood_calm(flood);
                (void) report(floods[i].kind ?: "nobody, but root selects", floods[i].attackers, taken,
                                idle);
        }
}

static void add_benchmark(void)
{
        g_test_add_func("/flood", measure);
}

int main(int argc, char *argv[])
{
        bench_init(argc, argv);
        return harness_main(argc, argv, add_benchmark);
}
