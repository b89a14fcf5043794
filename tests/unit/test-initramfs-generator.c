/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which generator is found, by configuration and by what is installed. */

#include <glib.h>
#include <string.h>

#include "host/initramfs/initramfs-generator.h"
#include "temp-dir.h"

typedef struct Row {
        InitramfsGenerator configured;
        const char *install_conf; /* NULL: there is none */
        const char *programs[3];
        InitramfsGenerator expected;
} Row;

static const Row rows[] = {
        { INITRAMFS_AUTO, NULL, { NULL }, INITRAMFS_NONE },
        { INITRAMFS_AUTO, NULL, { "usr/sbin/mkinitramfs" }, INITRAMFS_TOOLS },
        { INITRAMFS_AUTO, NULL, { "sbin/mkinitramfs" }, INITRAMFS_TOOLS },
        { INITRAMFS_AUTO, NULL, { "usr/bin/dracut" }, INITRAMFS_DRACUT },
        { INITRAMFS_AUTO, NULL, { "usr/sbin/dracut" }, INITRAMFS_DRACUT },
        { INITRAMFS_AUTO, NULL, { "usr/bin/mkinitcpio" }, INITRAMFS_MKINITCPIO },
        { INITRAMFS_AUTO, NULL, { "usr/bin/dracut", "usr/sbin/mkinitramfs" }, INITRAMFS_TOOLS },
        { INITRAMFS_AUTO, NULL, { "usr/bin/dracut", "usr/bin/mkinitcpio" }, INITRAMFS_DRACUT },
        { INITRAMFS_AUTO, "layout=bls\n", { "usr/bin/dracut" }, INITRAMFS_DRACUT },
        { INITRAMFS_AUTO, "initrd_generator=mkinitcpio\n", { "usr/bin/dracut" }, INITRAMFS_MKINITCPIO },
        { INITRAMFS_AUTO, "  initrd_generator=\"dracut\"\r\n", { "usr/bin/mkinitcpio" }, INITRAMFS_DRACUT },
        { INITRAMFS_AUTO, "initrd_generator=mkinitcpio\ninitrd_generator=dracut", { NULL },
                        INITRAMFS_DRACUT },
        { INITRAMFS_AUTO, "#initrd_generator=mkinitcpio\n", { NULL }, INITRAMFS_NONE },
        { INITRAMFS_AUTO, "initrd_generator=booster\n", { "usr/bin/dracut" }, INITRAMFS_DRACUT },
        { INITRAMFS_NONE, "initrd_generator=dracut\n", { "usr/bin/dracut" }, INITRAMFS_NONE },
        { INITRAMFS_MKINITCPIO, "initrd_generator=dracut\n", { "usr/bin/dracut" }, INITRAMFS_MKINITCPIO },
};

static void test_row(gconstpointer data)
{
        const Row *row = data;
        const Config config = { .initramfs = row->configured };
        TempDir dir CLEANUP_TEMP_DIR = { 0 };
        HostRoot *root CLEANUP(host_root_freep) = NULL;
        InitramfsGenerator found;

        temp_dir_init(&dir, "generator");
        if (row->install_conf)
                temp_dir_write(&dir, "etc/kernel/install.conf", row->install_conf);
        for (size_t i = 0; i < G_N_ELEMENTS(row->programs) && row->programs[i]; i++)
                temp_dir_write(&dir, row->programs[i], "#!/bin/sh\n");
        g_assert_cmpint(host_root_new(dir.path, "6.1.0", &root), ==, 0);
        g_assert_cmpint(initramfs_generator_find(root, &config, &found), ==, 0);
        g_assert_cmpstr(initramfs_generator_text(found), ==, initramfs_generator_text(row->expected));
}

/* Of several files the first one counts, even if it says nothing. */
static void test_precedence(void)
{
        static const Config config = { .initramfs = INITRAMFS_AUTO };
        TempDir dir CLEANUP_TEMP_DIR = { 0 };
        HostRoot *root CLEANUP(host_root_freep) = NULL;
        InitramfsGenerator found;

        temp_dir_init(&dir, "generator");
        g_assert_cmpint(host_root_new(dir.path, "6.1.0", &root), ==, 0);
        temp_dir_write(&dir, "usr/lib/kernel/install.conf", "initrd_generator=dracut\n");
        g_assert_cmpint(initramfs_generator_find(root, &config, &found), ==, 0);
        g_assert_cmpint(found, ==, INITRAMFS_DRACUT);
        temp_dir_write(&dir, "etc/kernel/install.conf", "layout=bls\n");
        g_assert_cmpint(initramfs_generator_find(root, &config, &found), ==, 0);
        g_assert_cmpint(found, ==, INITRAMFS_NONE);
}

static void test_advice(void)
{
        static const struct {
                InitramfsGenerator generator;
                const char *expected;
        } table[] = {
                { INITRAMFS_TOOLS, "Run `update-initramfs -u -k 6.1.0`." },
                { INITRAMFS_DRACUT, "Run `dracut --force /boot/image 6.1.0`." },
                { INITRAMFS_MKINITCPIO, "Run `mkinitcpio -k 6.1.0 -g /boot/image`." },
                { INITRAMFS_NONE, "Rebuild /boot/image with the program that made it." },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
                char *advice = initramfs_generator_advice(table[i].generator, "6.1.0", "/boot/image");

                g_assert_cmpstr(advice, ==, table[i].expected);
                free(advice);
        }
}

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
        for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
                char *name = g_strdup_printf("/initramfs-generator/row/%zu", i);

                g_test_add_data_func(name, &rows[i], test_row);
                g_free(name);
        }
        g_test_add_func("/initramfs-generator/precedence", test_precedence);
        g_test_add_func("/initramfs-generator/advice", test_advice);
        return g_test_run();
}
