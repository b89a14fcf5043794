/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A root on a real directory, with links that try to lead out of it. */

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <sys/stat.h>
#include <sys/utsname.h>

#include "host/root.h"
#include "temp-dir.h"

typedef struct Fixture {
        TempDir dir;
        HostRoot *root;
} Fixture;

static void set_up(Fixture *fixture, gconstpointer data)
{
        temp_dir_init(&fixture->dir, "root");
        temp_dir_write(&fixture->dir, "usr/lib/modules/6.1/text", "hello");
        temp_dir_link(&fixture->dir, "lib", "usr/lib");
        temp_dir_link(&fixture->dir, "absolute", "/usr/lib/modules/6.1");
        temp_dir_link(&fixture->dir, "climbs", "../../../../../../../usr/lib/modules/6.1");
        temp_dir_link(&fixture->dir, "dangling", "nothing");
        temp_dir_link(&fixture->dir, "loop", "loop");
        temp_dir_link(&fixture->dir, "host", "/proc/self");
        g_assert_cmpint(host_root_new(fixture->dir.path, "6.1", &fixture->root), ==, 0);
}

static void tear_down(Fixture *fixture, gconstpointer data)
{
        fixture->root = host_root_free(fixture->root);
        temp_dir_done(&fixture->dir);
}

static void test_new(Fixture *fixture, gconstpointer data)
{
        HostRoot *root = NULL;
        struct utsname uts;

        g_assert_cmpstr(host_root_path(fixture->root), ==, fixture->dir.path);
        g_assert_cmpstr(host_root_kernel(fixture->root), ==, "6.1");
        g_assert_false(host_root_is_host(fixture->root));
        g_assert_cmpint(host_root_new("/", NULL, &root), ==, 0);
        g_assert_true(host_root_is_host(root));
        g_assert_cmpstr(host_root_path(root), ==, "/");
        g_assert_cmpint(uname(&uts), ==, 0);
        g_assert_cmpstr(host_root_kernel(root), ==, uts.release);
        root = host_root_free(root);
        g_assert_cmpint(host_root_new("/", "../6.1", &root), ==, -EINVAL);
        g_assert_cmpint(host_root_new("/nothing-here", NULL, &root), ==, -ENOENT);
        g_assert_cmpint(host_root_new("/proc/self/status", NULL, &root), ==, -ENOTDIR);
        g_assert_null(root);
}

static void test_path_has_no_slash_at_its_end(Fixture *fixture, gconstpointer data)
{
        char *path CLEANUP_FREE = temp_dir_path(&fixture->dir, "absolute/../lib//");
        char *expected CLEANUP_FREE = temp_dir_path(&fixture->dir, "usr/lib");
        HostRoot *root CLEANUP(host_root_freep) = NULL;

        /* The absolute link leads to the host here: the root's own path is the caller's, not the root's. */
        g_assert_cmpint(host_root_new(path, NULL, &root), ==, -ENOENT);
        free(STEAL(path));
        path = temp_dir_path(&fixture->dir, "lib//");
        g_assert_cmpint(host_root_new(path, NULL, &root), ==, 0);
        g_assert_cmpstr(host_root_path(root), ==, expected);
}

static void test_read(Fixture *fixture, gconstpointer data)
{
        static const struct {
                const char *path;
                int result;
        } rows[] = {
                { "/usr/lib/modules/6.1/text", 0 },
                { "usr/lib/modules/6.1/text", 0 },
                { "/lib/modules/6.1/text", 0 },
                { "/absolute/text", 0 },
                { "/climbs/text", 0 },
                { "/../../absolute/text", 0 },
                { "/dangling", -ENOENT },
                { "/loop", -ELOOP },
                { "/host/status", -ENOENT }, /* /proc of the root, which has none */
                { "/lib", -EINVAL },
                { "/fifo", -EINVAL },
                { "/none", -ENOENT },
        };

        g_assert_cmpint(mkfifoat(fixture->dir.fd, "fifo", 0600), ==, 0);
        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                char *text CLEANUP_FREE = NULL;

                g_test_message("%s", rows[i].path);
                g_assert_cmpint(host_root_read(fixture->root, rows[i].path, 100, &text, NULL), ==,
                                rows[i].result);
                g_assert_cmpstr(text, ==, rows[i].result == 0 ? "hello" : NULL);
        }
}

