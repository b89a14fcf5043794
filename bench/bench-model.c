/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The parts of a start without bus and process: reading the facts, deriving the drivers, the metadata cache.
 */

#include "bench.h"
#include "model/driver.h"
#include "store/store.h"

#define DRIVERS 1000
#define VERSIONS 5
#define RUNS 5

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
        measure_cache(&root);
        sample_root_done(&root);
        return EXIT_SUCCESS;
}
