/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reading whole files, and replacing files and links, on a real directory. */

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#include "util/fs.h"

typedef struct Fixture {
        char *path;
        int fd;
} Fixture;

static void set_up(Fixture *fixture, gconstpointer data)
{
        fixture->path = g_dir_make_tmp("hostdriver-fs-XXXXXX", NULL);
        g_assert_nonnull(fixture->path);
        fixture->fd = open(fixture->path, O_DIRECTORY | O_CLOEXEC);
        g_assert_cmpint(fixture->fd, >=, 0);
}

static unsigned entries(const Fixture *fixture, bool remove)
{
        GDir *dir = g_dir_open(fixture->path, 0, NULL);
        const char *name;
        unsigned n = 0;

        while ((name = g_dir_read_name(dir))) {
                n++;
                if (remove)
                        g_assert_cmpint(unlinkat(fixture->fd, name, 0), ==, 0);
        }
        g_dir_close(dir);
        return n;
}

static void tear_down(Fixture *fixture, gconstpointer data)
{
        (void) entries(fixture, true);
        g_assert_cmpint(g_rmdir(fixture->path), ==, 0);
        (void) fd_close(fixture->fd);
        g_free(fixture->path);
}

static void test_read(Fixture *fixture, gconstpointer data)
{
        char *text CLEANUP_FREE = NULL;
        size_t size;

        g_assert_cmpint(fs_write_file_at(fixture->fd, "f", "a\0b", 3, 0640), ==, 0);
        g_assert_cmpint(fs_read_file_at(fixture->fd, "f", 3, &text, &size), ==, 0);
        g_assert_cmpmem(text, size + 1, "a\0b", 4);
        free(STEAL(text));
        g_assert_cmpint(fs_read_file_at(fixture->fd, "f", 2, &text, NULL), ==, -EFBIG);
        g_assert_cmpint(fs_read_file_at(fixture->fd, "none", 9, &text, NULL), ==, -ENOENT);
        g_assert_cmpint(symlinkat("f", fixture->fd, "l"), ==, 0);
        g_assert_cmpint(fs_read_file_at(fixture->fd, "l", 9, &text, NULL), ==, -ELOOP);
        g_assert_cmpint(mkfifoat(fixture->fd, "p", 0600), ==, 0);
        g_assert_cmpint(fs_read_file_at(fixture->fd, "p", 9, &text, NULL), ==, -EINVAL);
}

static void test_read_grows(Fixture *fixture, gconstpointer data)
{
        int pipes[2];
        char block[60000], *text CLEANUP_FREE = NULL;
        size_t size;

        memset(block, 'x', sizeof(block));
        g_assert_cmpint(pipe(pipes), ==, 0);
        g_assert_cmpint(write(pipes[1], block, sizeof(block)), ==, sizeof(block));
        (void) fd_close(pipes[1]);
        g_assert_cmpint(fs_read_fd(pipes[0], 60000, &text, &size), ==, 0);
        g_assert_cmpint(size, ==, sizeof(block));
        (void) fd_close(pipes[0]);
}

static void test_write_replaces(Fixture *fixture, gconstpointer data)
{
        char *text CLEANUP_FREE = NULL;
        struct stat st;

        g_assert_cmpint(fs_write_file_at(fixture->fd, "f", "old", 3, 0600), ==, 0);
        g_assert_cmpint(fs_write_file_at(fixture->fd, "f", "new", 3, 0644), ==, 0);
        g_assert_cmpint(fs_read_file_at(fixture->fd, "f", 9, &text, NULL), ==, 0);
        g_assert_cmpstr(text, ==, "new");
        g_assert_cmpint(fstatat(fixture->fd, "f", &st, 0), ==, 0);
        g_assert_cmpint(st.st_mode & 07777, ==, 0644);
        g_assert_cmpint(entries(fixture, false), ==, 1);
}

static void test_swap(Fixture *fixture, gconstpointer data)
{
        char *target CLEANUP_FREE = NULL;

        g_assert_cmpint(fs_swap_link_at(fixture->fd, "ice.ko", "../a"), ==, 0);
        g_assert_cmpint(fs_swap_link_at(fixture->fd, "ice.ko", "../b"), ==, 0);
        g_assert_cmpint(fs_read_link_at(fixture->fd, "ice.ko", &target), ==, 0);
        g_assert_cmpstr(target, ==, "../b");
        g_assert_cmpint(entries(fixture, false), ==, 1);
        g_assert_cmpint(fs_remove_at(fixture->fd, "ice.ko"), ==, 1);
        g_assert_cmpint(fs_remove_at(fixture->fd, "ice.ko"), ==, 0);
}

static void test_swap_spares_files(Fixture *fixture, gconstpointer data)
{
        char *text CLEANUP_FREE = NULL;

        g_assert_cmpint(fs_write_file_at(fixture->fd, "ice.ko", "theirs", 6, 0600), ==, 0);
        g_assert_cmpint(fs_swap_link_at(fixture->fd, "ice.ko", "../a"), ==, -EEXIST);
        g_assert_cmpint(fs_read_file_at(fixture->fd, "ice.ko", 9, &text, NULL), ==, 0);
        g_assert_cmpstr(text, ==, "theirs");
        g_assert_cmpint(entries(fixture, false), ==, 1);
        g_assert_cmpint(fs_read_link_at(fixture->fd, "ice.ko", &text), ==, -EINVAL);
}

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
#define TEST(name, function) g_test_add("/fs/" name, Fixture, NULL, set_up, function, tear_down)
        TEST("read", test_read);
        TEST("read-grows", test_read_grows);
        TEST("write-replaces", test_write_replaces);
        TEST("swap", test_swap);
        TEST("swap-spares-files", test_swap_spares_files);
        return g_test_run();
}
