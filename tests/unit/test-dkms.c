/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which package DKMS built a module file from. */

#include <glib.h>

#include "change/adopt/dkms.h"
#include "temp-dir.h"

static void assert_package(
                const HostRoot *root, const char *release, const char *module, const char *expected)
{
        char *package CLEANUP_FREE = NULL;

        g_assert_cmpint(dkms_find_package(root, release, module, &package), ==, 0);
        g_assert_cmpstr(package, ==, expected);
}

static void test_find(void)
{
        TempDir dir CLEANUP_TEMP_DIR;
        HostRoot *root CLEANUP(host_root_freep) = NULL;

        temp_dir_init(&dir, "dkms");
        g_assert_cmpint(host_root_new(dir.path, "6.1", &root), ==, 0);
        assert_package(root, "6.1", "ice", NULL);
        temp_dir_write(&dir, "var/lib/dkms/intel-ice/1.2/6.1/x86_64/module/ice.ko", "");
        assert_package(root, "6.1", "ice", NULL); /* built, but not installed */
        temp_dir_link(&dir, "var/lib/dkms/intel-ice/kernel-6.1-x86_64", "1.2/6.1/x86_64");
        assert_package(root, "6.1", "ice", "intel-ice");
        assert_package(root, "6.1", "tg3", NULL);
        temp_dir_write(&dir, "var/lib/dkms/intel-ice/1.2/6.1/x86_64/module/dell-laptop.ko.zst", "");
        assert_package(root, "6.1", "dell_laptop", "intel-ice"); /* however it is compressed */
        assert_package(root, "6.1.2", "ice", NULL);
        assert_package(root, "6", "ice", NULL);
}

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/dkms/find", test_find);
        return g_test_run();
}
