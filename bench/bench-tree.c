/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Makes trees of many drivers. Each module file is a real one and a file of its own. */

#include <unistd.h>

#include "bench.h"

static char *file_path(const BenchTree *tree, unsigned driver, unsigned version)
{
        return g_strdup_printf("xenserver/vendor-%04u/%u.%u.%u/bench_%04u.ko%s",
                        driver / MAX(tree->together, 1), version / 3 + 1, version * 7 % 10, version, driver,
                        tree->ending);
}

/* As many as a distribution's kernel exports. */
#define KERNEL_SYMBOLS 20000

static void write_kernel_symbols(const SampleRoot *root)
{
        g_autoptr(GString) text = g_string_new(NULL);
        g_autofree char *path = g_strconcat("lib/modules/" BENCH_KERNEL "/build/Module.symvers", NULL);
        static const ModuleSpec spec = { .license = "GPL" };

        for (unsigned i = 0; i < KERNEL_SYMBOLS; i++)
                g_string_append_printf(text, "0x%08x\tkernel_symbol_%05u\tvmlinux\tEXPORT_SYMBOL_GPL\t\n",
                                i + 1, i);
        temp_dir_write(&root->dir, path, text->str);
        sample_root_add_module_spec(root, BENCH_KERNEL, "kernel/drivers/own.ko", &spec);
}

/* One module file and all that it needs and exports. */
static void write_module(const SampleRoot *root, const BenchTree *tree, unsigned driver, ModuleSpec *spec,
                const char *path)
{
        g_autofree ModuleSymbol *imports = g_new0(ModuleSymbol, tree->symbols + 2);
        g_autofree char *first = g_strdup_printf("package_symbol_%u", driver / MAX(tree->together, 1));
        const ModuleSymbol exports[] = { { .name = first, .crc = 7 }, { 0 } };
        g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
        bool is_first = driver % MAX(tree->together, 1) == 0;

        for (unsigned i = 0; i < tree->symbols; i++) {
                unsigned symbol = (driver + i * 97) % KERNEL_SYMBOLS;

                g_ptr_array_add(names, g_strdup_printf("kernel_symbol_%05u", symbol));
                imports[i] = (ModuleSymbol){ .name = names->pdata[i], .crc = symbol + 1 };
        }
        if (tree->together > 1 && !is_first)
                imports[tree->symbols] = exports[0];
        if (tree->together > 1 && is_first)
                spec->exports = exports;
        spec->imports = imports;
        sample_root_add_module_spec(root, BENCH_KERNEL, path, spec);
        spec->imports = spec->exports = NULL;
}

void bench_tree_init(SampleRoot *root, const BenchTree *tree)
{
        sample_root_init(root, BENCH_KERNEL);
        if (tree->symbols > 0)
                write_kernel_symbols(root);
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

                        write_module(root, tree, i, &spec, path);
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
