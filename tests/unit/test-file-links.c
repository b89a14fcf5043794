/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Links to a module file: of which there is one, which count, and which go with the file. */

#include <glib.h>

#include "change/adopt/file-links.h"
#include "sample-root.h"

#define OTHER "5.10.0"
#define PATH "updates/net/tg3.ko"

static void assert_link(const SampleRoot *sample, const char *own, const char *stays, const char *expected)
{
        char *found CLEANUP_FREE = NULL;

        g_assert_cmpint(file_links_find(sample->root, SAMPLE_KERNEL, PATH, own, stays, &found), ==, 0);
        g_assert_cmpstr(found, ==, expected);
}

static void test_links(void)
{
        SampleRoot sample CLEANUP_SAMPLE_ROOT;

        sample_root_init(&sample, SAMPLE_KERNEL);
        sample_root_add_kernel(&sample, OTHER);
        sample_root_add_module(&sample, SAMPLE_KERNEL, PATH, "1");
        sample_root_add_module(&sample, SAMPLE_KERNEL, "updates/ice.ko", "1");
        temp_dir_link(&sample.dir, "lib/modules/" OTHER "/extra/ice.ko",
                        "../../" SAMPLE_KERNEL "/updates/ice.ko");
        temp_dir_link(&sample.dir, "lib/modules/" OTHER "/extra/gone.ko", "gone");
        temp_dir_link(&sample.dir, "lib/modules/" OTHER "/build", "/");
        assert_link(&sample, NULL, NULL, NULL);

        /* In another kernel's directory, by a text that is absolute beneath the root. */
        temp_dir_link(&sample.dir, "lib/modules/" OTHER "/weak-updates/tg3.ko",
                        "/lib/modules/" SAMPLE_KERNEL "/" PATH);
        assert_link(&sample, NULL, NULL, "/lib/modules/" OTHER "/weak-updates/tg3.ko");
        assert_link(&sample, NULL, PATH, NULL);
        assert_link(&sample, NULL, "updates/tg3.ko", "/lib/modules/" OTHER "/weak-updates/tg3.ko");
}

/* A directory that it lies in, and the link that goes. */
static void test_others(void)
{
        SampleRoot sample CLEANUP_SAMPLE_ROOT;

        sample_root_init(&sample, SAMPLE_KERNEL);
        sample_root_add_module(&sample, SAMPLE_KERNEL, PATH, "1");
        temp_dir_link(&sample.dir, "lib/modules/" SAMPLE_KERNEL "/updates/tg3.ko", "net/tg3.ko");
        assert_link(&sample, "tg3.ko", NULL, NULL);
        assert_link(&sample, "ice.ko", NULL, "/lib/modules/" SAMPLE_KERNEL "/updates/tg3.ko");
        temp_dir_link(&sample.dir, "lib/modules/" SAMPLE_KERNEL "/extra", "updates/net");
        assert_link(&sample, "tg3.ko", NULL, "/lib/modules/" SAMPLE_KERNEL "/extra");
}

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/file-links/links", test_links);
        g_test_add_func("/file-links/others", test_others);
        return g_test_run();
}
