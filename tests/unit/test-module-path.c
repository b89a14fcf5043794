/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where a module file lies that is named through links. */

#include <errno.h>
#include <glib.h>

#include "host/module-path.h"
#include "temp-dir.h"

static void test_follow(void)
{
        static const struct {
                const char *path;
                int result;
                const char *expected;
        } table[] = {
                { "kernel/ice.ko", 0, "kernel/ice.ko" },
                { "updates/ice.ko", 0, "kernel/ice.ko" },
                { "/lib/modules/6.1/updates/ice.ko", 0, "kernel/ice.ko" },
                { "updates/absolute.ko", 0, "kernel/ice.ko" },
                { "updates/gone.ko", -ENOENT, NULL },
                { "updates", -EINVAL, NULL },
                { "updates/outside.ko", -EXDEV, NULL },
        };
        TempDir dir CLEANUP_TEMP_DIR;
        HostRoot *root CLEANUP(host_root_freep) = NULL;

        temp_dir_init(&dir, "module-path");
        temp_dir_write(&dir, "lib/modules/6.1/kernel/ice.ko", "");
        temp_dir_write(&dir, "opt/ice.ko", "");
        temp_dir_link(&dir, "lib/modules/6.1/updates/ice.ko", "../kernel/ice.ko");
        temp_dir_link(&dir, "lib/modules/6.1/updates/absolute.ko", "/lib/modules/6.1/kernel/ice.ko");
        temp_dir_link(&dir, "lib/modules/6.1/updates/gone.ko", "../kernel/tg3.ko");
        temp_dir_link(&dir, "lib/modules/6.1/updates/outside.ko", "/opt/ice.ko");
        g_assert_cmpint(host_root_new(dir.path, "6.1", &root), ==, 0);
        for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
                char *place CLEANUP_FREE = NULL;

                g_test_message("%s", table[i].path);
                g_assert_cmpint(module_path_follow(root, "6.1", table[i].path, &place), ==, table[i].result);
                g_assert_cmpstr(place, ==, table[i].expected);
        }
}

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/module-path/follow", test_follow);
        return g_test_run();
}
