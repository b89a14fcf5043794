/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where links lead, by their text and by the kernel's word. */

#include <errno.h>
#include <fcntl.h>
#include <glib.h>

#include "host/path.h"
#include "temp-dir.h"

static void test_of_link(void)
{
        static const struct {
                const char *base;
                const char *target;
                const char *path;
        } rows[] = {
                { "/sys/bus/pci/devices", "../../../devices/x", "/sys/devices/x" },
                { "/a/b", "c", "/a/b/c" },
                { "/a/b", "./c/.", "/a/b/c" },
                { "/a/b", "..", "/a" },
                { "/a/b", "../..", "/" },
                { "/a/b", "../../../../c", "/c" },
                { "/a/b", "/c//d/", "/c/d" },
                { "/a/b", "..c/...", "/a/b/..c/..." },
                { "/", "a", "/a" },
                { "/", "..", "/" },
                { "/a", "", "/a" },
                { "/a", "/", "/" },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
                char *path CLEANUP_FREE = NULL;

                g_assert_cmpint(path_of_link(rows[i].base, rows[i].target, &path), ==, 0);
                g_assert_cmpstr(path, ==, rows[i].path);
        }
}

static int beneath(const TempDir *dir, const char *directory, const char *name, char **ret)
{
        int directory_fd CLEANUP_FD = openat(dir->fd, directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
        int fd CLEANUP_FD = openat(dir->fd, name, O_PATH | O_CLOEXEC);

        g_assert_cmpint(directory_fd, >=, 0);
        g_assert_cmpint(fd, >=, 0);
        return path_beneath(directory_fd, fd, ret);
}

static void test_beneath(void)
{
        TempDir dir CLEANUP_TEMP_DIR = { 0 };
        char *path CLEANUP_FREE = NULL;
        int directory_fd CLEANUP_FD = -1, fd CLEANUP_FD = -1;

        temp_dir_init(&dir, "path");
        temp_dir_write(&dir, "a/b/file", "");
        temp_dir_write(&dir, "a-other/file", "");
        temp_dir_link(&dir, "a/link", "b/file");
        temp_dir_link(&dir, "a/out", "../a-other/file");
        g_assert_cmpint(beneath(&dir, "a", "a/b/file", &path), ==, 0);
        g_assert_cmpstr(path, ==, "b/file");
        free(STEAL(path));
        g_assert_cmpint(beneath(&dir, "a", "a/link", &path), ==, 0);
        g_assert_cmpstr(path, ==, "b/file");
        free(STEAL(path));
        g_assert_cmpint(beneath(&dir, "a", "a/out", &path), ==, -EXDEV);
        g_assert_cmpint(beneath(&dir, "a", "a", &path), ==, -EXDEV);
        directory_fd = openat(dir.fd, "a", O_PATH | O_DIRECTORY | O_CLOEXEC);
        fd = openat(dir.fd, "a/b/file", O_PATH | O_CLOEXEC);
        g_assert_cmpint(unlinkat(dir.fd, "a/b/file", 0), ==, 0);
        g_assert_cmpint(path_beneath(directory_fd, fd, &path), ==, -ENOENT);
        g_assert_null(path);
}

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/path/of-link", test_of_link);
        g_test_add_func("/path/beneath", test_beneath);
        return g_test_run();
}
