/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What libkmod resolves, from indexes that the real depmod wrote. */

#include <errno.h>
#include <glib.h>
#include <sys/stat.h>

#include "host/index/module-index.h"
#include "sample-root.h"

static void assert_resolves(
                const SampleRoot *sample, const char *release, const char *module, const char *expected)
{
        ModuleIndex *index CLEANUP(module_index_freep) = NULL;
        char *path CLEANUP_FREE = NULL;
        int r;

        g_assert_cmpint(module_index_open(sample->root, release, &index), ==, 0);
        r = module_index_resolve(index, module, &path);
        if (expected)
                g_assert_cmpint(r, ==, 0);
        else
                g_assert_cmpint(r, ==, -ENOENT);
        g_assert_cmpstr(path, ==, expected);
}

static void test_xenserver(void)
{
        SampleRoot sample CLEANUP_SAMPLE_ROOT = { 0 };

        sample_root_init_xenserver(&sample);
        assert_resolves(&sample, SAMPLE_KERNEL, "ice", "updates/ice.ko");
        assert_resolves(&sample, SAMPLE_KERNEL, "dell_laptop", "updates/dell_laptop.ko");
        assert_resolves(&sample, SAMPLE_KERNEL, "dell-laptop", "updates/dell_laptop.ko");
        assert_resolves(&sample, SAMPLE_KERNEL, "aacraid", "updates/aacraid.ko");
        assert_resolves(&sample, SAMPLE_KERNEL, "nothing", NULL);
}

/* Our lines are what depmod follows (V5, V5b), also to the kernel's file with its own spelling. */
static void test_override(void)
{
        SampleRoot sample CLEANUP_SAMPLE_ROOT = { 0 };

        sample_root_init_xenserver(&sample);
        temp_dir_write(&sample.dir, "etc/depmod.d/zz-hostdriver.conf",
                        "override ice ^4[.]19[.]0[+]1$ xenserver/intel-ice/1.6.4\n"
                        "override dell-laptop ^4[.]19[.]0[+]1$ kernel/drivers/platform/x86\n"
                        "override bnx2fc ^4[.]19[.]0[+]2$ kernel/drivers/scsi/bnx2fc\n");
        sample_root_depmod(&sample, SAMPLE_KERNEL);
        assert_resolves(&sample, SAMPLE_KERNEL, "ice", "xenserver/intel-ice/1.6.4/ice.ko");
        assert_resolves(&sample, SAMPLE_KERNEL, "dell_laptop", "kernel/drivers/platform/x86/dell-laptop.ko");
        assert_resolves(&sample, SAMPLE_KERNEL, "bnx2fc", "updates/bnx2fc.ko");
}

/* What is open stays as it was opened. */
static void test_snapshot(void)
{
        SampleRoot sample CLEANUP_SAMPLE_ROOT = { 0 };
        ModuleIndex *index CLEANUP(module_index_freep) = NULL;
        char *path CLEANUP_FREE = NULL;

        sample_root_init_xenserver(&sample);
        g_assert_cmpint(module_index_open(sample.root, SAMPLE_KERNEL, &index), ==, 0);
        g_assert_cmpint(unlinkat(sample.dir.fd, "lib/modules/" SAMPLE_KERNEL "/updates/ice.ko", 0), ==, 0);
        temp_dir_write(&sample.dir, "etc/depmod.d/x.conf",
                        "override ice * kernel/drivers/net/ethernet/intel/ice\n");
        sample_root_depmod(&sample, SAMPLE_KERNEL);
        g_assert_cmpint(module_index_resolve(index, "ice", &path), ==, 0);
        g_assert_cmpstr(path, ==, "updates/ice.ko");
        assert_resolves(&sample, SAMPLE_KERNEL, "ice", "kernel/drivers/net/ethernet/intel/ice/ice.ko");
}

static void test_builtin(void)
{
        SampleRoot sample CLEANUP_SAMPLE_ROOT = { 0 };
        ModuleIndex *index CLEANUP(module_index_freep) = NULL;
        char *path = NULL;

        sample_root_init(&sample, "6.1.0");
        temp_dir_write(&sample.dir, "lib/modules/6.1.0/modules.builtin", "kernel/drivers/dell-laptop.ko\n");
        sample_root_add_module(&sample, "6.1.0", "kernel/net/ice.ko", "1");
        sample_root_depmod(&sample, "6.1.0");
        g_assert_cmpint(module_index_open(sample.root, "6.1.0", &index), ==, 0);
        g_assert_true(module_index_is_builtin(index, "dell_laptop"));
        g_assert_false(module_index_is_builtin(index, "ice"));
        g_assert_false(module_index_is_builtin(index, "nothing"));
        g_assert_cmpint(module_index_resolve(index, "dell_laptop", &path), ==, -ENOENT);
        g_assert_null(path);
}

static void test_compressed(void)
{
        SampleRoot sample CLEANUP_SAMPLE_ROOT = { 0 };

        sample_root_init(&sample, "6.1.0");
        sample_root_add_module(&sample, "6.1.0", "xenserver/p/1/ice.ko.xz", "1");
        sample_root_select(&sample, "6.1.0", "xenserver/p/1/ice.ko.xz");
        sample_root_depmod(&sample, "6.1.0");
        assert_resolves(&sample, "6.1.0", "ice", "updates/ice.ko.xz");
}

