/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The service is asked to end, dies, or its tool fails, while a selection is under way. */

#include <fcntl.h>
#include <glib.h>
#include <sys/file.h>
#include <unistd.h>

#include "host.h"
#include "snapshot.h"
#include "tool-gate.h"

#define ICE DRIVER_PATH("ice")

/* A host where 1.11.17.1 is selected and 1.6.4 is about to be: its job waits for depmod. */
static Harness *new_busy_host(void)
{
        Harness *harness = harness_new(host_with_nics);
        char *job;

        harness_start_script(harness, POLKIT_YES);
        harness_start_daemon(harness);
        host_select(harness, harness->superuser, ICE, "1.11.17.1");
        tool_gate_close(harness);
        recorder_clear(harness->recorder);
        job = call_text(harness->superuser, ICE, DRIVER, "Select", "sa{sv}", "1.6.4", 0);
        recorder_wait(harness->recorder, "*/job/* PropertiesChanged *Step=depmod*");
        tool_gate_meet(harness);
        g_free(job);
        return harness;
}

/* The reply has promised it: link and index agree on what the service says is selected. */
static void assert_consistent(Harness *harness, const char *version)
{
        char *target = g_strdup_printf("../xenserver/intel-ice/%s/ice.ko", version);

        assert_property(harness->stranger, ICE, DRIVER, "Selected", version);
        assert_property(harness->stranger, ICE, DRIVER, "Problems", "[]");
        host_assert_link(harness, "ice.ko", target);
        host_assert_effective(harness, "ice", target + strlen("../"));
        g_free(target);
}

static void wait_for_no_job(Harness *harness)
{
        char *jobs = call_text(harness->superuser, MANAGER_PATH, MANAGER, "ListJobs", NULL);

        if (!g_str_equal(jobs, "[]"))
                recorder_wait(harness->recorder, MANAGER_PATH " JobRemoved *");
        g_free(jobs);
}

static void test_terminate(void)
{
        Harness *harness CLEANUP_HARNESS = new_busy_host();
        char *error;

        process_signal(harness->daemon, SIGTERM);
        tool_gate_open(harness);
        harness_stop_daemon(harness);
        harness_start_daemon(harness);
        wait_for_no_job(harness);
        assert_consistent(harness, "1.6.4");
        error = call_error(harness->superuser, NULL, ICE, DRIVER, "Check", "sa{sv}", "1.6.4", 0);
        g_assert_cmpstr(error, ==, "");
        g_free(error);
}

/* As by a power cut. */
static void kill_daemon(Harness *harness)
{
        process_signal(harness->daemon, SIGKILL);
        process_wait(harness->daemon);
        harness->daemon = process_free(harness->daemon);
        harness_wait_name(harness, SERVICE_NAME, false, NULL);
}

/* The journal knows, and the next start finishes it. */
static void test_kill(void)
{
        Harness *harness CLEANUP_HARNESS = new_busy_host();

        kill_daemon(harness);
        tool_gate_open(harness);
        harness_start_daemon(harness);
        wait_for_no_job(harness);
        assert_consistent(harness, "1.6.4");
}

static void run_recovery(Harness *harness, int status)
{
        Process *process = harness_spawn_daemon(harness, "--recover");

        process_wait(process);
        process_check_output(process);
        g_assert_cmpint(process_status(process), ==, status);
        g_assert_null(process_free(process));
}

/* The same by --recover, as for an image: the index is right before any service runs, and nothing is left to
 * do. */
