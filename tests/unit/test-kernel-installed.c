/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What shows that a kernel's own package is there, and what it leaves behind. */

#include <glib.h>

#include "host/kernel/kernel-installed.h"
#include "temp-dir.h"

static void test_traces(void)
{
        static const struct {
                const char *path, *text;
                int expected;
        } table[] = {
                { "lib/modules/6.1/kernel/drivers/net/ice.ko", "", 1 },
                { "lib/modules/6.1/kernel/net/ice.ko.xz", "", 1 },
                { "lib/modules/6.1/modules.builtin", "kernel/fs/ext4/ext4.ko\n", 1 },
                { "lib/modules/6.1/modules.builtin", "", 0 },
                { "lib/modules/6.1/modules.dep", "kernel/net/ice.ko:\n", 0 },
                { "lib/modules/6.1/kernel/net/README", "", 0 },
                { "lib/modules/6.1/updates/ice.ko", "", 0 },
                { "lib/modules/6.1/xenserver/ice/1/ice.ko", "", 0 },
                { "lib/modules/6.1.2/kernel/ice.ko", "", 0 },
                { "lib/modules/6.1", "", 0 },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
                TempDir dir CLEANUP_TEMP_DIR;
                HostRoot *root CLEANUP(host_root_freep) = NULL;

                g_test_message("%s", table[i].path);
                temp_dir_init(&dir, "installed");
                temp_dir_write(&dir, table[i].path, table[i].text);
                g_assert_cmpint(host_root_new(dir.path, "6.1", &root), ==, 0);
                g_assert_cmpint(kernel_is_installed(root, "6.1"), ==, table[i].expected);
        }
}

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/kernel-installed/traces", test_traces);
        return g_test_run();
}
