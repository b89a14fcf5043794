/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The same directory has the same id by whatever path, and another one has another. */

#include "util/root-id.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>

#include "temp-dir.h"

static void read_id(const TempDir *dir, const char *path, char ret[static ROOT_ID_SIZE])
{
        int fd CLEANUP_FD = openat(dir->fd, path, O_PATH | O_DIRECTORY | O_CLOEXEC);

        g_assert_cmpint(fd, >=, 0);
        g_assert_cmpint(root_id_read(fd, ret), ==, 0);
}

static void test_read(void)
{
        char a[ROOT_ID_SIZE], b[ROOT_ID_SIZE], c[ROOT_ID_SIZE];
        TempDir dir CLEANUP_TEMP_DIR = { 0 };

        temp_dir_init(&dir, "root-id");
        temp_dir_mkdir(&dir, "usr/lib/modules");
        temp_dir_mkdir(&dir, "other/modules");
        temp_dir_link(&dir, "lib", "usr/lib");
        read_id(&dir, "usr/lib/modules", a);
        read_id(&dir, "lib/modules", b);
        read_id(&dir, "other/modules", c);
        g_assert_cmpstr(a, ==, b);
        g_assert_cmpstr(a, !=, c);
        g_assert_true(g_regex_match_simple("^[0-9]+:[0-9]+:[0-9]+$", a, 0, 0));
        g_assert_cmpint(root_id_read(-1, a), ==, -EBADF);
}

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/root-id/read", test_read);
        return g_test_run();
}
