/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which kernel counts as the running one beneath a root that doesn't run. */

#include "registry/root-kernel.h"

#include <glib.h>

#include "temp-dir.h"

/* RELEASES: one or more, with blanks between; "!" before one that only others' files are left of. OURS runs
 * here. */
static void check(const char *ours, const char *releases, const char *expected)
{
        HostRoot *root CLEANUP(host_root_freep) = NULL;
        TempDir dir CLEANUP_TEMP_DIR = { 0 };
        char *chosen CLEANUP_FREE = NULL;
        g_auto(GStrv) names = g_strsplit(releases, " ", -1);

        temp_dir_init(&dir, "root-kernel");
        for (size_t i = 0; names[i]; i++) {
                bool gone = names[i][0] == '!';
                g_autofree char *path = g_strdup_printf("lib/modules/%s/%s", names[i] + gone,
                                gone ? "xenserver/a/1/a.ko" : "kernel/a.ko");

                if (*names[i])
                        temp_dir_write(&dir, path, "");
        }
        g_assert_cmpint(host_root_new(dir.path, ours, &root), ==, 0);
        g_assert_cmpint(root_kernel_choose(root, &chosen), ==, 0);
        g_assert_cmpstr(chosen, ==, expected);
}

static void test_choose(void)
{
        check("6.1.0", "6.1.0", "6.1.0");
        check("6.1.0", "6.1.0 6.12.0", "6.1.0");
        check("5.10.0", "6.9.0 6.12.0 6.1.0", "6.12.0");
        check("5.10.0", "6.9.0 !6.12.0 6.1.0", "6.9.0");
        check("5.10.0", "!6.9.0 !6.12.0", "6.12.0");
        check("5.10.0", "!6.12.0 6.1.0 build old-6.99.0", "6.1.0");
        check("5.10.0", "build", NULL);
        check("5.10.0", "", NULL);
}

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/root-kernel/choose", test_choose);
        return g_test_run();
}
