/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A kernel's configuration, where distributions have it, on a temporary root. */

#include <glib.h>

#include "host/kernel/kernel-config.h"
#include "temp-dir.h"

#define RELEASE "6.1.0"

static void assert_config(const HostRoot *root, KernelOption versions, KernelOption force, KernelOption any)
{
        KernelConfig config;

        g_assert_cmpint(kernel_config_read(root, RELEASE, &config), ==, 0);
        g_assert_cmpint(config.module_versions, ==, versions);
        g_assert_cmpint(config.force_load, ==, force);
        g_assert_cmpint(config.any_namespace, ==, any);
}

/* The first place that has one counts, and what is none is passed over. */
static void test_places(void)
{
        HostRoot *root CLEANUP(host_root_freep) = NULL;
        TempDir dir;

        temp_dir_init(&dir, "kernel-config");
        temp_dir_mkdir(&dir, "lib/modules/" RELEASE);
        g_assert_cmpint(host_root_new(dir.path, RELEASE, &root), ==, 0);
        assert_config(root, KERNEL_OPTION_UNKNOWN, KERNEL_OPTION_UNKNOWN, KERNEL_OPTION_UNKNOWN);
        temp_dir_write(&dir, "lib/modules/" RELEASE "/build/.config",
                        "CONFIG_MODULES=y\nCONFIG_MODULE_FORCE_LOAD=y");
        temp_dir_write(&dir, "boot/config-" RELEASE,
                        "CONFIG_MODULE_FORCE_LOAD=n, since this is no such file\n");
        assert_config(root, KERNEL_OPTION_OFF, KERNEL_OPTION_ON, KERNEL_OPTION_OFF);
        temp_dir_write(&dir, "boot/config-" RELEASE,
                        "#\n# CONFIG_MODULE_FORCE_LOAD=y\nXCONFIG_MODULE_FORCE_LOAD=y\nCONFIG_MODULES=y\n"
                        "CONFIG_MODVERSIONS=yes\nCONFIG_MODULE_ALLOW_MISSING_NAMESPACE_IMPORTS=y\n");
        assert_config(root, KERNEL_OPTION_OFF, KERNEL_OPTION_OFF, KERNEL_OPTION_ON);
        temp_dir_write(&dir, "lib/modules/" RELEASE "/config", "CONFIG_MODVERSIONS=y\nCONFIG_MODULES=y\n");
        assert_config(root, KERNEL_OPTION_ON, KERNEL_OPTION_OFF, KERNEL_OPTION_OFF);
        temp_dir_done(&dir);
}

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/kernel-config/places", test_places);
        return g_test_run();
}
