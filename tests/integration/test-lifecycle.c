/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A driver's life, end to end: found, selected under a real polkit rule, deselected, gone, back again. */

#include <glib.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <sys/stat.h>

#include "host.h"
#include "snapshot.h"

#define ICE DRIVER_PATH("ice")

static Harness *new_host(void)
{
        Harness *harness = harness_new(host_with_nics);

        harness_start_polkitd_with_example(harness);
        harness_start_daemon(harness);
        return harness;
}

static void test_read(void)
{
        Harness *harness CLEANUP_HARNESS = new_host();
        char *drivers = call_text(harness->stranger, MANAGER_PATH, MANAGER, "ListDrivers", NULL);
        char *path = call_text(harness->stranger, MANAGER_PATH, MANAGER, "GetDriver", "s", "intel-ice");
        char *uuid = property_text(harness->stranger, ICE, DRIVER, "UUID");
        char *by_uuid = call_text(harness->stranger, MANAGER_PATH, MANAGER, "GetDriverByUUID", "s", uuid);

        g_assert_true(g_pattern_match_simple(
                        "[(ice * intel-ice * false " ICE ") (ixgbe * false */ixgbe)]", drivers));
        g_assert_cmpstr(path, ==, ICE);
        g_assert_cmpstr(by_uuid, ==, ICE);
        assert_property(harness->stranger, ICE, DRIVER, "Versions", "[kernel 1.6.4 1.11.17.1]");
        assert_property(harness->stranger, ICE, DRIVER, "Name", "ice");
        assert_property(harness->stranger, ICE, DRIVER, "Active", "");
        assert_property(harness->stranger, ICE, DRIVER, "Loaded", "false");
        assert_property(harness->stranger, MANAGER_PATH, MANAGER, "KernelRelease", SAMPLE_KERNEL);
        assert_property(harness->stranger, MANAGER_PATH, MANAGER, "Kernels", "[" SAMPLE_KERNEL "]");
        assert_property(harness->stranger, MANAGER_PATH, MANAGER, "Problems", "[]");
        g_free(drivers);
        g_free(path);
        g_free(uuid);
        g_free(by_uuid);
}

static void test_select(void)
{
        Harness *harness CLEANUP_HARNESS = new_host();
        int selected, removed;

        host_select(harness, harness->member, ICE, "1.11.17.1");
        assert_property(harness->superuser, ICE, DRIVER, "Selected", "1.11.17.1");
        host_assert_link(harness, "ice.ko", "../xenserver/intel-ice/1.11.17.1/ice.ko");
        host_assert_effective(harness, "ice", "xenserver/intel-ice/1.11.17.1/ice.ko");
        selected = recorder_position(harness->recorder, ICE " PropertiesChanged *Selected=1.11.17.1*");
        removed = recorder_position(harness->recorder, MANAGER_PATH " JobRemoved*");
        g_assert_cmpint(selected, >=, 0);
        g_assert_cmpint(selected, <, removed);
        g_assert_cmpint(recorder_count(harness->recorder, MANAGER_PATH " JobNew*"), ==, 1);

        host_select(harness, harness->member, ICE, "1.6.4");
        host_assert_link(harness, "ice.ko", "../xenserver/intel-ice/1.6.4/ice.ko");
        host_assert_effective(harness, "ice", "xenserver/intel-ice/1.6.4/ice.ko");
        assert_property(harness->superuser, ICE, DRIVER, "Problems", "[]");

        host_select(harness, harness->member, ICE, "kernel");
        host_assert_link(harness, "ice.ko", "");
        host_assert_effective(harness, "ice", "kernel/drivers/net/ethernet/intel/ice/ice.ko");
        assert_property(harness->superuser, ICE, DRIVER, "Selected", "kernel");
}

/* What the service is started with must not matter: how a tool ended would be unknown, and files hidden. */
static void test_inherited(void)
{
        Harness *harness CLEANUP_HARNESS = harness_new(host_with_nics);
        char *overrides =
                        g_build_filename(harness->sample.dir.path, "etc/depmod.d/zz-hostdriver.conf", NULL);
        struct stat status;
        mode_t before;

        harness_start_polkitd_with_example(harness);
        before = umask(077);
        (void) signal(SIGCHLD, SIG_IGN);
        harness_start_daemon(harness);
        (void) signal(SIGCHLD, SIG_DFL);
        (void) umask(before);
        host_select(harness, harness->member, ICE, "1.11.17.1");
        assert_property(harness->superuser, ICE, DRIVER, "Selected", "1.11.17.1");
        g_assert_cmpint(stat(overrides, &status), ==, 0);
        g_assert_cmpint(status.st_mode & 0777, ==, 0644);
        g_free(overrides);
}

