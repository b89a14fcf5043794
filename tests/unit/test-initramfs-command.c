/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The command line of each generator, and that of the boot loaders' hooks. */

#include <errno.h>
#include <glib.h>

#include "change/initramfs/initramfs-command.h"
#include "temp-dir.h"

static void test_generators(void)
{
        static const struct {
                InitramfsGenerator generator;
                const char *files;
                const char *expected;
        } rows[] = {
                { INITRAMFS_TOOLS, "/f", "/tool -o /boot/.new 6.1.0" },
                { INITRAMFS_DRACUT, "/f /g", "/tool --force --quiet --install /f /g /boot/.new 6.1.0" },
                { INITRAMFS_DRACUT, "", "/tool --force --quiet /boot/.new 6.1.0" },
                { INITRAMFS_MKINITCPIO, "/f", "/tool -k 6.1.0 -g /boot/.new" },
        };
        InitramfsCommand none;

        for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
                InitramfsCommand command CLEANUP(initramfs_command_done) = { 0 };
                g_autofree char *line = NULL;

                g_assert_cmpint(initramfs_command(rows[i].generator, "/tool", "6.1.0", "/boot/.new",
                                                rows[i].files, &command),
                                ==, 0);
                line = g_strjoinv(" ", (char **) command.argv);
                g_assert_cmpstr(line, ==, rows[i].expected);
        }
        g_assert_cmpint(initramfs_command(INITRAMFS_NONE, "/tool", "6.1.0", "/boot/.new", "", &none), ==,
                        -EOPNOTSUPP);
}

static void test_hooks(void)
{
        TempDir dir CLEANUP_TEMP_DIR = { 0 };
        HostRoot *root CLEANUP(host_root_freep) = NULL;
        InitramfsCommand command CLEANUP(initramfs_command_done) = { 0 };
        g_autofree char *line = NULL;

        temp_dir_init(&dir, "hooks");
        g_assert_cmpint(host_root_new(dir.path, "6.1.0", &root), ==, 0);
        g_assert_cmpint(initramfs_hooks_command(root, "6.1.0", "/boot/x", &command), ==, -ENOENT);
        temp_dir_mkdir(&dir, "etc/initramfs/post-update.d");
        g_assert_cmpint(initramfs_hooks_command(root, "6.1.0", "/boot/x", &command), ==, -ENOENT);
        temp_dir_write(&dir, "bin/run-parts", "");
        g_assert_cmpint(initramfs_hooks_command(root, "6.1.0", "/boot/x", &command), ==, 0);
        line = g_strjoinv(" ", (char **) command.argv);
        g_assert_cmpstr(line, ==, "/bin/run-parts --arg=6.1.0 --arg=/boot/x /etc/initramfs/post-update.d");
}

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/initramfs-command/generators", test_generators);
        g_test_add_func("/initramfs-command/hooks", test_hooks);
        return g_test_run();
}
