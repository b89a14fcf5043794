/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* In a chroot, and where a service runs: which one is asked, and that the root of another one stays as it
 * is. */

#include <glib.h>
#include <sys/mount.h>

#include "chroot-root.h"
#include "host.h"
#include "program-run.h"
#include "snapshot.h"

#define SYSTEM_BUS "/run/dbus/system_bus_socket"
#define NO_SERVICE "No hostdriverd runs for the root of this chroot."

static void host_with_device(SampleRoot *sample)
{
        host_with_nics(sample);
        sample_root_add_device(sample, "pci", "0000:3b:00.0",
                        "pci:v00008086d00001592sv00008086sd00000002bc02sc00i00");
}

static char *run_on_bus(Harness *harness, int expected, const char *line)
{
        const ProgramRun run = { .bus = harness->address, .program = harness_setting("HOSTDRIVERCTL") };
        g_autofree char *whole = g_strconcat("--no-pager ", line, NULL);

        return program_run(harness, &run, expected, whole);
}

/* By another path to the same root. */
static void test_asked(void)
{
        Harness *harness CLEANUP_HARNESS = harness_new(host_with_device);
        const ProgramRun run = { .bus = harness->address, .program = harness_setting("HOSTDRIVERCTL") };
        char *path CLEANUP_FREE = temp_dir_path(&harness->work, "mnt");
        g_autofree char *line = g_strdup_printf("--root=%s select ice 1.6.4", path), *output = NULL;

        temp_dir_mkdir(&harness->work, "mnt");
        g_assert_cmpint(mount(harness->sample.dir.path, path, NULL, MS_BIND, NULL), ==, 0);
        harness_start_daemon(harness);
        output = program_run(harness, &run, 0, line);
        recorder_wait(harness->recorder, MANAGER_PATH " JobRemoved * ice done");
        host_assert_effective(harness, "ice", "xenserver/intel-ice/1.6.4/ice.ko");
        g_assert_cmpint(umount2(path, MNT_DETACH), ==, 0);
}

/* /run is the test's, and the bus of the harness is the system's. */
static void enter_run(const Harness *harness)
{
        char *bus CLEANUP_FREE = temp_dir_path(&harness->work, "bus");

        g_assert_cmpint(mount("tmpfs", "/run", "tmpfs", 0, "mode=755"), ==, 0);
        g_assert_cmpint(g_mkdir_with_parents("/run/dbus", 0755), ==, 0);
        g_assert_true(g_file_set_contents(SYSTEM_BUS, "", 0, NULL));
        g_assert_cmpint(mount(bus, SYSTEM_BUS, NULL, MS_BIND, NULL), ==, 0);
}

static void leave_run(void)
{
        g_assert_cmpint(umount2("/run", MNT_DETACH), ==, 0);
}

/* What a program in the chroot printed. */
static char *run_inside(Harness *harness, const SampleRoot *sample, const char *program, int expected,
                const char *line)
{
        g_autofree char *prefix = g_strconcat("/usr/sbin/chroot ", sample->dir.path, NULL),
                        *inside = chroot_root_path(harness_setting(program)),
                        *daemon = chroot_root_path(harness_setting("HOSTDRIVERD"));
        g_autofree char *proc = g_build_filename(sample->dir.path, "proc/self", NULL);
        bool has_proc = g_file_test(proc, G_FILE_TEST_EXISTS);
        const ProgramRun run = {
                .bus = "", .daemon = daemon, .prefix = prefix, .program = inside, .has_no_proc = !has_proc
        };

        return program_run(harness, &run, expected, line);
}

static void assert_inside(Harness *harness, const SampleRoot *sample, const char *program, int expected,
                const char *line, const char *part, bool without_service)
{
        g_autofree char *output = run_inside(harness, sample, program, expected, line);

        assert_has(output, part);
        g_assert_cmpint(strstr(output, NO_SERVICE) != NULL, ==, without_service);
}

static void assert_link_in(const SampleRoot *sample, const char *target)
{
        char *path CLEANUP_FREE =
                        temp_dir_path(&sample->dir, "lib/modules/" SAMPLE_KERNEL "/updates/ice.ko");
        g_autofree char *text = g_file_read_link(path, NULL);

        g_assert_cmpstr(text, ==, target);
}

