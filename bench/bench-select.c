/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Selecting many drivers at once, up to the reply: the change is checked, journaled and on disk then, and
 * its job waits for depmod. Against the same for one package of the same
 * host, which is read again in each case. */

#include "bench.h"
#include "sample-changer.h"

#define DRIVERS 2000
#define VERSIONS 3
#define SYMBOLS 100
#define RUNS 3
#define AIM_MS 2000

/* What a method call does, but for the bus; for a driver of each of COUNT. Ends with nothing under way.
 * Returns ms. */
static double select_drivers(SampleChanger *sample, unsigned count)
{
        g_autofree ChangeTarget *targets = g_new0(ChangeTarget, count);
        g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
        const Request options = { 0 };
        Refusal refusal CLEANUP_REFUSAL = { 0 };
        double begin, took;
        Job *job;
        int r;

        for (unsigned i = 0; i < count; i++) {
                g_ptr_array_add(names, g_strdup_printf("bench_%04u", i));
                targets[i] = (ChangeTarget){ names->pdata[i], "1.0.0" };
        }
        begin = bench_now();
        r = sample_changer_change(sample, targets, count, &options, 0, &job, &refusal);
        took = bench_now() - begin;
        if (r < 0)
                g_error("%s", refusal.sentence ? refusal.sentence : g_strerror(-r));
        g_assert_cmpint(changer_cancel(sample->changer, job, &refusal), ==, 0);
        sample_changer_run(sample);
        return took;
}

/* Each time beneath a root of its own, and none is removed before all is measured: ext4 takes long to make
 * what was removed a moment ago. */
static void measure(const char *subject, const BenchTree *tree)
{
        double one[RUNS], all[RUNS];
        SampleChanger sample;
        SampleRoot roots[RUNS];

        for (unsigned i = 0; i < RUNS; i++) {
                bench_tree_init(&roots[i], tree);
                sample_changer_init(&sample, roots[i].dir.path, BENCH_KERNEL);
                one[i] = select_drivers(&sample, MAX(tree->together, 1));
                all[i] = select_drivers(&sample, tree->drivers);
                sample_changer_done(&sample);
        }
        for (unsigned i = 0; i < RUNS; i++)
                sample_root_done(&roots[i]);
        bench_report(subject, bench_median(all, RUNS), "one package", bench_median(one, RUNS), "ms",
                        AIM_MS / bench_median(one, RUNS));
}

int main(int argc, char *argv[])
{
        static const BenchTree apart = {
                .drivers = DRIVERS, .versions = VERSIONS, .ending = "", .symbols = SYMBOLS
        };
        static const BenchTree together = {
                .drivers = DRIVERS, .versions = VERSIONS, .ending = "", .together = 5, .symbols = SYMBOLS
        };

        bench_init(argc, argv);
        measure("Select of 2000 drivers, each of its own package", &apart);
        measure("Select of 2000 drivers, 5 a package", &together);
        return EXIT_SUCCESS;
}
