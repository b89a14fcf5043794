/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Cold and warm start, until every driver is told of over D-Bus: against modinfo over the same files in one
 * process, and against find over the same tree. */

#include "bench.h"

#define RUNS 5

static double start_once(const BenchBus *bus, const SampleRoot *root, unsigned drivers)
{
        sd_bus *connection = bench_bus_connect(bus);
        double begin = bench_now(), end;
        GPid service = bench_start_service(bus, root);
        sd_bus_message *reply;
        unsigned count = 0;
        int r;

        bench_wait_for_name(connection, BENCH_BUS_NAME);
        reply = bench_call(connection, BENCH_BUS_NAME, BENCH_OBJECT_PATH, "org.hostdriver1.Manager",
                        "ListDrivers");
        end = bench_now();
        g_assert_cmpint(sd_bus_message_enter_container(reply, 'a', "(sssssbo)"), >, 0);
        while ((r = sd_bus_message_skip(reply, "(sssssbo)")) > 0)
                count++;
        g_assert_cmpuint(count, ==, drivers);
        (void) sd_bus_message_unref(reply);
        bench_stop(service);
        (void) sd_bus_flush_close_unref(connection);
        return end - begin;
}

static double run_modinfo(const SampleRoot *root, const BenchTree *tree)
{
        GPtrArray *argv = bench_tree_files(root, tree);
        double begin;

        g_ptr_array_insert(argv, 0, g_strdup("/usr/sbin/modinfo"));
        g_ptr_array_add(argv, NULL);
        begin = bench_now();
        (void) bench_run(NULL, (const char *const *) argv->pdata);
        begin = bench_now() - begin;
        g_ptr_array_unref(argv);
        return begin;
}

static double run_find(const SampleRoot *root)
{
        g_autofree char *path = g_strconcat(root->dir.path, "/lib/modules/" BENCH_KERNEL "/", NULL);
        const char *argv[] = { "find", path, "-printf", "%p %D %i %s %T@ %C@\n", NULL };
        double begin = bench_now();

        (void) bench_run(NULL, argv);
        return bench_now() - begin;
}

static void measure(const BenchBus *bus, const BenchTree *tree, const char *what)
{
        double cold[RUNS], warm[RUNS], modinfo[RUNS], find[RUNS];
        g_autofree char *cold_subject = g_strdup_printf("cold start, %s", what);
        g_autofree char *warm_subject = g_strdup_printf("warm start, %s", what);
        SampleRoot root;

        bench_tree_init(&root, tree);
        for (unsigned i = 0; i < RUNS; i++) {
                modinfo[i] = run_modinfo(&root, tree);
                bench_tree_forget(&root);
                cold[i] = start_once(bus, &root, tree->drivers);
                find[i] = run_find(&root);
                warm[i] = start_once(bus, &root, tree->drivers);
        }
        bench_report(cold_subject, bench_median(cold, RUNS), "modinfo in one process",
                        bench_median(modinfo, RUNS), "ms", 1.5);
        bench_report(warm_subject, bench_median(warm, RUNS), "find -printf", bench_median(find, RUNS), "ms",
                        1.5);
        sample_root_done(&root);
}

int main(int argc, char *argv[])
{
        static const struct {
                const char *what;
                BenchTree tree;
        } table[] = {
                { "1000 drivers x 5 small files", { 1000, 5, 0, "" } },
                /* 5000 such files would be 10 GB: a tenth of them, since the cost is that of each file. */
                { "100 drivers x 5 files of 2 MB", { 100, 5, 2000000, "" } },
                { "100 drivers x 5 files of 2 MB, zstd", { 100, 5, 2000000, ".zst" } },
        };
        BenchBus bus;

        bench_init(argc, argv);
        bench_bus_init(&bus);
        for (size_t i = 0; i < G_N_ELEMENTS(table); i++)
                measure(&bus, &table[i].tree, table[i].what);
        bench_bus_done(&bus);
        return EXIT_SUCCESS;
}
