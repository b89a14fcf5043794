/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The service while a process of its own finds out whether a package owns a version that is to be removed:
 * it answers, and nothing comes of what is broken off. */

#include <fcntl.h>
#include <glib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child-hold.h"
#include "host.h"

#define ICE DRIVER_PATH("ice")
#define ICE_OLD "xenserver/intel-ice/1.6.4"

typedef struct Removing {
        Harness *harness;
        sd_bus *caller; /* the superuser, once more */
        Answer *answer;
        pid_t child; /* what asks, held before it has done anything */
} Removing;

static Answer *ask(sd_bus *bus, const char *version)
{
        return call_start(bus, false, ICE, DRIVER, "Remove", "sa{sv}", version, 0);
}

static void ping(const Removing *removing)
{
        g_free(call_text(removing->harness->stranger, MANAGER_PATH, "org.freedesktop.DBus.Peer", "Ping",
                        NULL));
}

/* False: skipped. */
static bool start(Removing *removing)
{
        Harness *harness = harness_new(host_with_nics);
        const char *reason;

        *removing = (Removing){ .harness = harness };
        harness_start_script(harness, POLKIT_YES);
        harness_start_daemon(harness);
        host_select(harness, harness->superuser, ICE, "1.11.17.1");
        reason = child_hold_watch(harness->daemon->pid);
        if (reason) {
                g_test_skip(reason);
                return false;
        }
        removing->caller = harness_connect(harness, 0);
        removing->answer = ask(removing->caller, "1.6.4");
        g_assert_cmpint(sd_bus_flush(removing->caller), >=, 0);
        recorder_clear(harness->recorder);
        removing->child = child_hold_meet(harness->daemon->pid);
        /* It looks for dpkg's lists, or whatever else. */
        child_hold_until(removing->child, SYS_openat, 2);
        return true;
}

static void removing_done(Removing *removing)
{
        removing->answer = answer_free(removing->answer);
        removing->caller = sd_bus_flush_close_unref(removing->caller);
        removing->harness = harness_free(removing->harness);
}
#define CLEANUP_REMOVING CLEANUP(removing_done)

static void assert_there(const Removing *removing, bool there)
{
        g_autofree char *path = host_module_path(removing->harness, ICE_OLD);
        g_autofree char *jobs =
                        call_text(removing->harness->stranger, MANAGER_PATH, MANAGER, "ListJobs", NULL);

        g_assert_cmpint(g_file_test(path, G_FILE_TEST_EXISTS), ==, there);
        g_assert_cmpstr(jobs, ==, "[]");
}

static void assert_refused(Answer *answer, const char *error, const char *words)
{
        answer_wait(answer);
        g_test_message("%s", answer->text);
        g_assert_cmpstr(answer->error, ==, error);
        g_assert_nonnull(strstr(answer->text, words));
        g_assert_null(answer_free(answer));
}

static void assert_terminated(const Removing *removing)
{
        int status = child_hold_end(removing->child);

        g_assert_true(WIFSIGNALED(status));
        g_assert_cmpint(WTERMSIG(status), ==, SIGTERM);
}

/* Whoever calls meanwhile has his answer, and his change. */
static void test_answers(void)
{
        Removing removing CLEANUP_REMOVING = { 0 };
        Harness *harness;

        if (!start(&removing))
                return;
        harness = removing.harness;
        ping(&removing);
        host_select(harness, harness->superuser, DRIVER_PATH("ixgbe"), "5.3.5");
        assert_there(&removing, true);
        g_assert_false(removing.answer->done);
        recorder_clear(harness->recorder);
        g_assert_true(child_hold_release(removing.child));
        answer_wait(removing.answer);
        g_assert_cmpstr(removing.answer->error, ==, NULL);
        (void) recorder_wait(harness->recorder, MANAGER_PATH " JobRemoved * ice done");
        assert_there(&removing, false);
}

/* What was true when it was asked for is looked at once more. */
static void test_selected_meanwhile(void)
{
        Removing removing CLEANUP_REMOVING = { 0 };

        if (!start(&removing))
                return;
        host_select(removing.harness, removing.harness->superuser, ICE, "1.6.4");
        g_assert_true(child_hold_release(removing.child));
        assert_refused(STEAL(removing.answer), "org.hostdriver1.Error.InUse", "1.6.4 is selected");
        assert_there(&removing, true);
}

static void test_caller_leaves(void)
{
        Removing removing CLEANUP_REMOVING = { 0 };
        g_autofree char *name = NULL;
        const char *unique;

        if (!start(&removing))
                return;
        g_assert_cmpint(sd_bus_get_unique_name(removing.caller, &unique), >=, 0);
        name = g_strdup(unique);
        removing.answer = answer_free(removing.answer);
        removing.caller = sd_bus_flush_close_unref(removing.caller);
        harness_wait_name(removing.harness, name, false, removing.harness->daemon);
        /* The bus has told the service before it tells it of this. */
        ping(&removing);
        assert_terminated(&removing);
        assert_there(&removing, true);
}

static void test_child_dies(void)
{
        Removing removing CLEANUP_REMOVING = { 0 };

        if (!start(&removing))
                return;
        g_assert_cmpint(kill(removing.child, SIGKILL), ==, 0);
        (void) child_hold_end(removing.child);
        assert_refused(STEAL(removing.answer), "org.hostdriver1.Error.InUse", "was killed");
        assert_there(&removing, true);
}