static void test_recover(void)
{
        Harness *harness CLEANUP_HARNESS = new_busy_host();
        char *mark CLEANUP_FREE = temp_dir_path(&harness->sample.dir, "var/lib/hostdriver/pending");
        char *lock CLEANUP_FREE = NULL;
        int fd CLEANUP_FD = -1;

        kill_daemon(harness);
        g_assert_true(g_file_test(mark, G_FILE_TEST_EXISTS));
        host_assert_effective(harness, "ice", "xenserver/intel-ice/1.11.17.1/ice.ko");
        tool_gate_open(harness);
        /* Somebody else is at work on it, perhaps. */
        lock = temp_dir_path(&harness->sample.dir, "var/lib/hostdriver/lock");
        fd = open(lock, O_RDWR | O_CLOEXEC);
        g_assert_cmpint(flock(fd, LOCK_EX | LOCK_NB), ==, 0);
        run_recovery(harness, 1);
        host_assert_effective(harness, "ice", "xenserver/intel-ice/1.11.17.1/ice.ko");
        fd = fd_close(fd);
        run_recovery(harness, 0);
        host_assert_effective(harness, "ice", "xenserver/intel-ice/1.6.4/ice.ko");
        g_assert_false(g_file_test(mark, G_FILE_TEST_EXISTS));
        harness_start_daemon(harness);
        assert_consistent(harness, "1.6.4");
}

/* Where nothing was ever changed, nothing is recovered and nothing is made. */
static void test_recover_nothing(void)
{
        Harness *harness CLEANUP_HARNESS = harness_new(host_with_nics);
        char *before = snapshot_take(harness->sample.dir.path);

        run_recovery(harness, 0);
        snapshot_assert_same(harness->sample.dir.path, before);
        g_free(before);
}

/* depmod fails: link and index go back, and the job says what depmod said. */
static void test_tool_fails(void)
{
        Harness *harness CLEANUP_HARNESS = harness_new(host_with_nics);
        char *before, *job;

        harness_start_script(harness, POLKIT_YES);
        harness_start_daemon(harness);
        host_select(harness, harness->superuser, ICE, "1.11.17.1");
        before = snapshot_take(harness->sample.dir.path);
        tool_gate_break(harness);
        recorder_clear(harness->recorder);
        job = call_text(harness->superuser, ICE, DRIVER, "Select", "sa{sv}", "1.6.4", 0);
        recorder_wait(harness->recorder, MANAGER_PATH " JobRemoved * failed");
        g_assert_cmpint(recorder_count(harness->recorder, "*/job/* PropertiesChanged *the test says so*"),
                        ==, 1);
        tool_gate_open(harness);
        snapshot_assert_same(harness->sample.dir.path, before);
        assert_property(harness->stranger, ICE, DRIVER, "Selected", "1.11.17.1");
        host_select(harness, harness->superuser, ICE, "1.6.4");
        assert_consistent(harness, "1.6.4");
        g_free(before);
        g_free(job);
}

/* Those that wait while one runs are merged: ten selections, and depmod runs twice. */
static void test_merged(void)
{
        Harness *harness CLEANUP_HARNESS = new_busy_host();
        static const char *const versions[] = { "5.3.5", "5.10.2" };
        Answer *answer;

        for (size_t i = 0; i < G_N_ELEMENTS(versions); i++) {
                answer = call_start(harness->superuser, false, DRIVER_PATH("ixgbe"), DRIVER, "Select",
                                "sa{sv}", versions[i], 0);
                answer_wait(answer);
                /* A second change to the same driver may have to wait for the first one. */
                if (answer->error)
                        g_assert_cmpstr(answer->error, ==, "org.hostdriver1.Error.Busy");
                (void) answer_free(answer);
        }
        tool_gate_open(harness);
        recorder_wait(harness->recorder, MANAGER_PATH " JobRemoved * ixgbe done");
        g_assert_cmpint(recorder_count(harness->recorder, MANAGER_PATH " JobRemoved * failed"), ==, 0);
        assert_consistent(harness, "1.6.4");
}

/* A job that can still be canceled leaves nothing behind. */
static void test_cancel(void)
{
        Harness *harness CLEANUP_HARNESS = new_busy_host();
        char *job, *error;

        job = call_text(harness->superuser, DRIVER_PATH("ixgbe"), DRIVER, "Select", "sa{sv}", "5.3.5", 0);
        assert_property(harness->superuser, job, JOB, "State", "waiting");
        error = call_error(harness->superuser, NULL, job, JOB, "Cancel", NULL);
        g_assert_cmpstr(error, ==, "");
        host_assert_link(harness, "ixgbe.ko", "");
        tool_gate_open(harness);
        recorder_wait(harness->recorder, MANAGER_PATH " JobRemoved * ice done");
        /* It ends in its turn: the depmod that runs may have seen its link. */
        recorder_wait(harness->recorder, MANAGER_PATH " JobRemoved * ixgbe canceled");
        assert_property(harness->stranger, DRIVER_PATH("ixgbe"), DRIVER, "Selected", "");
        assert_consistent(harness, "1.6.4");
        g_free(job);
        g_free(error);
}

