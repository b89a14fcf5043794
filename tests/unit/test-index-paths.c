/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The text of modules.dep, and what `depmod -n` prints besides. */

#include <errno.h>
#include <glib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "change/checks/index-paths.h"

static int read_text(const char *text, IndexPaths *ret)
{
        int fd CLEANUP_FD = memfd_create("index", MFD_CLOEXEC);

        g_assert_cmpint(write(fd, text, strlen(text)), ==, (ssize_t) strlen(text));
        g_assert_cmpint(lseek(fd, 0, SEEK_SET), ==, 0);
        return index_paths_read(fd, ret);
}

static void test_lines(void)
{
        IndexPaths paths CLEANUP_INDEX_PATHS = { 0 };

        g_assert_cmpint(read_text("updates/ice.ko: kernel/drivers/intel_auxiliary.ko.xz\n"
                                  "kernel/drivers/intel_auxiliary.ko.xz:\n"
                                  "xenserver/p/my own/dell-laptop.ko.zst:\n"
                                  "/opt/nic/tg3.ko:\n"
                                  "# Aliases extracted from modules themselves.\n"
                                  "alias pci:v00008086d* ice\n"
                                  "alias symbol:ice_probe ice\n"
                                  "softdep ice pre: irdma\n"
                                  "ice nic/ice c10:200\n",
                                        &paths),
                        ==, 0);
        g_assert_cmpuint(paths.count, ==, 4);
        g_assert_cmpstr(index_paths_find(&paths, "ice"), ==, "updates/ice.ko");
        g_assert_cmpstr(index_paths_find(&paths, "intel_auxiliary"), ==,
                        "kernel/drivers/intel_auxiliary.ko.xz");
        g_assert_cmpstr(index_paths_find(&paths, "dell_laptop"), ==,
                        "xenserver/p/my own/dell-laptop.ko.zst");
        g_assert_cmpstr(index_paths_find(&paths, "tg3"), ==, "/opt/nic/tg3.ko");
        g_assert_null(index_paths_find(&paths, "symbol"));
        g_assert_null(index_paths_find(&paths, "irdma"));
}

static void test_empty(void)
{
        IndexPaths paths CLEANUP_INDEX_PATHS = { 0 };

        g_assert_cmpint(read_text("", &paths), ==, -ENODATA);
        g_assert_cmpint(read_text("# Soft dependencies\nalias a b\n", &paths), ==, -ENODATA);
        g_assert_null(index_paths_find(&paths, "ice"));
}

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/index-paths/lines", test_lines);
        g_test_add_func("/index-paths/empty", test_empty);
        return g_test_run();
}
