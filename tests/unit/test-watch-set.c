/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which changes in which directories count. inotify queues an event before the call that caused it returns,
 * so nothing here has to wait. */

#include <fcntl.h>
#include <glib.h>
#include <stdio.h>
#include <sys/stat.h>

#include "temp-dir.h"
#include "watch/watch-set.h"

typedef struct Fixture {
        TempDir dir;
        WatchSet *set;
} Fixture;

static void set_up(Fixture *fixture, gconstpointer data)
{
        temp_dir_init(&fixture->dir, "watch-set");
        temp_dir_mkdir(&fixture->dir, "a/b");
        temp_dir_write(&fixture->dir, "a/file", "");
        g_assert_cmpint(watch_set_new(&fixture->set), ==, 0);
}

static void tear_down(Fixture *fixture, gconstpointer data)
{
        fixture->set = watch_set_free(fixture->set);
        temp_dir_done(&fixture->dir);
}

static int add(const Fixture *fixture, const char *name, unsigned depth, bool only_directories)
{
        return watch_set_add(fixture->set, fixture->dir.fd, name, depth, only_directories);
}

static void assert_events(Fixture *fixture, bool any, bool directories)
{
        WatchEvents events;

        g_assert_cmpint(watch_set_read(fixture->set, &events), ==, 0);
        g_assert_cmpint(events.any, ==, any);
        g_assert_cmpint(events.directories, ==, directories);
}

static void test_events(Fixture *fixture, gconstpointer data)
{
        const TempDir *dir = &fixture->dir;
        int fd;

        g_assert_cmpint(add(fixture, "a", 0, false), ==, 1);
        g_assert_cmpint(add(fixture, "a", 0, false), ==, 0);
        assert_events(fixture, false, false);
        temp_dir_link(dir, "a/link", "nowhere");
        assert_events(fixture, true, false);
        g_assert_cmpint(renameat(dir->fd, "a/link", dir->fd, "a/other"), ==, 0);
        assert_events(fixture, true, false);
        g_assert_cmpint(unlinkat(dir->fd, "a/other", 0), ==, 0);
        assert_events(fixture, true, false);
        fd = openat(dir->fd, "a/file", O_WRONLY | O_CLOEXEC);
        assert_events(fixture, false, false);
        g_assert_cmpint(write(fd, "x", 1), ==, 1);
        assert_events(fixture, false, false);
        (void) fd_close(fd);
        assert_events(fixture, true, false);
        fd = openat(dir->fd, "a/file", O_RDONLY | O_CLOEXEC);
        (void) fd_close(fd);
        assert_events(fixture, false, false);
        g_assert_cmpint(fchmodat(dir->fd, "a/file", 0600, 0), ==, 0);
        assert_events(fixture, true, false);
        g_assert_cmpint(mkdirat(dir->fd, "a/new", 0755), ==, 0);
        assert_events(fixture, true, true);
        g_assert_cmpint(unlinkat(dir->fd, "a/new", AT_REMOVEDIR), ==, 0);
        assert_events(fixture, true, true);
        /* Not below what is watched. */
        temp_dir_write(dir, "a/b/file", "");
        assert_events(fixture, false, false);
}

static void test_only_directories(Fixture *fixture, gconstpointer data)
{
        g_assert_cmpint(add(fixture, "a", 0, true), ==, 1);
        temp_dir_write(&fixture->dir, "a/new", "");
        temp_dir_link(&fixture->dir, "a/link", "b");
        assert_events(fixture, false, false);
        temp_dir_mkdir(&fixture->dir, "a/directory");
        assert_events(fixture, true, true);
}

static void test_what_is_no_directory(Fixture *fixture, gconstpointer data)
{
        temp_dir_link(&fixture->dir, "link", "a");
        g_assert_cmpint(add(fixture, "link", 0, false), ==, 0);
        g_assert_cmpint(add(fixture, "a/file", 0, false), ==, 0);
        g_assert_cmpint(add(fixture, "nothing", 0, false), ==, 0);
        g_assert_cmpint(add(fixture, ".", 0, false), ==, 1);
        temp_dir_mkdir(&fixture->dir, "c");
        assert_events(fixture, true, true);
}

