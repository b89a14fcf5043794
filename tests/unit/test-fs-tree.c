/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Paths that lead astray, and trees that go without what links lead to. */

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <sys/stat.h>

#include "temp-dir.h"
#include "util/fs-tree.h"

static bool is_there(const TempDir *dir, const char *path)
{
        struct stat st;

        return fstatat(dir->fd, path, &st, AT_SYMLINK_NOFOLLOW) >= 0;
}

static void test_open(void)
{
        TempDir dir CLEANUP_TEMP_DIR = { 0 };
        const char *name = NULL;
        int fd;

        temp_dir_init(&dir, "tree");
        temp_dir_write(&dir, "file", "");
        temp_dir_link(&dir, "link", ".");
        g_assert_cmpint(fs_open_directory_at(dir.fd, "a/b", false), ==, -ENOENT);
        fd = fs_open_parent_at(dir.fd, "a/b/c.ko", true, &name);
        g_assert_cmpint(fd, >=, 0);
        (void) fd_close(fd);
        g_assert_cmpstr(name, ==, "c.ko");
        g_assert_true(is_there(&dir, "a/b"));
        g_assert_false(is_there(&dir, "a/b/c.ko"));
        fd = fs_open_parent_at(dir.fd, "c.ko", false, &name);
        g_assert_cmpint(fd, >=, 0);
        (void) fd_close(fd);
        g_assert_cmpint(fs_open_directory_at(dir.fd, "file/b", true), ==, -ENOTDIR);
        g_assert_cmpint(fs_open_directory_at(dir.fd, "link/a", true), <, 0);
        g_assert_cmpint(fs_open_directory_at(dir.fd, "a//b", true), ==, -EINVAL);
}

static void test_remove(void)
{
        TempDir dir CLEANUP_TEMP_DIR = { 0 };

        temp_dir_init(&dir, "tree");
        temp_dir_write(&dir, "tree/a/b/file", "");
        temp_dir_write(&dir, "other/file", "");
        temp_dir_link(&dir, "tree/a/link", "../../other");
        temp_dir_link(&dir, "link", "other");
        g_assert_cmpint(fs_remove_tree_at(dir.fd, "tree"), ==, 0);
        g_assert_cmpint(fs_remove_tree_at(dir.fd, "link"), ==, 0);
        g_assert_cmpint(fs_remove_tree_at(dir.fd, "none"), ==, 0);
        g_assert_false(is_there(&dir, "tree"));
        g_assert_false(is_there(&dir, "link"));
        g_assert_true(is_there(&dir, "other/file"));
}

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/fs-tree/open", test_open);
        g_test_add_func("/fs-tree/remove", test_remove);
        return g_test_run();
}
