/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The host that XenServer's design document for multi-version drivers shows, seen through the service. */

#include <glib.h>

#include "host.h"

#define ICE DRIVER_PATH("ice")

static Harness *new_host(void)
{
        Harness *harness = harness_new(sample_root_init_xenserver);

        harness_start_script(harness, POLKIT_YES);
        harness_start_daemon(harness);
        return harness;
}

static void test_list(void)
{
        static const char expected[] = "[(bnx2fc * bnx2fc 2.12.20-dell  false */bnx2fc) "
                                       "(dell_laptop * dell_laptop 1.2.3  false */dell_5flaptop) "
                                       "(ice * intel-ice 1.11.17.1  false */ice)]";
        Harness *harness CLEANUP_HARNESS = new_host();
        char *drivers = call_text(harness->stranger, MANAGER_PATH, MANAGER, "ListDrivers", NULL);

        /* Plain files in updates/ belong to no multi-version driver. */
        if (!g_pattern_match_simple(expected, drivers))
                g_error("%s", drivers);
        assert_property(harness->stranger, ICE, DRIVER, "Versions", "[kernel 1.6.4 1.11.17.1]");
        assert_property(harness->stranger, ICE, DRIVER, "HardwarePresent", "true");
        assert_property(harness->stranger, DRIVER_PATH("bnx2fc"), DRIVER, "Versions",
                        "[kernel 2.12.13 2.12.20-dell]");
        assert_property(harness->stranger, DRIVER_PATH("dell_5flaptop"), DRIVER, "Name", "dell_laptop");
        g_free(drivers);
}

/* The names of modules, packages and spellings with "-" all lead to the driver. */
static void test_names(void)
{
        static const char *const names[][2] = {
                { "dell_laptop", DRIVER_PATH("dell_5flaptop") },
                { "dell-laptop", DRIVER_PATH("dell_5flaptop") },
                { "intel-ice", ICE },
                { "ice", ICE },
        };
        Harness *harness CLEANUP_HARNESS = new_host();

        for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
                char *path = call_text(
                                harness->stranger, MANAGER_PATH, MANAGER, "GetDriver", "s", names[i][0]);

                g_assert_cmpstr(path, ==, names[i][1]);
                g_free(path);
        }
}

/* A selection made by links alone is kept, and becomes one of link and override when it is changed. */
static void test_change(void)
{
        Harness *harness CLEANUP_HARNESS = new_host();
        char *file CLEANUP_FREE = temp_dir_path(&harness->sample.dir, "etc/depmod.d/zz-hostdriver.conf");
        char *text = NULL;

        host_select(harness, harness->superuser, ICE, "1.6.4");
        host_assert_link(harness, "ice.ko", "../xenserver/intel-ice/1.6.4/ice.ko");
        host_assert_effective(harness, "ice", "xenserver/intel-ice/1.6.4/ice.ko");
        g_assert_true(g_file_get_contents(file, &text, NULL, NULL));
        g_assert_nonnull(strstr(text, "override ice ^4[.]19[.]0[+]1$ xenserver/intel-ice/1.6.4\n"));
        g_free(text);

        /* The raw spelling of the module file is what depmod's override goes by. */
        host_select(harness, harness->superuser, DRIVER_PATH("dell_5flaptop"), "kernel");
        host_assert_effective(harness, "dell_laptop", "kernel/drivers/platform/x86/dell-laptop.ko");
        host_assert_link(harness, "dell_laptop.ko", "");
        host_select(harness, harness->superuser, DRIVER_PATH("dell_5flaptop"), "1.2.3");
        host_assert_effective(harness, "dell_laptop", "xenserver/dell_laptop/1.2.3/dell_laptop.ko");

        /* The plain files of other drivers are still what they were. */
        host_assert_effective(harness, "i40e", "updates/i40e.ko");
}

/* The note of a loaded module says which version is active. */
static void test_active(void)
{
        Harness *harness CLEANUP_HARNESS = harness_new(sample_root_init_xenserver);

        sample_root_load_file(&harness->sample, SAMPLE_KERNEL, "xenserver/intel-ice/1.6.4/ice.ko");
        harness_start_daemon(harness);
        assert_property(harness->stranger, ICE, DRIVER, "Active", "1.6.4");
        assert_property(harness->stranger, ICE, DRIVER, "Selected", "1.11.17.1");
        assert_property(harness->stranger, ICE, DRIVER, "RebootRequired", "true");
        assert_property(harness->stranger, MANAGER_PATH, MANAGER, "RebootRequired", "true");
}

static void add_tests(void)
{
        g_test_add_func("/xenserver-design/list", test_list);
        g_test_add_func("/xenserver-design/names", test_names);
        g_test_add_func("/xenserver-design/change", test_change);
        g_test_add_func("/xenserver-design/active", test_active);
}

int main(int argc, char *argv[])
{
        return harness_main(argc, argv, add_tests);
}
