/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The modules that generators' configuration names. */

#include <glib.h>

#include "host/initramfs/initramfs-listed.h"
#include "temp-dir.h"

typedef struct Row {
        const char *name;
        InitramfsGenerator generator;
        const char *path;
        const char *text;
        const char *expected; /* by name, blanks between */
} Row;

static const Row rows[] = {
        { "tools", INITRAMFS_TOOLS, "etc/initramfs-tools/modules",
                        "# comment\nice debug=16\n  dell-laptop # why\n\n#ixgbe\n", "dell_laptop ice" },
        { "tools-package", INITRAMFS_TOOLS, "usr/share/initramfs-tools/modules.d/x", "ice\n", "ice" },
        { "tools-not-dracut", INITRAMFS_TOOLS, "etc/dracut.conf", "add_drivers+=\" ice \"\n", "" },
        { "dracut", INITRAMFS_DRACUT, "etc/dracut.conf",
                        "add_drivers+=\" ice ixgbe \"\nforce_drivers='i40e'\nomit_drivers+=\" igb \"\n",
                        "i40e ice ixgbe" },
        { "dracut-bare", INITRAMFS_DRACUT, "etc/dracut.conf", "#drivers=igb\n drivers=ice # x\n", "ice" },
        { "dracut-drop-in", INITRAMFS_DRACUT, "etc/dracut.conf.d/9.conf",
                        "drivers+=\" ice =drivers/net \"\n", "ice" },
        { "dracut-no-drop-in", INITRAMFS_DRACUT, "etc/dracut.conf.d/9.conf.bak", "drivers+=\" ice \"\n",
                        "" },
        { "dracut-package", INITRAMFS_DRACUT, "usr/lib/dracut/dracut.conf.d/1.conf", "drivers+=\" ice \"\n",
                        "ice" },
        { "mkinitcpio", INITRAMFS_MKINITCPIO, "etc/mkinitcpio.conf",
                        "# MODULES=(igb)\nMODULES=(ice\n  ixgbe)\nHOOKS=(base udev)\n", "ice ixgbe" },
        { "mkinitcpio-old", INITRAMFS_MKINITCPIO, "etc/mkinitcpio.conf", "MODULES=\"ice ixgbe\"\n",
                        "ice ixgbe" },
        { "none", INITRAMFS_NONE, "etc/initramfs-tools/modules", "ice\n", "" },
};

static void test_row(gconstpointer data)
{
        const Row *row = data;
        TempDir dir CLEANUP_TEMP_DIR = { 0 };
        HostRoot *root CLEANUP(host_root_freep) = NULL;
        StringSet names CLEANUP_STRING_SET = { 0 };
        g_autofree char *line = NULL;

        temp_dir_init(&dir, "listed");
        temp_dir_write(&dir, row->path, row->text);
        g_assert_cmpint(host_root_new(dir.path, "6.1.0", &root), ==, 0);
        g_assert_cmpint(initramfs_listed(root, row->generator, &names), ==, 0);
        line = names.count > 0 ? g_strjoinv(" ", names.items) : g_strdup("");
        g_assert_cmpstr(line, ==, row->expected);
}

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
        for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
                g_autofree char *path = g_strdup_printf("/initramfs-listed/%s", rows[i].name);

                g_test_add_data_func(path, &rows[i], test_row);
        }
        return g_test_run();
}