static void test_no_index(void)
{
        SampleRoot sample CLEANUP_SAMPLE_ROOT = { 0 };
        ModuleIndex *index = NULL;

        sample_root_init(&sample, "6.1.0");
        g_assert_cmpint(module_index_open(sample.root, "6.1.0", &index), ==, -ENOENT);
        g_assert_cmpint(module_index_open(sample.root, "6.2.0", &index), ==, -ENOENT);
        g_assert_cmpint(module_index_open(sample.root, "../6.1.0", &index), ==, -EINVAL);
        g_assert_null(index);
}

/* What a power cut may leave of it. */
static void test_damaged(void)
{
        static const struct {
                const char *data;
                size_t size;
        } rows[] = {
                { "", 0 },
                { "not an index", 12 },
                { "\xb0\x07\xf4\x57", 4 },
                { "\0\0\0\0\0\0\0\0\0\0\0\0", 12 },
                { "\xb0\x07\xf4\x57\0\1\0\0\0\0\0\0", 12 },
                { "\xb0\x07\xf4\x57\0\2\0\1\x20\0\0\x0d", 12 },
                { "\xb0\x07\xf4\x57\0\2\0\1\x20\0\0\x0c", 12 },
        };
        SampleRoot sample CLEANUP_SAMPLE_ROOT = { 0 };
        char *path CLEANUP_FREE = NULL;

        sample_root_init_xenserver(&sample);
        path = temp_dir_path(&sample.dir, "lib/modules/" SAMPLE_KERNEL "/modules.dep.bin");
        for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
                ModuleIndex *index = NULL;

                g_assert_true(g_file_set_contents(path, rows[i].data, (gssize) rows[i].size, NULL));
                g_assert_cmpint(module_index_open(sample.root, SAMPLE_KERNEL, &index), ==, -EBADMSG);
                g_assert_null(index);
        }
}

/* The parts that only some questions need, cut off: their answers are "not known". */
static void test_damaged_parts(void)
{
        static const char cut[] = "\xb0\x07\xf4\x57\0\2\0\1\x2f\xff\xff\xf0";
        static const char *const parts[] = { "modules.builtin.bin", "modules.symbols.bin" };
        SampleRoot sample CLEANUP_SAMPLE_ROOT = { 0 };
        ModuleIndex *index CLEANUP(module_index_freep) = NULL;
        char *name CLEANUP_FREE = NULL;

        sample_root_init_xenserver(&sample);
        for (size_t i = 0; i < G_N_ELEMENTS(parts); i++) {
                g_autofree char *path = g_build_filename(
                                sample.dir.path, "lib/modules", SAMPLE_KERNEL, parts[i], NULL);

                g_assert_true(g_file_set_contents(path, cut, 12, NULL));
        }
        g_assert_cmpint(module_index_open(sample.root, SAMPLE_KERNEL, &index), ==, 0);
        g_assert_false(module_index_is_builtin(index, "ice"));
        g_assert_false(module_index_has_symbols(index));
        g_assert_cmpint(module_index_exporter(index, "ice_open", &name), ==, -ENOENT);
}

static void test_exporter(void)
{
        static const ModuleSymbol exports[] = { { "ice_open", 0x11 }, { NULL } };
        SampleRoot sample CLEANUP_SAMPLE_ROOT = { 0 };
        ModuleIndex *index CLEANUP(module_index_freep) = NULL;
        char *name CLEANUP_FREE = NULL, *none CLEANUP_FREE = NULL;
        g_autofree char *endless = g_strnfill(10000, 'a');

        sample_root_init(&sample, "6.1.0");
        sample_root_add_module_spec(
                        &sample, "6.1.0", "kernel/net/ice-core.ko", &(ModuleSpec){ .exports = exports });
        sample_root_depmod(&sample, "6.1.0");
        g_assert_cmpint(module_index_open(sample.root, "6.1.0", &index), ==, 0);
        g_assert_true(module_index_has_symbols(index));
        g_assert_cmpint(module_index_exporter(index, "ice_open", &name), ==, 0);
        g_assert_cmpstr(name, ==, "ice_core");
        g_assert_cmpint(module_index_exporter(index, "ice_close", &none), ==, -ENOENT);
        g_assert_cmpint(module_index_exporter(index, "", &none), ==, -ENOENT);
        g_assert_cmpint(module_index_exporter(index, endless, &none), ==, -ENOENT);
}

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/module-index/xenserver", test_xenserver);
        g_test_add_func("/module-index/override", test_override);
        g_test_add_func("/module-index/snapshot", test_snapshot);
        g_test_add_func("/module-index/builtin", test_builtin);
        g_test_add_func("/module-index/compressed", test_compressed);
        g_test_add_func("/module-index/no-index", test_no_index);
        g_test_add_func("/module-index/damaged", test_damaged);
        g_test_add_func("/module-index/damaged-parts", test_damaged_parts);
        g_test_add_func("/module-index/exporter", test_exporter);
        return g_test_run();
}
