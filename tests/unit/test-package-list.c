/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whose file it is, and when that was written. */

#include <glib.h>

#include "host/package-list.h"
#include "sample-root.h"

#define PATH "/lib/modules/" SAMPLE_KERNEL "/updates/ice.ko"

static void assert_owner(const SampleRoot *sample, const char *path, const char *owner)
{
        char *found CLEANUP_FREE = NULL;
        int64_t time_ns = 0;

        g_assert_cmpint(package_list_find(sample->root, path, &found, &time_ns), ==, 0);
        g_assert_cmpstr(found, ==, owner);
        g_assert_true((time_ns > 0) == !!owner);
}

static void test_owner(void)
{
        SampleRoot sample CLEANUP_SAMPLE_ROOT;

        sample_root_init(&sample, SAMPLE_KERNEL);
        assert_owner(&sample, PATH, NULL);
        temp_dir_write(&sample.dir, "var/lib/dpkg/info/other.list",
                        "/opt" PATH "\n" PATH ".xz\n" PATH "/x\n");
        assert_owner(&sample, PATH, NULL);
        temp_dir_write(&sample.dir, "var/lib/dpkg/info/ice:amd64.list", "/.\n/usr" PATH);
        assert_owner(&sample, PATH, "ice:amd64");
        assert_owner(&sample, PATH ".xz", "other");
        assert_owner(&sample, "/opt" PATH, "other");
}

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/package-list/owner", test_owner);
        return g_test_run();
}
