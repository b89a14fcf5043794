/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The kernel's own modules: those that are wanted, wherever they lie. */

#include <glib.h>
#include <sys/stat.h>

#include "host/config.h"
#include "tree-record.h"

static void test_wanted(void)
{
        static const char *const files[] = {
                "kernel/drivers/net/ethernet/intel/ice/ice.ko",
                "kernel/drivers/platform/x86/dell-laptop.ko.xz",
                "kernel/drivers/net/e1000.ko",
                "kernel/ice.ko.bak",
                "kernel/bad\nname/ice.ko",
                "kernel/odd\n.ko",
                "xenserver/intel-ice/1/ice.ko",
        };
        TempDir dir CLEANUP_TEMP_DIR = { 0 };
        TreeRecord record CLEANUP_TREE_RECORD = { 0 };
        StringSet wanted CLEANUP_STRING_SET = { 0 };
        g_autofree char *found = NULL;

        temp_dir_init(&dir, "tree");
        for (size_t i = 0; i < G_N_ELEMENTS(files); i++)
                temp_dir_write(&dir, files[i], "");
        g_assert_cmpint(string_set_add(&wanted, "ice"), ==, 1);
        g_assert_cmpint(string_set_add(&wanted, "dell_laptop"), ==, 1);
        tree_record_scan(&record, &tree_kernel, &dir, "kernel", &wanted);
        found = tree_record_lines(record.found);
        g_assert_cmpstr(found, ==,
                        "|kernel|kernel/drivers/net/ethernet/intel/ice/ice.ko\n"
                        "|kernel|kernel/drivers/platform/x86/dell-laptop.ko.xz\n");
        /* Names in the kernel's package are not ours to complain of. */
        g_assert_cmpuint(record.skipped->len, ==, 0);
}

static void test_nothing_wanted(void)
{
        TempDir dir CLEANUP_TEMP_DIR = { 0 };
        TreeRecord record CLEANUP_TREE_RECORD = { 0 };
        StringSet wanted = { 0 };

        temp_dir_init(&dir, "tree");
        temp_dir_write(&dir, "kernel/net/ice.ko", "");
        tree_record_scan(&record, &tree_kernel, &dir, "kernel", &wanted);
        g_assert_cmpuint(record.found->len, ==, 0);
        tree_record_scan(&record, &tree_kernel, &dir, "kernel", NULL);
        g_assert_cmpuint(record.found->len, ==, 1);
}

/* The trees' names and their order are the rest of the code's to rely on. */
static void test_all_trees(void)
{
        Config config = { .tree_directories = { (char *) "x", (char *) "" } };

        g_assert_true(all_trees[0] == &tree_xenserver);
        g_assert_true(all_trees[1] == &tree_dmv);
        g_assert_true(all_trees[2] == &tree_kernel);
        g_assert_null(all_trees[3]);
        g_assert_cmpstr(config_tree_directory(&config, &tree_xenserver), ==, "x");
        g_assert_cmpstr(config_tree_directory(&config, &tree_dmv), ==, "");
        g_assert_cmpstr(config_tree_directory(&config, &tree_kernel), ==, "kernel");
}

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/tree-kernel/wanted", test_wanted);
        g_test_add_func("/tree-kernel/nothing-wanted", test_nothing_wanted);
        g_test_add_func("/tree-kernel/all-trees", test_all_trees);
        return g_test_run();
}
