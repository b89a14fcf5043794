/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A directory's descriptor has one owner, whether it can be read or not. */

#include <errno.h>
#include <fcntl.h>
#include <glib.h>

#include "util/directory.h"

static void test_open(void)
{
        DIR *directory CLEANUP_DIRECTORY = NULL;
        int fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        g_assert_cmpint(directory_open(-ENOENT, &directory), ==, -ENOENT);
        g_assert_null(directory);
        g_assert_cmpint(directory_open(fd, &directory), ==, 0);
        g_assert_cmpint(dirfd(directory), ==, fd);
        directory = directory_close(directory);
        g_assert_cmpint(fcntl(fd, F_GETFD), <, 0);
}

static void test_no_directory(void)
{
        DIR *directory CLEANUP_DIRECTORY = NULL;
        int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

        g_assert_cmpint(directory_open(fd, &directory), ==, -ENOTDIR);
        g_assert_null(directory);
        g_assert_cmpint(fcntl(fd, F_GETFD), <, 0);
}

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/directory/open", test_open);
        g_test_add_func("/directory/no-directory", test_no_directory);
        return g_test_run();
}
