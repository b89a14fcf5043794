/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Resolving in user space against the kernel's own openat2(). */

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "host/root-walk.h"
#include "temp-dir.h"

static const char *const paths[] = {
        "/",
        "",
        ".",
        "..",
        "/usr/lib/modules/6.1/text",
        "usr/lib/modules/6.1/text",
        "//usr//lib/./modules/6.1/../6.1/text",
        "/lib/modules/6.1/text",
        "/lib/modules/6.1/text/",
        "/lib/modules/6.1/text/.",
        "/lib/modules/6.1/text/..",
        "/lib/modules/6.1/text/x",
        "/lib",
        "/lib/",
        "/lib/..",
        "/../../lib/modules",
        "/absolute",
        "/absolute/text",
        "/absolute/../6.1/text",
        "/climbs/text",
        "/chain/text",
        "/slash/text",
        "/dangling",
        "/dangling/",
        "/dangling/x",
        "/loop",
        "/loop/x",
        "/none",
        "/none/..",
        "/none/x",
        "/text-link",
        "/text-link/",
        "/text-link/..",
        "/fifo",
};

static const int modes[] = {
        O_PATH,
        O_PATH | O_NOFOLLOW,
        O_RDONLY | O_NONBLOCK,
        O_RDONLY | O_NONBLOCK | O_NOFOLLOW,
        O_RDONLY | O_NONBLOCK | O_DIRECTORY,
};

/* -ENOSYS if this kernel doesn't have it. */
static int open_by_kernel(int root, const char *path, int flags)
{
        const struct open_how how = { .flags = (unsigned) flags, .resolve = RESOLVE_IN_ROOT };
        long fd;

        /* That is its answer to ".." while anything is renamed anywhere: openat2(2). */
        do
                fd = syscall(SYS_openat2, root, path, &how, sizeof(how));
        while (fd < 0 && errno == EAGAIN);
        return fd < 0 ? -errno : (int) fd;
}

static void fill(const TempDir *dir)
{
        temp_dir_write(dir, "usr/lib/modules/6.1/text", "hello");
        temp_dir_link(dir, "lib", "usr/lib");
        temp_dir_link(dir, "absolute", "/usr/lib/modules/6.1");
        temp_dir_link(dir, "climbs", "../../../../../usr/lib/modules/6.1");
        temp_dir_link(dir, "chain", "./climbs");
        temp_dir_link(dir, "slash", "usr/lib/modules/6.1//");
        temp_dir_link(dir, "text-link", "lib/modules/6.1/text");
        temp_dir_link(dir, "dangling", "nothing");
        temp_dir_link(dir, "loop", "loop");
        g_assert_cmpint(mkfifoat(dir->fd, "fifo", 0600), ==, 0);
}

static void assert_same(int root, const char *path, int flags)
{
        int theirs CLEANUP_FD = open_by_kernel(root, path, flags | O_CLOEXEC);
        int ours CLEANUP_FD = root_walk_open(root, path, flags, 0);
        struct stat a, b;

        g_test_message("\"%s\" with flags %#x: %d, %d", path, (unsigned) flags, theirs, ours);
        if (theirs < 0) {
                g_assert_cmpint(ours, ==, theirs);
                return;
        }
        g_assert_cmpint(ours, >=, 0);
        g_assert_cmpint(fcntl(ours, F_GETFD), ==, FD_CLOEXEC);
        g_assert_cmpint(fstat(theirs, &a), ==, 0);
        g_assert_cmpint(fstat(ours, &b), ==, 0);
        g_assert_true(a.st_dev == b.st_dev && a.st_ino == b.st_ino);
}

static void test_as_the_kernel(void)
{
        TempDir dir CLEANUP_TEMP_DIR;
        int probe CLEANUP_FD = -1;

        temp_dir_init(&dir, "root-walk");
        probe = open_by_kernel(dir.fd, "/", O_PATH | O_CLOEXEC);
        if (probe == -ENOSYS) {
                g_test_skip("no openat2() to compare with: a kernel before 5.6, or valgrind");
                return;
        }
        fill(&dir);
        for (size_t i = 0; i < ELEMENTSOF(paths); i++)
                for (size_t j = 0; j < ELEMENTSOF(modes); j++)
                        assert_same(dir.fd, paths[i], modes[j]);
}

/* Nothing leads out of the root, and what is made is made inside it. */
static void test_inside(void)
{
        TempDir dir CLEANUP_TEMP_DIR;
        int fd CLEANUP_FD = -1;

        temp_dir_init(&dir, "root-walk");
        fill(&dir);
        g_assert_cmpint(root_walk_open(dir.fd, "/../../../etc/passwd", O_PATH, 0), ==, -ENOENT);
        fd = root_walk_open(dir.fd, "/absolute/made", O_WRONLY | O_CREAT | O_EXCL, 0600);
        g_assert_cmpint(fd, >=, 0);
        g_assert_cmpint(faccessat(dir.fd, "usr/lib/modules/6.1/made", F_OK, 0), ==, 0);
        g_assert_cmpint(root_walk_open(dir.fd, "/dangling", O_WRONLY | O_CREAT | O_EXCL, 0600), ==, -EEXIST);
}

static void test_too_long(void)
{
        g_autofree char *name = g_strnfill(300, 'a'), *path = g_strnfill(5000, '/');
        TempDir dir CLEANUP_TEMP_DIR;

        temp_dir_init(&dir, "root-walk");
        g_assert_cmpint(root_walk_open(dir.fd, name, O_PATH, 0), ==, -ENAMETOOLONG);
        g_assert_cmpint(root_walk_open(dir.fd, path, O_PATH, 0), ==, -ENAMETOOLONG);
}

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/root-walk/as-the-kernel", test_as_the_kernel);
        g_test_add_func("/root-walk/inside", test_inside);
        g_test_add_func("/root-walk/too-long", test_too_long);
        return g_test_run();
}
