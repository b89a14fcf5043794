/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The host that most tests start with, and what other programs than ours see on it. */

#include "host.h"

#include <glib.h>
#include <sys/stat.h>

void host_with_nics(SampleRoot *sample)
{
        static const char *const paths[][2] = {
                { "kernel/drivers/net/ethernet/intel/ice/ice.ko", NULL },
                { "xenserver/intel-ice/1.6.4/ice.ko", "1.6.4" },
                { "xenserver/intel-ice/1.11.17.1/ice.ko", "1.11.17.1" },
                { "xenserver/intel-ixgbe/5.3.5/ixgbe.ko", "5.3.5" },
                { "xenserver/intel-ixgbe/5.10.2/ixgbe.ko", "5.10.2" },
        };

        sample_root_init(sample, SAMPLE_KERNEL);
        for (size_t i = 0; i < G_N_ELEMENTS(paths); i++) {
                ModuleSpec spec = { .version = paths[i][1], .note_version = paths[i][1] };

                sample_root_add_module_spec(sample, SAMPLE_KERNEL, paths[i][0], &spec);
        }
        sample_root_depmod(sample, SAMPLE_KERNEL);
}

char *host_effective(const Harness *harness, const char *module)
{
        const char *argv[] = { "/usr/sbin/modinfo", "-b", harness->sample.dir.path, "-k", harness->kernel,
                "-n", module, NULL };
        char *output = NULL, *errors = NULL;
        int status;

        g_assert_true(g_spawn_sync(
                        NULL, (char **) argv, NULL, 0, NULL, NULL, &output, &errors, &status, NULL));
        if (!g_spawn_check_wait_status(status, NULL))
                *output = '\0';
        g_free(errors);
        return g_strchomp(output);
}

void host_assert_effective(const Harness *harness, const char *module, const char *below)
{
        char *now = host_effective(harness, module);

        if (*below ? !g_str_has_suffix(now, below) : *now != '\0')
                g_error("%s resolves to \"%s\", not \"%s\"", module, now, below);
        g_free(now);
}

void host_assert_link(const Harness *harness, const char *file, const char *target)
{
        char *below = g_build_filename("updates", file, NULL);
        char *path = host_module_path(harness, below);
        char *text = g_file_read_link(path, NULL);

        if (g_strcmp0(text ?: "", target) != 0)
                g_error("updates/%s leads to \"%s\", not \"%s\"", file, text ?: "", target);
        g_free(text);
        g_free(path);
        g_free(below);
}

char *host_copy_client(const Harness *harness)
{
        char *copy = g_build_filename(harness->work.path, "hostdriverctl", NULL), *binary = NULL;
        gsize size;

        g_assert_true(g_file_get_contents(harness_setting("HOSTDRIVERCTL"), &binary, &size, NULL));
        g_assert_true(g_file_set_contents_full(
                        copy, binary, (gssize) size, G_FILE_SET_CONTENTS_NONE, 0755, NULL));
        g_assert_cmpint(chmod(copy, 0755), ==, 0);
        g_free(binary);
        return copy;
}

char *host_module_path(const Harness *harness, const char *path)
{
        return g_build_filename(harness->sample.dir.path, "usr/lib/modules", harness->kernel, path, NULL);
}

void host_select(Harness *harness, sd_bus *bus, const char *path, const char *version)
{
        char *job;

        recorder_clear(harness->recorder);
        job = call_text(bus, path, DRIVER, "Select", "sa{sv}", version, 0);
        g_assert_true(g_str_has_prefix(job, "/org/hostdriver1/job/"));
        if (!g_str_has_suffix(recorder_wait(harness->recorder, MANAGER_PATH " JobRemoved *"), " done"))
                g_error("Selecting %s of %s failed: %s", version, path,
                                recorder_wait(harness->recorder, "*/job/* PropertiesChanged *Error=*"));
        g_free(job);
}