/* A chroot that has the host's /run: the service of the host's root is on the bus there. */
static void test_other_root(void)
{
        Harness *harness CLEANUP_HARNESS = harness_new(host_with_device);
        SampleRoot target CLEANUP_SAMPLE_ROOT = { 0 };
        ChrootRoot inside CLEANUP_CHROOT_ROOT = { 0 };
        g_autofree char *before = NULL, *after = NULL, *list = NULL, *list_after = NULL;
        const char *obstacle;

        host_with_device(&target);
        enter_run(harness);
        obstacle = chroot_root_enter(&target, true, true, &inside);
        if (obstacle) {
                leave_run();
                g_test_skip(obstacle);
                return;
        }
        harness_start_daemon(harness);
        host_select(harness, harness->superuser, DRIVER_PATH("ice"), "1.11.17.1");
        list = run_on_bus(harness, 0, "--json=short list");
        before = snapshot_take_exactly(harness->sample.dir.path);
        recorder_clear(harness->recorder);
        assert_inside(harness, &target, "HOSTDRIVERCTL", 0, "list", "1.6.4", true);
        assert_inside(harness, &target, "HOSTDRIVERCTL", 0, "select ice 1.6.4", "1.6.4 is selected", true);
        assert_link_in(&target, "../xenserver/intel-ice/1.6.4/ice.ko");
        assert_inside(harness, &target, "HOSTDRIVERCTL", 3, "select ice 9.9", "no version 9.9", true);
        assert_inside(harness, &target, "HOSTDRIVERCTL", 0, "--root=/ deselect ice --force",
                        "no version is selected", false);
        assert_inside(harness, &target, "DRIVER_TOOL", 0, "-l", "intel-ice", true);
        assert_inside(harness, &target, "DRIVER_TOOL", 0, "-s -n intel-ice -v 1.6.4", NO_SERVICE, true);
        assert_link_in(&target, "../xenserver/intel-ice/1.6.4/ice.ko");
        after = snapshot_take_exactly(harness->sample.dir.path);
        list_after = run_on_bus(harness, 0, "--json=short list");
        g_assert_cmpstr(before, ==, after);
        g_assert_cmpstr(list, ==, list_after);
        g_assert_cmpuint(recorder_count(harness->recorder, "*"), ==, 0);
        g_assert_false(g_file_test("/run/hostdriver", G_FILE_TEST_EXISTS));
        g_assert_false(g_file_test("/run/reboot-required", G_FILE_TEST_EXISTS));
        chroot_root_leave(&inside);
        leave_run();
}

/* A service of the host that could be started isn't. */
static void test_not_started(void)
{
        Harness *harness CLEANUP_HARNESS = harness_new(host_with_device);
        char *mark CLEANUP_FREE = temp_dir_path(&harness->work, "started");
        g_autofree char *service = g_strdup_printf(
                        "[D-BUS Service]\nName=" SERVICE_NAME "\nExec=/bin/touch %s\nUser=root\n", mark);
        SampleRoot target CLEANUP_SAMPLE_ROOT = { 0 };
        ChrootRoot inside CLEANUP_CHROOT_ROOT = { 0 };
        const char *obstacle;

        temp_dir_write(&harness->work, "services/" SERVICE_NAME ".service", service);
        g_assert_cmpint(sd_bus_call_method(harness->superuser, "org.freedesktop.DBus",
                                        "/org/freedesktop/DBus", "org.freedesktop.DBus", "ReloadConfig",
                                        NULL, NULL, NULL),
                        >=, 0);
        host_with_device(&target);
        enter_run(harness);
        obstacle = chroot_root_enter(&target, true, true, &inside);
        if (obstacle) {
                leave_run();
                g_test_skip(obstacle);
                return;
        }
        assert_inside(harness, &target, "HOSTDRIVERCTL", 0, "list", "ice", true);
        assert_inside(harness, &target, "DRIVER_TOOL", 0, "-s -n intel-ice -v 1.6.4", "", true);
        assert_inside(harness, &target, "HOSTDRIVERCTL", 0, "--root=/ list", "ice", false);
        g_assert_false(g_file_test(mark, G_FILE_TEST_EXISTS));
        chroot_root_leave(&inside);
        leave_run();
        /* It could have been. */
        g_free(run_on_bus(harness, 1, "list"));
        g_assert_true(g_file_test(mark, G_FILE_TEST_EXISTS));
}

