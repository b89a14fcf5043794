/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The parts of a start without bus and process: reading the facts, deriving the drivers, the metadata cache.
 */

#include "bench.h"
#include "model/driver-derive.h"
#include "model/driver.h"
#include "store/store-cache.h"
#include "store/store-history.h"
#include "store/store-open.h"
#include "store/store-wanted.h"
#include "store/store.h"
#include "util/clock.h"

#define DRIVERS 1000
#define VERSIONS 5
#define RUNS 5
/* Changes in the history of each driver. */
#define CHANGES 10

/* ms of this process on a CPU: parts of one refresh are compared whoever else runs. bench_cpu() has the
 * kernel's ticks. */
static double cpu_now(void)
{
        return (double) clock_usec(CLOCK_PROCESS_CPUTIME_ID) / 1e3;
}

static void derive_all(const Facts *facts)
{
        for (size_t i = 0; i < facts->catalogue->modules.count; i++) {
                Driver *driver = NULL;

                g_assert_cmpint(driver_derive(facts, i, &driver), ==, 0);
                (void) driver_free(driver);
        }
}

static void measure_facts(const SampleRoot *root)
{
        double cold[RUNS], unchanged[RUNS], derive[RUNS];
        Config config;

        g_assert_cmpint(config_read(root->root, &config), ==, 0);
        for (unsigned i = 0; i < RUNS; i++) {
                Facts *first = NULL, *second = NULL;
                double begin = bench_now();

                g_assert_cmpint(facts_read(root->root, &config, NULL, NULL, &first), ==, 0);
                cold[i] = bench_now() - begin;
                begin = bench_now();
                g_assert_cmpint(facts_read(root->root, &config, first, NULL, &second), ==, 0);
                unchanged[i] = bench_now() - begin;
                begin = bench_now();
                derive_all(second);
                derive[i] = bench_now() - begin;
                (void) facts_free(first);
                (void) facts_free(second);
        }
        config_done(&config);
        g_print("facts of %d drivers x %d: %.3f ms; again, unchanged: %.3f ms; derive all: %.3f ms\n",
                        DRIVERS, VERSIONS, bench_median(cold, RUNS), bench_median(unchanged, RUNS),
                        bench_median(derive, RUNS));
}

static int count_wanted(void *userdata, const char *name, const char *release, const char *version,
                const char *build, const char *last_kind)
{
        (*(unsigned *) userdata)++;
        return 0;
}

static void fill_wanted(Store *store)
{
        g_assert_cmpint(store_begin(store), ==, 0);
        for (unsigned i = 0; i < DRIVERS; i++) {
                g_autofree char *name = g_strdup_printf("driver_%u", i);
                const HistoryEntry entry = { .boot_id = (char *) "",
                        .kind = (char *) "select",
                        .driver = name,
                        .release = (char *) BENCH_KERNEL,
                        .from = (char *) "1",
                        .to = (char *) "2",
                        .result = (char *) "done",
                        .detail = (char *) "" };

                g_assert_cmpint(store_wanted_set(store, name, BENCH_KERNEL, "xenserver/vendor/2"), ==, 0);
                for (unsigned j = 0; j < CHANGES; j++)
                        g_assert_cmpint(store_history_add(store, &entry), ==, 0);
        }
        g_assert_cmpint(store_commit(store), ==, 0);
}

/* A part of each refresh, against all that a refresh of unchanged files reads and derives. */
static void measure_wanted(const SampleRoot *root)
{
        double wanted[RUNS], refresh[RUNS];
        StoreCondition condition;
        Store *store = NULL;
        Facts *facts = NULL;
        Config config;

        g_assert_cmpint(config_read(root->root, &config), ==, 0);
        g_assert_cmpint(facts_read(root->root, &config, NULL, NULL, &facts), ==, 0);
        g_assert_cmpint(store_open(root->dir.path, &condition, NULL, &store), ==, 0);
        fill_wanted(store);
        for (unsigned i = 0; i < RUNS; i++) {
                Facts *again = NULL;
                unsigned count = 0;
                double begin = cpu_now();

                g_assert_cmpint(facts_read(root->root, &config, facts, NULL, &again), ==, 0);
                derive_all(again);
                refresh[i] = cpu_now() - begin;
                (void) facts_free(facts);
                facts = again;
                begin = cpu_now();
                g_assert_cmpint(store_wanted_load(store, count_wanted, &count), ==, 0);
                wanted[i] = cpu_now() - begin;
                g_assert_cmpuint(count, ==, DRIVERS);
        }
        (void) facts_free(facts);
        (void) store_free(store);
        config_done(&config);
        bench_report("load what is wanted, CPU", bench_median(wanted, RUNS),
                        "facts and derive, unchanged, CPU", bench_median(refresh, RUNS), "ms", 0.02);
}

static int ignore_row(void *userdata, const CacheKey *key, const void *data, size_t size)
{
        *(size_t *) userdata += size;
        return 0;
}

static void measure_cache(const SampleRoot *root)
{
        double open[RUNS], load[RUNS], put;
        StoreCondition condition;
        Store *store = NULL;
        char data[600] = { 1 };

        g_assert_cmpint(store_open(root->dir.path, &condition, NULL, &store), ==, 0);
        put = bench_now();
        g_assert_cmpint(store_begin(store), ==, 0);
        for (unsigned i = 0; i < DRIVERS * VERSIONS; i++) {
                g_autofree char *path =
                                g_strdup_printf("/lib/modules/%s/xenserver/vendor/%u/x.ko", BENCH_KERNEL, i);
                CacheKey key = {
                        .path = path, .inode = i, .size = 1000000, .mtime_ns = 1700000000000000000
                };

                g_assert_cmpint(store_cache_put(store, &key, data, sizeof(data)), ==, 0);
        }
        g_assert_cmpint(store_commit(store), ==, 0);
        put = bench_now() - put;
        for (unsigned i = 0; i < RUNS; i++) {
                size_t size = 0;

                (void) store_free(store);
                open[i] = bench_now();
                g_assert_cmpint(store_open(root->dir.path, &condition, NULL, &store), ==, 0);
                open[i] = bench_now() - open[i];
                load[i] = bench_now();
                g_assert_cmpint(store_cache_load(store, ignore_row, &size), ==, 0);
                load[i] = bench_now() - load[i];
                g_assert_cmpuint(size, ==, DRIVERS * VERSIONS * sizeof(data));
        }
        (void) store_free(store);
        g_print("metadata cache of %d files: write %.3f ms, open and check %.3f ms, load %.3f ms\n",
                        DRIVERS * VERSIONS, put, bench_median(open, RUNS), bench_median(load, RUNS));
}

int main(int argc, char *argv[])
{
        static const BenchTree tree = { DRIVERS, VERSIONS, 0, "" };
        SampleRoot root;

        bench_init(argc, argv);
        bench_tree_init(&root, &tree);
        measure_facts(&root);
        measure_wanted(&root);
        measure_cache(&root);
        sample_root_done(&root);
        return EXIT_SUCCESS;
}
