/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A chroot is told from the root that the test itself has. */

#include "util/chroot.h"

#include <glib.h>
#include <sys/mount.h>
#include <sys/wait.h>

#include "own-mounts.h"
#include "temp-dir.h"

/* What a process sees that has gone into PATH, of which MOUNTED tells whether it is to be a mount point. */
static bool seen_from(const char *path, bool mounted)
{
        int status;
        pid_t pid = fork();

        if (pid == 0) {
                if (mounted && (!own_mounts_enter() || mount(path, path, "none", MS_BIND, NULL) < 0))
                        _exit(2);
                _exit(chroot(path) < 0 || chdir("/") < 0 ? 2 : chroot_is_entered());
        }
        g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
        g_assert_true(WIFEXITED(status));
        g_assert_cmpint(WEXITSTATUS(status), !=, 2);
        return WEXITSTATUS(status) == 1;
}

static void test_own(void)
{
        g_assert_false(chroot_is_entered());
}

static void test_directory(void)
{
        TempDir dir CLEANUP_TEMP_DIR = { 0 };

        if (geteuid() != 0) {
                g_test_skip("only root may change its root directory");
                return;
        }
        temp_dir_init(&dir, "chroot");
        g_assert_true(seen_from(dir.path, false));
        g_assert_false(chroot_is_entered());
}

/* There is no /proc in it. */
static void test_mount(void)
{
        TempDir dir CLEANUP_TEMP_DIR = { 0 };

        if (geteuid() != 0) {
                g_test_skip("only root may mount");
                return;
        }
        temp_dir_init(&dir, "chroot");
        g_assert_true(seen_from(dir.path, true));
}

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/chroot/own", test_own);
        g_test_add_func("/chroot/directory", test_directory);
        g_test_add_func("/chroot/mount", test_mount);
        return g_test_run();
}
