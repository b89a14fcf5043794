/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which module file of a kernel's own is compared with. */

#include <errno.h>
#include <glib.h>

#include "host/kernel/kernel-reference.h"
#include "sample-root.h"

#define RELEASE "6.1.0"

static int open_reference(const SampleRoot *sample, char **ret_name)
{
        ModuleFile *file CLEANUP(module_file_unrefp) = NULL;
        int fd CLEANUP_FD = -1;
        int r = kernel_reference_open(sample->root, RELEASE, "ice", &file, &fd);

        if (r == 0) {
                g_assert_cmpint(file->defect, ==, MODULE_SOUND);
                g_assert_cmpint(fd, >=, 0);
                *ret_name = g_strdup(file->name);
        }
        return r;
}

static void test_reference(void)
{
        SampleRoot sample CLEANUP_SAMPLE_ROOT;
        g_autofree char *name = NULL;

        sample_root_init(&sample, RELEASE);
        g_assert_cmpint(open_reference(&sample, &name), ==, -ENOENT);
        sample_root_add_module(&sample, RELEASE, "updates/other.ko", NULL);
        sample_root_add_module(&sample, RELEASE, "kernel/drivers/net/ice.ko", NULL);
        temp_dir_write(&sample.dir, "usr/lib/modules/" RELEASE "/kernel/broken.ko", "no module");
        temp_dir_write(&sample.dir, "usr/lib/modules/" RELEASE "/kernel/README", "text");
        temp_dir_link(&sample.dir, "usr/lib/modules/" RELEASE "/kernel/loop", "..");
        temp_dir_link(&sample.dir, "usr/lib/modules/" RELEASE "/kernel/link.ko", "../updates/other.ko");
        g_assert_cmpint(open_reference(&sample, &name), ==, -ENOENT);
        sample_root_add_module(&sample, RELEASE, "kernel/a/b/c/deep.ko.xz", NULL);
        g_assert_cmpint(open_reference(&sample, &name), ==, 0);
        g_assert_cmpstr(name, ==, "deep");
}

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/kernel-reference/reference", test_reference);
        return g_test_run();
}