/* The same where the service is the chroot's: it runs outside, beneath that root. */
static void test_same_root(void)
{
        Harness *harness CLEANUP_HARNESS = harness_new(host_with_device);
        ChrootRoot inside CLEANUP_CHROOT_ROOT = { 0 };
        const char *obstacle;

        enter_run(harness);
        obstacle = chroot_root_enter(&harness->sample, true, true, &inside);
        if (obstacle) {
                leave_run();
                g_test_skip(obstacle);
                return;
        }
        harness_start_daemon(harness);
        assert_inside(harness, &harness->sample, "HOSTDRIVERCTL", 0, "select ice 1.6.4", "1.6.4 is selected",
                        false);
        recorder_wait(harness->recorder, MANAGER_PATH " JobRemoved * ice done");
        assert_inside(harness, &harness->sample, "DRIVER_TOOL", 0, "-s -n intel-ice -v 1.11.17.1", "",
                        false);
        recorder_wait(harness->recorder, MANAGER_PATH " JobRemoved * ice done");
        assert_link_in(&harness->sample, "../xenserver/intel-ice/1.11.17.1/ice.ko");
        harness_stop_daemon(harness);
        chroot_root_leave(&inside);
        leave_run();
}

/* As XenServer's installer does it: writeDMVSelections() in backend.py of its host-installer, whose chroot
 * has /proc of the installer and no /run. */
static void test_driver_tool(void)
{
        Harness *harness CLEANUP_HARNESS = harness_new(host_with_device);
        ChrootRoot inside CLEANUP_CHROOT_ROOT = { 0 };
        const char *obstacle = chroot_root_enter(&harness->sample, true, false, &inside);
        SampleRoot *sample = &harness->sample;

        if (obstacle) {
                g_test_skip(obstacle);
                return;
        }
        assert_inside(harness, sample, "DRIVER_TOOL", 0, "-l", "intel-ice", true);
        assert_inside(harness, sample, "DRIVER_TOOL", 0, "-s -n intel-ice -v 1.6.4", "", true);
        assert_link_in(sample, "../xenserver/intel-ice/1.6.4/ice.ko");
        assert_inside(harness, sample, "DRIVER_TOOL", 0, "-d intel-ice", "", true);
        assert_link_in(sample, NULL);
        assert_inside(harness, sample, "DRIVER_TOOL", 0, "-s -n intel-ice -v 1.11.17.1", "", true);
        chroot_root_leave(&inside);
        harness_start_daemon(harness);
        assert_property(harness->stranger, DRIVER_PATH("ice"), DRIVER, "Selected", "1.11.17.1");
}

static void test_no_proc(void)
{
        Harness *harness CLEANUP_HARNESS = harness_new(host_with_device);
        ChrootRoot inside CLEANUP_CHROOT_ROOT = { 0 };
        const char *obstacle = chroot_root_enter(&harness->sample, false, false, &inside);
        g_autofree char *output = NULL;

        if (obstacle) {
                g_test_skip(obstacle);
                return;
        }
        output = run_inside(harness, &harness->sample, "HOSTDRIVERCTL", 1, "select ice 1.6.4");
        assert_has(output, "/proc isn't mounted");
        assert_link_in(&harness->sample, NULL);
        chroot_root_leave(&inside);
}

static void add_tests(void)
{
        g_test_add_func("/offline-chroot/asked", test_asked);
        g_test_add_func("/offline-chroot/other-root", test_other_root);
        g_test_add_func("/offline-chroot/not-started", test_not_started);
        g_test_add_func("/offline-chroot/same-root", test_same_root);
        g_test_add_func("/offline-chroot/driver-tool", test_driver_tool);
        g_test_add_func("/offline-chroot/no-proc", test_no_proc);
}

int main(int argc, char *argv[])
{
        return harness_main(argc, argv, add_tests);
}
