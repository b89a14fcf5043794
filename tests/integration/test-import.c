/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The service while the files of an import are copied: it answers, cancels, ends and starts anew. */

#include <glib.h>
#include <sys/syscall.h>

#include "import-host.h"

#define TG3 DRIVER_PATH("tg3")
#define FILE_SIZE ((off_t) 200 * 1024 * 1024)
/* As util/fs-copy.c copies. */
#define BLOCK_SIZE ((off_t) 128 * 1024)

typedef struct Copying {
        ImportHost host; /* its child copies, and has done nothing yet */
        char *job;
} Copying;

/* False: skipped. */
static bool start_copying(Copying *copying, off_t size)
{
        ImportHost *host = &copying->host;

        if (!import_host_start(host, size))
                return false;
        import_host_go_on(host);
        /* The service waits for its child to begin, as for a program. */
        child_hold_until(host->child, SYS_mkdirat, 1);
        answer_wait(host->answer);
        g_assert_cmpstr(host->answer->error, ==, NULL);
        copying->job = g_strdup(host->answer->text);
        return true;
}

static void copying_done(Copying *copying)
{
        g_free(copying->job);
        import_host_done(&copying->host);
}
#define CLEANUP_COPYING CLEANUP(copying_done)

static void assert_history(Harness *harness, const char *pattern)
{
        g_autofree char *history =
                        call_text(harness->stranger, MANAGER_PATH, MANAGER, "GetHistory", "a{sv}", 0);

        if (!g_pattern_match_simple(pattern, history))
                g_error("%s isn't in %s", pattern, history);
}

static void assert_job(const Copying *copying, const char *property, const char *value)
{
        assert_property(copying->host.harness->stranger, copying->job, JOB, property, value);
}

static void test_answers(void)
{
        Copying copying CLEANUP_COPYING = { 0 };
        g_autofree char *drivers = NULL;
        Harness *harness;

        if (!start_copying(&copying, FILE_SIZE))
                return;
        harness = copying.host.harness;
        import_host_ping(&copying.host);
        drivers = call_text(harness->stranger, MANAGER_PATH, MANAGER, "ListDrivers", NULL);
        g_assert_null(strstr(drivers, "tg3"));
        assert_job(&copying, "State", "running");
        assert_job(&copying, "Step", "copy");
        assert_job(&copying, "Progress", "0");
        assert_job(&copying, "Cancelable", "true");
        /* Other drivers don't wait for it, depmod and all; and nobody may do the same meanwhile. */
        host_select(harness, harness->superuser, DRIVER_PATH("ixgbe"), "5.3.5");
        import_host_refused(import_host_ask(&copying.host, harness->superuser), "org.hostdriver1.Error.Busy",
                        "tg3 is being changed");
        /* In the midst of it. */
        recorder_clear(harness->recorder);
        child_hold_until(copying.host.child, SYS_write, (unsigned) (FILE_SIZE / BLOCK_SIZE / 2));
        recorder_wait(harness->recorder, "*/job/* PropertiesChanged *Progress=0.2*");
        assert_job(&copying, "Step", "copy");
        recorder_clear(harness->recorder);
        g_assert_true(child_hold_release(copying.host.child));
        import_host_wait(&copying.host, "done");
        assert_property(harness->stranger, TG3, DRIVER, "Versions", "[2]");
}

static void test_cancel(void)
{
        Copying copying CLEANUP_COPYING = { 0 };
        g_autofree char *error = NULL;
        Harness *harness;

        if (!start_copying(&copying, BLOCK_SIZE))
                return;
        harness = copying.host.harness;
        child_hold_until(copying.host.child, SYS_fsync, 1);
        g_free(call_text(harness->superuser, copying.job, JOB, "Cancel", NULL));
        assert_job(&copying, "Cancelable", "false");
        error = call_error(harness->superuser, NULL, copying.job, JOB, "Cancel", NULL);
        g_assert_cmpstr(error, ==, "org.hostdriver1.Error.InUse");
        (void) child_hold_release(copying.host.child);
        import_host_wait(&copying.host, "canceled");
        import_host_nothing_left(&copying.host);
}

/* What copies is killed, by whomever. */
static void test_child_dies(void)
{
        Copying copying CLEANUP_COPYING = { 0 };

        if (!start_copying(&copying, BLOCK_SIZE))
                return;
        child_hold_until(copying.host.child, SYS_fsync, 1);
        g_assert_cmpint(kill(copying.host.child, SIGKILL), ==, 0);
        g_assert_false(child_hold_release(copying.host.child));
        import_host_wait(&copying.host, "failed");
        import_host_nothing_left(&copying.host);
}

/* An end that is asked for doesn't wait for a large copy. */
static void test_terminate(void)
{
        Copying copying CLEANUP_COPYING = { 0 };
        Harness *harness;

        if (!start_copying(&copying, BLOCK_SIZE))
                return;
        harness = copying.host.harness;
        child_hold_until(copying.host.child, SYS_fsync, 1);
        process_signal(harness->daemon, SIGTERM);
        (void) child_hold_release(copying.host.child);
        import_host_wait(&copying.host, "failed");
        harness_stop_daemon(harness);
        import_host_nothing_left(&copying.host);
        harness_start_daemon(harness);
        assert_history(harness, "*import*tg3*failed*");
}

/* As by a power cut: what was copied by then is swept. */
static void test_kill(void)
{
        Copying copying CLEANUP_COPYING = { 0 };
        Harness *harness;

        if (!start_copying(&copying, BLOCK_SIZE))
                return;
        harness = copying.host.harness;
        child_hold_until(copying.host.child, SYS_fsync, 1);
        process_signal(harness->daemon, SIGKILL);
        process_wait(harness->daemon);
        harness->daemon = process_free(harness->daemon);
        harness_wait_name(harness, SERVICE_NAME, false, NULL);
        /* It dies with the service. */
        g_assert_false(child_hold_release(copying.host.child));
        harness_start_daemon(harness);
        import_host_nothing_left(&copying.host);
}

static void add_tests(void)
{
        g_test_add_func("/import/answers", test_answers);
        g_test_add_func("/import/cancel", test_cancel);
        g_test_add_func("/import/child-dies", test_child_dies);
        g_test_add_func("/import/terminate", test_terminate);
        g_test_add_func("/import/kill", test_kill);
}

int main(int argc, char *argv[])
{
        return harness_main(argc, argv, add_tests);
}