static void test_select_again(void)
{
        Harness *harness CLEANUP_HARNESS = new_host();
        char *before;

        host_select(harness, harness->superuser, ICE, "1.6.4");
        before = snapshot_take(harness->sample.dir.path);
        host_select(harness, harness->superuser, ICE, "1.6.4");
        snapshot_assert_same(harness->sample.dir.path, before);
        g_free(before);
}

static void test_denied(void)
{
        Harness *harness CLEANUP_HARNESS = new_host();
        char *before = snapshot_take(harness->sample.dir.path);
        char *select = call_error(harness->stranger, NULL, ICE, DRIVER, "Select", "sa{sv}", "1.6.4", 0);
        char *deselect = call_error(harness->stranger, NULL, ICE, DRIVER, "Deselect", "a{sv}", 0);
        char *rescan = call_error(harness->stranger, NULL, MANAGER_PATH, MANAGER, "Rescan", NULL);
        char *many = call_error(harness->stranger, NULL, MANAGER_PATH, MANAGER, "Select", "a(ss)a{sv}", 1,
                        "ice", "1.6.4", 0);

        /* auth_admin: polkit would ask for a password, if the caller allowed it. */
        g_assert_cmpstr(select, ==, SD_BUS_ERROR_INTERACTIVE_AUTHORIZATION_REQUIRED);
        g_assert_cmpstr(deselect, ==, SD_BUS_ERROR_INTERACTIVE_AUTHORIZATION_REQUIRED);
        g_assert_cmpstr(rescan, ==, SD_BUS_ERROR_INTERACTIVE_AUTHORIZATION_REQUIRED);
        g_assert_cmpstr(many, ==, SD_BUS_ERROR_INTERACTIVE_AUTHORIZATION_REQUIRED);
        snapshot_assert_same(harness->sample.dir.path, before);
        g_assert_cmpint(recorder_count(harness->recorder, "*JobNew*"), ==, 0);
        g_free(select);
        g_free(deselect);
        g_free(rescan);
        g_free(many);
        g_free(before);
}

static void test_deselect(void)
{
        Harness *harness CLEANUP_HARNESS = new_host();
        char *block CLEANUP_FREE = temp_dir_path(&harness->sample.dir, "etc/modprobe.d/hostdriver-ice.conf");
        char *job, *text = NULL;

        host_select(harness, harness->superuser, ICE, "1.6.4");
        recorder_clear(harness->recorder);
        job = call_text(harness->superuser, ICE, DRIVER, "Deselect", "a{sv}", 0);
        recorder_wait(harness->recorder, MANAGER_PATH " JobRemoved * done");
        assert_property(harness->superuser, ICE, DRIVER, "Selected", "");
        host_assert_link(harness, "ice.ko", "");
        g_assert_true(g_file_get_contents(block, &text, NULL, NULL));
        g_assert_nonnull(strstr(text, "install ice /bin/false"));
        g_assert_nonnull(strstr(text, "blacklist ice"));

        host_select(harness, harness->superuser, ICE, "1.6.4");
        g_assert_false(g_file_test(block, G_FILE_TEST_EXISTS));
        g_free(text);
        g_free(job);
}

static void test_many(void)
{
        Harness *harness CLEANUP_HARNESS = new_host();
        char *before = snapshot_take(harness->sample.dir.path);
        char *error = call_error(harness->superuser, NULL, MANAGER_PATH, MANAGER, "Select", "a(ss)a{sv}", 2,
                        "ice", "1.6.4", "ixgbe", "9.9", 0);
        char *job;

        g_assert_cmpstr(error, ==, "org.hostdriver1.Error.NoSuchVersion");
        snapshot_assert_same(harness->sample.dir.path, before);
        job = call_text(harness->member, MANAGER_PATH, MANAGER, "Select", "a(ss)a{sv}", 2, "ice", "1.6.4",
                        "ixgbe", "5.3.5", 0);
        recorder_wait(harness->recorder, MANAGER_PATH " JobRemoved * done");
        host_assert_link(harness, "ice.ko", "../xenserver/intel-ice/1.6.4/ice.ko");
        host_assert_link(harness, "ixgbe.ko", "../xenserver/intel-ixgbe/5.3.5/ixgbe.ko");
        host_assert_effective(harness, "ixgbe", "xenserver/intel-ixgbe/5.3.5/ixgbe.ko");
        g_free(job);
        g_free(error);
        g_free(before);
}

static void test_history(void)
{
        Harness *harness CLEANUP_HARNESS = new_host();
        char *history, **entries;

        host_select(harness, harness->member, ICE, "1.6.4");
        host_select(harness, harness->superuser, ICE, "1.11.17.1");
        history = call_text(harness->stranger, MANAGER_PATH, MANAGER, "GetHistory", "a{sv}", 0);
        entries = g_strsplit(history, "] [", -1);
        g_assert_cmpuint(g_strv_length(entries), ==, 2);
        g_assert_nonnull(strstr(entries[0], "from=1.6.4"));
        g_assert_nonnull(strstr(entries[0], "to=1.11.17.1"));
        g_assert_nonnull(strstr(entries[0], "uid=0"));
        g_assert_nonnull(strstr(entries[0], "result=done"));
        g_assert_nonnull(strstr(entries[1], "to=1.6.4"));
        g_assert_nonnull(strstr(entries[1], "uid=" G_STRINGIFY(SANDBOX_OPERATOR_UID)));
        g_strfreev(entries);
        g_free(history);
}

