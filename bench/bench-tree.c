/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Makes trees of many drivers. Each module file is a real one and a file of its own. */

#include <unistd.h>

#include "bench.h"

static char *file_path(const BenchTree *tree, unsigned driver, unsigned version)
{
        return g_strdup_printf("xenserver/vendor-%04u/%u.%u.%u/bench_%04u.ko%s", driver, version / 3 + 1,
                        version * 7 % 10, version, driver, tree->ending);
}

void bench_tree_init(SampleRoot *root, const BenchTree *tree)
{
        sample_root_init(root, BENCH_KERNEL);
        for (unsigned i = 0; i < tree->drivers; i++) {
                g_autofree char *alias = g_strdup_printf("pci:v00008086d0000%04Xsv*sd*bc*sc*i*", i);
                const char *const aliases[] = { alias, "pci:v00008086d0000FFFFsv*sd*bc*sc*i*", NULL };

                for (unsigned j = 0; j < tree->versions; j++) {
                        g_autofree char *path = file_path(tree, i, j);
                        g_autofree char *version = g_strdup_printf("%u.%u", i, j);
                        ModuleSpec spec = {
                                .version = version,
                                .note_version = version,
                                .description = "A driver that exists for measuring",
                                .license = "GPL",
                                .aliases = aliases,
                                .padding = tree->padding,
                        };

                        sample_root_add_module_spec(root, BENCH_KERNEL, path, &spec);
                        if (j + 1 == tree->versions)
                                sample_root_select(root, BENCH_KERNEL, path);
                }
        }
        sample_root_depmod(root, BENCH_KERNEL);
        sync();
}

GPtrArray *bench_tree_files(const SampleRoot *root, const BenchTree *tree)
{
        GPtrArray *files = g_ptr_array_new_with_free_func(g_free);

        for (unsigned i = 0; i < tree->drivers; i++)
                for (unsigned j = 0; j < tree->versions; j++) {
                        g_autofree char *path = file_path(tree, i, j);

                        g_ptr_array_add(files, g_strconcat(root->dir.path, "/lib/modules/" BENCH_KERNEL "/",
                                                               path, NULL));
                }
        return files;
}

void bench_tree_forget(const SampleRoot *root)
{
        static const char *const files[] = { "hostdriver.db", "hostdriver.db-wal", "hostdriver.db-shm" };

        for (size_t i = 0; i < G_N_ELEMENTS(files); i++) {
                g_autofree char *path = g_strconcat(root->dir.path, "/var/lib/hostdriver/", files[i], NULL);

                (void) unlink(path);
        }
}
