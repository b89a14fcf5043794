/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which package of dpkg's owns something below a directory. */

#include <glib.h>

#include "change/adopt/package-owner.h"
#include "temp-dir.h"

#define VERSION "/lib/modules/6.1/xenserver/ice/1"

static void assert_owner(const HostRoot *root, const char *path, const char *expected)
{
        char *owner CLEANUP_FREE = NULL;

        g_assert_cmpint(package_owner_find(root, path, &owner), ==, 0);
        g_assert_cmpstr(owner, ==, expected);
}

static void test_find(void)
{
        TempDir dir CLEANUP_TEMP_DIR;
        HostRoot *root CLEANUP(host_root_freep) = NULL;

        temp_dir_init(&dir, "owner");
        g_assert_cmpint(host_root_new(dir.path, "6.1", &root), ==, 0);
        assert_owner(root, VERSION, NULL);
        temp_dir_write(&dir, "var/lib/dpkg/info/ice-other.list", VERSION ".1/ice.ko\n" VERSION "\n");
        temp_dir_write(&dir, "var/lib/dpkg/info/ice.md5sums", VERSION "/ice.ko\n");
        temp_dir_write(&dir, "var/lib/dpkg/info/.list", VERSION "/ice.ko\n");
        assert_owner(root, VERSION, NULL);
        temp_dir_write(&dir, "var/lib/dpkg/info/intel-ice:amd64.list", "/.\n/usr" VERSION "/ice.ko\n");
        assert_owner(root, VERSION, "intel-ice:amd64");
        assert_owner(root, "/lib/modules/6.1/xenserver/ice/2", NULL);
}

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/package-owner/find", test_find);
        return g_test_run();
}