/* Gives up at once, and says why: the database, which it would wait for, isn't touched. */
static void assert_second_gives_up(Harness *harness)
{
        Process *second = harness_spawn_daemon(harness, NULL);
        gint64 begin = g_get_monotonic_time();
        char *output;

        process_wait(second);
        process_check_output(second);
        output = process_output(second);
        g_test_message("%.3f s: %s", (double) (g_get_monotonic_time() - begin) / 1e6, output);
        g_assert_cmpint(process_status(second), ==, 1);
        g_assert_nonnull(strstr(output, "Another hostdriverd is running already"));
        g_assert_null(strstr(output, "hostdriver.db"));
        g_free(output);
        (void) process_free(second);
}

static void test_two_daemons(void)
{
        Harness *harness CLEANUP_HARNESS = harness_new(host_with_nics);

        harness_start_script(harness, POLKIT_YES);
        harness_start_daemon(harness);
        assert_second_gives_up(harness);
        host_select(harness, harness->superuser, ICE, "1.6.4");
        assert_consistent(harness, "1.6.4");
}

/* On a bus of its own the second one's name is free, but the root isn't. */
static void test_two_buses(void)
{
        Harness *harness CLEANUP_HARNESS = harness_new(host_with_nics);
        char *path = g_build_filename(harness->sample.dir.path, "var/lib/hostdriver/service", NULL);
        int fd;

        harness_start_script(harness, POLKIT_YES);
        temp_dir_write(&harness->sample.dir, "var/lib/hostdriver/service", "");
        fd = open(path, O_RDWR | O_CLOEXEC);
        g_assert_cmpint(fd, >=, 0);
        g_assert_cmpint(flock(fd, LOCK_EX | LOCK_NB), ==, 0);
        assert_second_gives_up(harness);
        g_assert_cmpint(close(fd), ==, 0);
        harness_start_daemon(harness);
        g_free(path);
}

/* It says so, and ends in a way that has systemd start it again. */
static void test_bus_lost(void)
{
        Harness *harness CLEANUP_HARNESS = harness_new(host_with_nics);
        char *output;

        harness_start_daemon(harness);
        harness->superuser = sd_bus_flush_close_unref(harness->superuser);
        harness->member = sd_bus_flush_close_unref(harness->member);
        harness->stranger = sd_bus_flush_close_unref(harness->stranger);
        harness->recorder = recorder_free(harness->recorder);
        process_signal(harness->bus_daemon, SIGKILL);
        process_wait(harness->daemon);
        process_check_output(harness->daemon);
        g_assert_cmpint(process_status(harness->daemon), ==, EXIT_FAILURE);
        output = process_output(harness->daemon);
        g_assert_nonnull(strstr(output, "The connection to the system bus is lost"));
        harness->daemon = process_free(harness->daemon);
        g_free(output);
}

static void add_tests(void)
{
        g_test_add_func("/shutdown/terminate", test_terminate);
        g_test_add_func("/shutdown/kill", test_kill);
        g_test_add_func("/shutdown/recover", test_recover);
        g_test_add_func("/shutdown/recover-nothing", test_recover_nothing);
        g_test_add_func("/shutdown/tool-fails", test_tool_fails);
        g_test_add_func("/shutdown/merged", test_merged);
        g_test_add_func("/shutdown/cancel", test_cancel);
        g_test_add_func("/shutdown/two-daemons", test_two_daemons);
        g_test_add_func("/shutdown/two-buses", test_two_buses);
        g_test_add_func("/shutdown/bus-lost", test_bus_lost);
}

int main(int argc, char *argv[])
{
        return harness_main(argc, argv, add_tests);
}