static void test_reboot_required(void)
{
        Harness *harness CLEANUP_HARNESS = harness_new(host_with_nics);

        sample_root_load_file(&harness->sample, SAMPLE_KERNEL, "xenserver/intel-ice/1.6.4/ice.ko");
        harness_start_polkitd_with_example(harness);
        harness_start_daemon(harness);
        host_select(harness, harness->member, ICE, "1.6.4");
        assert_property(harness->stranger, ICE, DRIVER, "Loaded", "true");
        assert_property(harness->stranger, ICE, DRIVER, "Active", "1.6.4");
        assert_property(harness->stranger, ICE, DRIVER, "RebootRequired", "false");
        host_select(harness, harness->member, ICE, "1.11.17.1");
        assert_property(harness->stranger, ICE, DRIVER, "Active", "1.6.4");
        assert_property(harness->stranger, ICE, DRIVER, "RebootRequired", "true");
        assert_property(harness->stranger, MANAGER_PATH, MANAGER, "RebootRequired", "true");
        g_assert_cmpint(recorder_count(harness->recorder,
                                        MANAGER_PATH " PropertiesChanged *RebootRequired=true*"),
                        ==, 1);
}

static void test_restart(void)
{
        Harness *harness CLEANUP_HARNESS = new_host();
        char *uuid = property_text(harness->stranger, ICE, DRIVER, "UUID");
        char *before, *after, *history;

        host_select(harness, harness->member, ICE, "1.6.4");
        before = call_text(harness->stranger, MANAGER_PATH, MANAGER, "ListDrivers", NULL);
        harness_stop_daemon(harness);
        harness_start_daemon(harness);
        after = call_text(harness->stranger, MANAGER_PATH, MANAGER, "ListDrivers", NULL);
        history = call_text(harness->stranger, MANAGER_PATH, MANAGER, "GetHistory", "a{sv}", 0);
        g_assert_cmpstr(before, ==, after);
        assert_property(harness->stranger, ICE, DRIVER, "UUID", uuid);
        assert_property(harness->stranger, ICE, DRIVER, "Selected", "1.6.4");
        g_assert_nonnull(strstr(history, "to=1.6.4"));
        g_free(history);
        g_free(uuid);
        g_free(before);
        g_free(after);
}

static void test_removal_and_return(void)
{
        Harness *harness CLEANUP_HARNESS = new_host();
        char *directory = host_module_path(harness, "xenserver/intel-ixgbe");
        char *aside CLEANUP_FREE = temp_dir_path(&harness->work, "ixgbe-aside");
        char *uuid = property_text(harness->stranger, DRIVER_PATH("ixgbe"), DRIVER, "UUID");
        char *error;

        g_assert_cmpint(g_rename(directory, aside), ==, 0);
        recorder_wait(harness->recorder, MANAGER_PATH " InterfacesRemoved " DRIVER_PATH("ixgbe") " *");
        error = call_error(harness->stranger, NULL, MANAGER_PATH, MANAGER, "GetDriver", "s", "ixgbe");
        g_assert_cmpstr(error, ==, "org.hostdriver1.Error.NoSuchDriver");
        g_assert_cmpint(recorder_count(harness->recorder, MANAGER_PATH " InterfacesRemoved " ICE "*"), ==,
                        0);

        g_assert_cmpint(g_rename(aside, directory), ==, 0);
        recorder_wait(harness->recorder, MANAGER_PATH " InterfacesAdded " DRIVER_PATH("ixgbe") " *");
        assert_property(harness->stranger, DRIVER_PATH("ixgbe"), DRIVER, "UUID", uuid);
        g_free(error);
        g_free(uuid);
        g_free(directory);
}

static void add_tests(void)
{
        g_test_add_func("/lifecycle/read", test_read);
        g_test_add_func("/lifecycle/select", test_select);
        g_test_add_func("/lifecycle/inherited", test_inherited);
        g_test_add_func("/lifecycle/select-again", test_select_again);
        g_test_add_func("/lifecycle/denied", test_denied);
        g_test_add_func("/lifecycle/deselect", test_deselect);
        g_test_add_func("/lifecycle/many", test_many);
        g_test_add_func("/lifecycle/history", test_history);
        g_test_add_func("/lifecycle/reboot-required", test_reboot_required);
        g_test_add_func("/lifecycle/restart", test_restart);
        g_test_add_func("/lifecycle/removal-and-return", test_removal_and_return);
}

int main(int argc, char *argv[])
{
        return harness_main(argc, argv, add_tests);
}
