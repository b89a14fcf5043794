/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Fetches the package through a script of apt's and copies what it holds. */

#include "real-kernel.h"

#include <glib.h>

#include "harness.h"

static char *fetch_error;

static void test_skipped(void)
{
        g_test_skip(fetch_error);
}

bool real_kernel_fetch(const char *skipped, RealKernel *ret)
{
        ret->package = g_strdup(harness_setting("HOSTDRIVER_KERNEL_CACHE"));
        ret->release = real_kernel_run((const char *const[]){ harness_setting("HOSTDRIVER_FETCH_KERNEL"),
                                                       ret->package, NULL },
                        &fetch_error);
        if (!ret->release) {
                g_strdelimit(g_strstrip(fetch_error), "\n", ' ');
                g_test_add_func(skipped, test_skipped);
                return false;
        }
        g_strchomp(ret->release);
        return true;
}

void real_kernel_init_root(const RealKernel *kernel, SampleRoot *sample)
{
        char *modules, *from;

        sample_root_init(sample, kernel->release);
        modules = g_build_filename(sample->dir.path, "usr/lib/modules", NULL);
        from = g_build_filename(kernel->package, "root/lib/modules", kernel->release, NULL);
        g_free(real_kernel_run((const char *const[]){ "/bin/cp", "-a", from, modules, NULL }, NULL));
        g_free(modules);
        g_free(from);
}

char *real_kernel_run(const char *const argv[], char **ret_errors)
{
        char *output = NULL, *errors = NULL;
        int status;

        g_assert_true(g_spawn_sync(
                        NULL, (char **) argv, NULL, 0, NULL, NULL, &output, &errors, &status, NULL));
        if (!g_spawn_check_wait_status(status, NULL)) {
                if (!ret_errors)
                        g_error("%s: %s", argv[0], errors);
                g_clear_pointer(&output, g_free);
        }
        if (ret_errors)
                *ret_errors = g_steal_pointer(&errors);
        g_free(errors);
        return output;
}