static void test_resolve(Fixture *fixture, gconstpointer data)
{
        static const struct {
                const char *path;
                const char *below; /* NULL: the root itself */
                int result;
        } rows[] = {
                { "/", NULL, 0 },
                { "/lib/modules/6.1", "usr/lib/modules/6.1", 0 },
                { "/absolute/text", "usr/lib/modules/6.1/text", 0 },
                { "/climbs", "usr/lib/modules/6.1", 0 },
                { "/absolute/new", "usr/lib/modules/6.1/new", 0 },
                { "/absolute/new//", "usr/lib/modules/6.1/new", 0 },
                { "/new", "new", 0 },
                { "/none/new", NULL, -ENOENT },
                { "/none/..", NULL, -ENOENT },
                { "/dangling", NULL, -ENOENT },
                { "/loop", NULL, -ELOOP },
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                char *path CLEANUP_FREE = NULL, *expected CLEANUP_FREE = NULL;

                g_test_message("%s", rows[i].path);
                g_assert_cmpint(host_root_resolve(fixture->root, rows[i].path, &path), ==, rows[i].result);
                if (rows[i].result < 0) {
                        g_assert_null(path);
                        continue;
                }
                expected = rows[i].below ? temp_dir_path(&fixture->dir, rows[i].below)
                                         : strdup(fixture->dir.path);
                g_assert_cmpstr(path, ==, expected);
        }
}

static void test_make_directory(Fixture *fixture, gconstpointer data)
{
        struct stat st;
        int fd = host_root_make_directory(fixture->root, "/absolute/a//b/", 0700);

        g_assert_cmpint(fd, >=, 0);
        g_assert_cmpint(faccessat(fixture->dir.fd, "usr/lib/modules/6.1/a/b", F_OK, 0), ==, 0);
        g_assert_cmpint(fstat(fd, &st), ==, 0);
        g_assert_cmpuint(st.st_mode & 07777, ==, 0700);
        g_assert_cmpint(fsync(fd), ==, 0);
        (void) fd_close(fd);
        fd = host_root_make_directory(fixture->root, "/absolute/a/b", 0755);
        g_assert_cmpint(fd, >=, 0);
        (void) fd_close(fd);
        fd = host_root_make_directory(fixture->root, "/", 0755);
        g_assert_cmpint(fd, >=, 0);
        (void) fd_close(fd);
        g_assert_cmpint(host_root_make_directory(fixture->root, "/absolute/text/b", 0755), ==, -ENOTDIR);
        g_assert_cmpint(host_root_make_directory(fixture->root, "/dangling/b", 0755), ==, -ENOENT);
        g_assert_cmpint(faccessat(fixture->dir.fd, "nothing", F_OK, AT_SYMLINK_NOFOLLOW), ==, -1);
}

static void test_open(Fixture *fixture, gconstpointer data)
{
        int fd = host_root_open(fixture->root, "/absolute/made", O_WRONLY | O_CREAT | O_EXCL);

        g_assert_cmpint(fd, >=, 0);
        g_assert_cmpint(fcntl(fd, F_GETFD), ==, FD_CLOEXEC);
        (void) fd_close(fd);
        g_assert_cmpint(faccessat(fixture->dir.fd, "usr/lib/modules/6.1/made", F_OK, 0), ==, 0);
        fd = host_root_open_modules(fixture->root, "6.1");
        g_assert_cmpint(fd, >=, 0);
        g_assert_cmpint(faccessat(fd, "text", F_OK, 0), ==, 0);
        (void) fd_close(fd);
        g_assert_cmpint(host_root_open_modules(fixture->root, "6.2"), ==, -ENOENT);
        g_assert_cmpint(host_root_open_modules(fixture->root, ".."), ==, -EINVAL);
        g_assert_cmpint(host_root_open_modules(fixture->root, "../modules/6.1"), ==, -EINVAL);
}

static void test_host(void)
{
        HostRoot *root CLEANUP(host_root_freep) = NULL;
        char *text CLEANUP_FREE = NULL, *path CLEANUP_FREE = NULL;

        g_assert_cmpint(host_root_new("/", "6.1", &root), ==, 0);
        /* A file that says it is empty, behind a magic link. */
        g_assert_cmpint(host_root_read(root, "/proc/self/status", 1 << 20, &text, NULL), ==, 0);
        g_assert_true(g_str_has_prefix(text, "Name:"));
        g_assert_cmpint(host_root_resolve(root, "/hostdriver-none", &path), ==, 0);
        g_assert_cmpstr(path, ==, "/hostdriver-none");
}

#define ADD(name, function) g_test_add("/root/" name, Fixture, NULL, set_up, function, tear_down)

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
        ADD("new", test_new);
        ADD("no-slash-at-end", test_path_has_no_slash_at_its_end);
        ADD("read", test_read);
        ADD("resolve", test_resolve);
        ADD("make-directory", test_make_directory);
        ADD("open", test_open);
        g_test_add_func("/root/host", test_host);
        return g_test_run();
}
