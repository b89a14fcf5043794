/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Syncing the index of a release: what stands there besides index files must not make it fail. Whether it
 * survives a power cut is seen in tests/vm. */

#include <errno.h>
#include <sys/stat.h>

#include "change/tool/depmod.h"
#include "sample-root.h"

static void test_index(void)
{
        SampleRoot sample CLEANUP_SAMPLE_ROOT = { 0 };

        sample_root_init_xenserver(&sample);
        g_assert_cmpint(index_sync(sample.root, SAMPLE_KERNEL), ==, 0);
}

static void test_strangers(void)
{
        SampleRoot sample CLEANUP_SAMPLE_ROOT = { 0 };
        char *fifo CLEANUP_FREE = NULL;

        sample_root_init_xenserver(&sample);
        temp_dir_link(&sample.dir, "usr/lib/modules/" SAMPLE_KERNEL "/modules.loop", "modules.loop");
        fifo = temp_dir_path(&sample.dir, "usr/lib/modules/" SAMPLE_KERNEL "/modules.fifo");
        g_assert_cmpint(mkfifo(fifo, 0600), ==, 0);
        g_assert_cmpint(index_sync(sample.root, SAMPLE_KERNEL), ==, 0);
}

static void test_absent(void)
{
        SampleRoot sample CLEANUP_SAMPLE_ROOT = { 0 };

        sample_root_init(&sample, SAMPLE_KERNEL);
        g_assert_cmpint(index_sync(sample.root, "1.2.3"), ==, -ENOENT);
        g_assert_cmpint(index_sync(sample.root, "../modules"), ==, -EINVAL);
}

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/depmod/index", test_index);
        g_test_add_func("/depmod/strangers", test_strangers);
        g_test_add_func("/depmod/absent", test_absent);
        return g_test_run();
}
