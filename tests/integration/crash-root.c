/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copies roots with cp, and removes them. */

#include "crash-root.h"

#include <glib.h>
#include <sys/mount.h>
#include <sys/wait.h>

#include "sample-root.h"

int crash_run(const char *const argv[], char **ret_output)
{
        g_autoptr(GError) error = NULL;
        GSpawnFlags flags = G_SPAWN_STDERR_TO_DEV_NULL | (ret_output ? 0 : G_SPAWN_STDOUT_TO_DEV_NULL);
        int status;

        if (!g_spawn_sync(NULL, (char **) argv, NULL, flags, NULL, NULL, ret_output, NULL, &status, &error))
                g_error("%s: %s", argv[0], error->message);
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static char *modules_of(const char *root)
{
        return g_build_filename(root, "lib/modules", SAMPLE_KERNEL, NULL);
}

char *crash_copy(const char *from, const char *directory, const char *name, bool mounted)
{
        char *to = g_build_filename(directory, name, NULL);
        g_autofree char *modules = modules_of(to);
        const char *const argv[] = { "/bin/cp", "-a", from, to, NULL };

        g_assert_cmpint(crash_run(argv, NULL), ==, 0);
        if (mounted)
                g_assert_cmpint(mount(modules, modules, "none", MS_BIND, NULL), ==, 0);
        return to;
}

void crash_discard(char *copy)
{
        const char *const argv[] = { "/bin/rm", "-rf", copy, NULL };
        g_autofree char *modules = modules_of(copy);

        (void) umount2(modules, 0); /* if it is one */
        g_assert_cmpint(crash_run(argv, NULL), ==, 0);
        g_free(copy);
}