static void test_directory_goes(Fixture *fixture, gconstpointer data)
{
        g_assert_cmpint(add(fixture, "a/b", 0, false), ==, 1);
        g_assert_cmpint(renameat(fixture->dir.fd, "a/b", fixture->dir.fd, "b"), ==, 0);
        assert_events(fixture, true, true);
        g_assert_cmpint(unlinkat(fixture->dir.fd, "b", AT_REMOVEDIR), ==, 0);
        assert_events(fixture, true, true);
        /* Another one of that name is another directory. */
        temp_dir_mkdir(&fixture->dir, "a/b");
        g_assert_cmpint(add(fixture, "a/b", 0, false), ==, 1);
        temp_dir_write(&fixture->dir, "a/b/file", "");
        assert_events(fixture, true, false);
}

static void test_renewal(Fixture *fixture, gconstpointer data)
{
        g_assert_cmpint(add(fixture, "a", 0, false), ==, 1);
        g_assert_cmpint(add(fixture, "a/b", 1, false), ==, 1);
        watch_set_begin(fixture->set);
        g_assert_cmpint(add(fixture, "a/b", 1, false), ==, 0);
        watch_set_end(fixture->set);
        temp_dir_write(&fixture->dir, "a/new", "");
        assert_events(fixture, false, false);
        temp_dir_write(&fixture->dir, "a/b/new", "");
        assert_events(fixture, true, false);
        watch_set_drop(fixture->set, 0);
        temp_dir_write(&fixture->dir, "a/b/newer", "");
        assert_events(fixture, false, false);
        g_assert_cmpint(add(fixture, "a", 0, false), ==, 1);
        g_assert_cmpint(add(fixture, "a/b", 1, false), ==, 1);
        watch_set_drop(fixture->set, 1);
        temp_dir_write(&fixture->dir, "a/b/newest", "");
        assert_events(fixture, true, false);
}

static void test_many(Fixture *fixture, gconstpointer data)
{
        for (unsigned i = 0; i < 200; i++) {
                g_autofree char *name = g_strdup_printf("d%u", i);

                temp_dir_mkdir(&fixture->dir, name);
                g_assert_cmpint(add(fixture, name, 0, false), ==, 1);
        }
        for (unsigned i = 0; i < 200; i += 2) {
                g_autofree char *name = g_strdup_printf("d%u", i);

                g_assert_cmpint(unlinkat(fixture->dir.fd, name, AT_REMOVEDIR), ==, 0);
        }
        assert_events(fixture, true, true);
        for (unsigned i = 1; i < 200; i += 2) {
                g_autofree char *name = g_strdup_printf("d%u", i);
                g_autofree char *file = g_strdup_printf("d%u/file", i);

                g_assert_cmpint(add(fixture, name, 0, false), ==, 0);
                temp_dir_write(&fixture->dir, file, "");
                assert_events(fixture, true, false);
        }
}

/* Lost events are as good as any. */
static void test_overflow(Fixture *fixture, gconstpointer data)
{
        g_autofree char *text = NULL;
        unsigned long limit;

        if (!g_file_get_contents("/proc/sys/fs/inotify/max_queued_events", &text, NULL, NULL)) {
                g_test_skip("the limit of queued events can't be read");
                return;
        }
        limit = strtoul(text, NULL, 10);
        if (limit > 100000) {
                g_test_skip("the limit of queued events is too high to be reached in a test");
                return;
        }
        g_assert_cmpint(add(fixture, "a", 0, false), ==, 1);
        for (unsigned long i = 0; i <= limit / 2 + 1; i++) {
                g_assert_cmpint(symlinkat("x", fixture->dir.fd, "a/link"), ==, 0);
                g_assert_cmpint(unlinkat(fixture->dir.fd, "a/link", 0), ==, 0);
        }
        assert_events(fixture, true, true);
        /* And it goes on. */
        temp_dir_write(&fixture->dir, "a/new", "");
        assert_events(fixture, true, false);
}

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
#define TEST(name, function) g_test_add("/watch-set/" name, Fixture, NULL, set_up, function, tear_down)
        TEST("events", test_events);
        TEST("only-directories", test_only_directories);
        TEST("what-is-no-directory", test_what_is_no_directory);
        TEST("directory-goes", test_directory_goes);
        TEST("renewal", test_renewal);
        TEST("many", test_many);
        TEST("overflow", test_overflow);
        return g_test_run();
}
