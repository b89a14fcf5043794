/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The file that keeps a deselected driver from being loaded: its name, its text, and what became of it. */

#include <errno.h>
#include <glib.h>

#include "host/block-list.h"
#include "temp-dir.h"

#define WHOLE "softdep dell_laptop pre:\nblacklist dell_laptop\ninstall dell_laptop /bin/false\n"

static void test_name(void)
{
        static const char *const foreign[] = { "hostdriver-.conf", "hostdriver-ice", "ice.conf",
                "xhostdriver-ice.conf", "hostdriver-ice.conf.dpkg-old", "hostdriver-a b.conf", "" };
        char *name CLEANUP_FREE = NULL, *module CLEANUP_FREE = NULL;

        g_assert_cmpint(block_file_name("dell_laptop", &name), ==, 0);
        g_assert_cmpstr(name, ==, "hostdriver-dell_laptop.conf");
        g_assert_cmpint(block_file_module("hostdriver-dell-laptop.conf", &module), ==, 0);
        g_assert_cmpstr(module, ==, "dell_laptop");
        for (size_t i = 0; i < G_N_ELEMENTS(foreign); i++) {
                char *none CLEANUP_FREE = NULL;

                g_test_message("%s", foreign[i]);
                g_assert_cmpint(block_file_module(foreign[i], &none), ==, -EINVAL);
        }
}

static void test_judge(void)
{
        static const struct {
                const char *text;
                bool blocks, edited;
        } table[] = {
                { WHOLE, true, false },
                { "install dell-laptop /bin/false\n# why\n\nblacklist dell-laptop\nsoftdep dell-laptop pre:",
                                true, false },
                { "", false, true },
                { "blacklist dell_laptop\n", false, true },
                { "install dell_laptop /bin/true\nblacklist dell_laptop\nsoftdep dell_laptop pre:\n", false,
                                true },
                { "install dell_laptop /bin/true\n" WHOLE, false, true }, /* the first one counts */
                { WHOLE "install dell_laptop /bin/true\n", true, true },
                { WHOLE "options dell_laptop a=1\n", true, true },
                { WHOLE "blacklist ice\n", true, true },
                { "softdep dell_laptop pre: ice\nblacklist dell_laptop\ninstall dell_laptop /bin/false\n",
                                true, true },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
                BlockJudgement judgement = { 0 };

                g_test_message("%s", table[i].text);
                g_assert_cmpint(block_text_judge(table[i].text, "dell_laptop", &judgement), ==, 0);
                g_assert_cmpint(judgement.blocks, ==, table[i].blocks);
                g_assert_cmpint(judgement.edited, ==, table[i].edited);
        }
}

static void test_format(void)
{
        BlockJudgement judgement = { 0 };
        char *text CLEANUP_FREE = NULL;

        g_assert_cmpint(block_text_format("ice", &text), ==, 0);
        g_assert_cmpint(block_text_judge(text, "ice", &judgement), ==, 0);
        g_assert_true(judgement.blocks && judgement.installs && judgement.blacklists && judgement.softens);
        g_assert_false(judgement.edited);
        g_assert_cmpint(block_text_judge(text, "tg3", &judgement), ==, 0);
        g_assert_false(judgement.blocks);
}

static void test_directory(void)
{
        StringSet modules CLEANUP_STRING_SET = { 0 }, blocked CLEANUP_STRING_SET = { 0 };
        StringSet edited CLEANUP_STRING_SET = { 0 };
        TempDir dir CLEANUP_TEMP_DIR;
        HostRoot *root CLEANUP(host_root_freep) = NULL;

        temp_dir_init(&dir, "blocks");
        g_assert_cmpint(host_root_new(dir.path, "6.1", &root), ==, 0);
        g_assert_cmpint(blocks_read(root, &modules), ==, 0);
        g_assert_cmpuint(modules.count, ==, 0);
        temp_dir_write(&dir, "etc/modprobe.d/hostdriver-dell_laptop.conf", WHOLE);
        temp_dir_write(&dir, "etc/modprobe.d/hostdriver-ice.conf", "");
        temp_dir_write(&dir, "etc/modprobe.d/local.conf", "blacklist tg3\n");
        temp_dir_mkdir(&dir, "etc/modprobe.d/hostdriver-tg3.conf");
        g_assert_cmpint(blocks_read(root, &modules), ==, 0);
        g_assert_cmpuint(modules.count, ==, 3);
        g_assert_cmpint(blocks_judge(root, &blocked, &edited), ==, 0);
        g_assert_cmpuint(blocked.count, ==, 1);
        g_assert_true(string_set_contains(&blocked, "dell_laptop"));
        g_assert_cmpuint(edited.count, ==, 2);
        g_assert_true(string_set_contains(&edited, "ice") && string_set_contains(&edited, "tg3"));
}

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/block-list/name", test_name);
        g_test_add_func("/block-list/judge", test_judge);
        g_test_add_func("/block-list/format", test_format);
        g_test_add_func("/block-list/directory", test_directory);
        return g_test_run();
}
