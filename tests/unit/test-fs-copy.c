/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copies with all that belongs to a file, and comparisons. */

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include "temp-dir.h"
#include "util/fs-copy.h"

static void test_copy(void)
{
        TempDir dir CLEANUP_TEMP_DIR = { 0 };
        const struct timespec times[2] = { { .tv_sec = 1000 }, { .tv_sec = 2000, .tv_nsec = 5 } };
        struct stat st;
        char value[8];
        bool has_attributes;
        int fd CLEANUP_FD = -1;

        temp_dir_init(&dir, "copy");
        temp_dir_write(&dir, "from", "content");
        fd = openat(dir.fd, "from", O_RDONLY | O_CLOEXEC);
        g_assert_cmpint(fchmod(fd, 0640), ==, 0);
        g_assert_cmpint(futimens(fd, times), ==, 0);
        has_attributes = fsetxattr(fd, "user.label", "secret", 6, 0) >= 0;
        g_assert_cmpint(fs_copy_file_at(fd, dir.fd, "like", 7, true), ==, 0);
        g_assert_cmpint(fstatat(dir.fd, "like", &st, 0), ==, 0);
        g_assert_cmpuint(st.st_mode & 07777, ==, 0640);
        g_assert_cmpint(st.st_mtim.tv_sec, ==, 2000);
        g_assert_cmpint(fs_same_file_at(dir.fd, "from", dir.fd, "like"), ==, 1);
        if (has_attributes) {
                g_autofree char *path = g_build_filename(dir.path, "like", NULL);

                g_assert_cmpint(getxattr(path, "user.label", value, sizeof(value)), ==, 6);
        }
        g_assert_cmpint(fs_copy_file_at(fd, dir.fd, "plain", 7, false), ==, 0);
        g_assert_cmpint(fstatat(dir.fd, "plain", &st, 0), ==, 0);
        g_assert_cmpuint(st.st_mode & 07777, ==, 0644);
        /* Nothing is overwritten, and nothing is left of what failed. */
        g_assert_cmpint(fs_copy_file_at(fd, dir.fd, "like", 7, true), ==, -EEXIST);
        g_assert_cmpint(fs_copy_file_at(fd, dir.fd, "larger", 6, true), ==, -EFBIG);
        g_assert_cmpint(faccessat(dir.fd, "larger", F_OK, 0), <, 0);
}

static void test_same(void)
{
        TempDir dir CLEANUP_TEMP_DIR = { 0 };

        temp_dir_init(&dir, "same");
        temp_dir_write(&dir, "a", "content");
        temp_dir_write(&dir, "b", "content");
        temp_dir_write(&dir, "c", "contend");
        temp_dir_write(&dir, "d", "cont");
        temp_dir_link(&dir, "link", "a");
        temp_dir_mkdir(&dir, "directory");
        g_assert_cmpint(linkat(dir.fd, "a", dir.fd, "hard", 0), ==, 0);
        g_assert_cmpint(fs_same_file_at(dir.fd, "a", dir.fd, "hard"), ==, 1);
        g_assert_cmpint(fs_same_file_at(dir.fd, "a", dir.fd, "b"), ==, 1);
        g_assert_cmpint(fs_same_file_at(dir.fd, "a", dir.fd, "c"), ==, 0);
        g_assert_cmpint(fs_same_file_at(dir.fd, "a", dir.fd, "d"), ==, 0);
        g_assert_cmpint(fs_same_file_at(dir.fd, "a", dir.fd, "link"), ==, 0);
        g_assert_cmpint(fs_same_file_at(dir.fd, "a", dir.fd, "directory"), ==, 0);
        g_assert_cmpint(fs_same_file_at(dir.fd, "a", dir.fd, "none"), ==, 0);
}

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/fs-copy/copy", test_copy);
        g_test_add_func("/fs-copy/same", test_same);
        return g_test_run();
}