/* One that doesn't come to an end holds up nobody else. */
static void test_others_ask(void)
{
        Removing removing CLEANUP_REMOVING = { 0 };

        if (!start(&removing))
                return;
        for (int i = 0; i < 4; i++) {
                Answer *other = call_start(removing.harness->superuser, false, ICE, DRIVER, "Remove",
                                "sa{sv}", "1.6.4", 1, "dry-run", "b", 1);

                answer_wait(other);
                g_assert_cmpstr(other->error, ==, NULL);
                g_assert_null(answer_free(other));
        }
        g_assert_false(removing.answer->done);
        g_assert_true(child_hold_release(removing.child));
        answer_wait(removing.answer);
        g_assert_cmpstr(removing.answer->error, ==, NULL);
}

static void test_terminate(void)
{
        Removing removing CLEANUP_REMOVING = { 0 };

        if (!start(&removing))
                return;
        process_signal(removing.harness->daemon, SIGTERM);
        /* What comes after the second one comes after the signal, too. */
        ping(&removing);
        ping(&removing);
        assert_terminated(&removing);
        assert_refused(STEAL(removing.answer), "org.hostdriver1.Error.Failed", "about to end");
        harness_stop_daemon(removing.harness);
}

/* Nobody is asked for whoever isn't allowed to remove. */
static void test_not_allowed(void)
{
        Harness *harness CLEANUP_HARNESS = harness_new(host_with_nics);

        temp_dir_write(&harness->sample.dir, "var/lib/dpkg/info/ice-driver.list",
                        "/lib/modules/" SAMPLE_KERNEL "/" ICE_OLD "/ice.ko\n");
        harness_start_script(harness, POLKIT_NO);
        harness_start_daemon(harness);
        host_select(harness, harness->superuser, ICE, "1.11.17.1");
        assert_refused(ask(harness->stranger, "1.6.4"), "org.freedesktop.DBus.Error.AccessDenied", "");
        assert_refused(ask(harness->superuser, "1.6.4"), "org.hostdriver1.Error.InUse",
                        "belongs to the package ice-driver");
}

/* --- an rpm that doesn't end ----------------------------------------------------------------------------
 */

#define RPM "/usr/bin/rpm"

/* What holds the pipe open that it makes. */
static bool hang_rpm(const Harness *harness, const char *pipe)
{
        char *program CLEANUP_FREE = temp_dir_path(&harness->work, "rpm");
        g_autofree char *script = g_strdup_printf(
                        "#!/bin/bash\nexec 3> '%s'\necho asked >&3\nexec sleep 1000\n", pipe);

        g_assert_cmpint(mkfifo(pipe, 0600), ==, 0);
        temp_dir_write(&harness->work, "rpm", script);
        g_assert_cmpint(chmod(program, 0755), ==, 0);
        temp_dir_write(&harness->sample.dir, "var/lib/rpm/rpmdb.sqlite", "");
        return mount(program, RPM, NULL, MS_BIND, NULL) == 0;
}

/* It doesn't outlive the call that it was asked for. */
static void test_rpm_hangs(void)
{
        Harness *harness CLEANUP_HARNESS = harness_new(host_with_nics);
        char *pipe CLEANUP_FREE = temp_dir_path(&harness->work, "pipe");
        sd_bus *caller;
        Answer *answer;
        char asked[16];
        int fd CLEANUP_FD = -1;

        if (!hang_rpm(harness, pipe)) {
                g_test_skip("rpm isn't installed");
                return;
        }
        harness_start_script(harness, POLKIT_YES);
        harness_start_daemon(harness);
        host_select(harness, harness->superuser, ICE, "1.11.17.1");
        caller = harness_connect(harness, 0);
        answer = ask(caller, "1.6.4");
        g_assert_cmpint(sd_bus_flush(caller), >=, 0);
        fd = open(pipe, O_RDONLY | O_CLOEXEC);
        g_assert_cmpint(read(fd, asked, sizeof(asked)), ==, strlen("asked\n"));
        host_select(harness, harness->superuser, DRIVER_PATH("ixgbe"), "5.3.5");
        g_assert_false(answer->done);
        g_assert_null(answer_free(answer));
        caller = sd_bus_flush_close_unref(caller);
        g_assert_cmpint(read(fd, asked, sizeof(asked)), ==, 0);
        g_assert_cmpint(umount2(RPM, MNT_DETACH), ==, 0);
}

static void add_tests(void)
{
        g_test_add_func("/removing/answers", test_answers);
        g_test_add_func("/removing/selected-meanwhile", test_selected_meanwhile);
        g_test_add_func("/removing/caller-leaves", test_caller_leaves);
        g_test_add_func("/removing/child-dies", test_child_dies);
        g_test_add_func("/removing/others-ask", test_others_ask);
        g_test_add_func("/removing/terminate", test_terminate);
        g_test_add_func("/removing/not-allowed", test_not_allowed);
        g_test_add_func("/removing/rpm-hangs", test_rpm_hangs);
}

int main(int argc, char *argv[])
{
        return harness_main(argc, argv, add_tests);
}
