/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The service while the files of an import are read, which whoever handed them in may make last as long as
 * he likes: it answers, and nothing comes of what is broken off. */

#include <glib.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "import-host.h"

#define FILE_SIZE ((off_t) 128 * 1024)

/* Held in the midst of the file. False: skipped. */
static bool start_reading(ImportHost *host)
{
        if (!import_host_start(host, FILE_SIZE))
                return false;
        child_hold_until(host->child, SYS_pread64, 2);
        return true;
}

static void assert_no_job(const Harness *harness)
{
        g_autofree char *jobs = call_text(harness->stranger, MANAGER_PATH, MANAGER, "ListJobs", NULL);

        g_assert_cmpstr(jobs, ==, "[]");
}

/* That the service has ended it. */
static void assert_terminated(ImportHost *host)
{
        int status = child_hold_end(host->child);

        g_assert_true(WIFSIGNALED(status));
        g_assert_cmpint(WTERMSIG(status), ==, SIGTERM);
}

/* No caller waits, and no other driver. */
static void test_answers(void)
{
        ImportHost host CLEANUP_IMPORT_HOST = { 0 };
        g_autofree char *drivers = NULL;
        Harness *harness;

        if (!start_reading(&host))
                return;
        harness = host.harness;
        import_host_ping(&host);
        drivers = call_text(harness->stranger, MANAGER_PATH, MANAGER, "ListDrivers", NULL);
        g_assert_nonnull(strstr(drivers, "ixgbe"));
        host_select(harness, harness->superuser, DRIVER_PATH("ixgbe"), "5.3.5");
        assert_no_job(harness);
        g_assert_false(host.answer->done);
        recorder_clear(harness->recorder);
        g_assert_true(child_hold_release(host.child));
        answer_wait(host.answer);
        g_assert_cmpstr(host.answer->error, ==, NULL);
        g_assert_true(g_str_has_prefix(host.answer->text, "/org/hostdriver1/job/"));
        import_host_wait(&host, "done");
        assert_property(harness->stranger, DRIVER_PATH("tg3"), DRIVER, "Versions", "[2]");
}

/* The version is whose verdict comes first. */
static void test_two(void)
{
        ImportHost host CLEANUP_IMPORT_HOST = { 0 };
        Answer *second;

        if (!start_reading(&host))
                return;
        second = import_host_ask(&host, host.harness->superuser);
        answer_wait(second);
        g_assert_cmpstr(second->error, ==, NULL);
        g_assert_null(answer_free(second));
        import_host_wait(&host, "done");
        g_assert_false(host.answer->done);
        g_assert_true(child_hold_release(host.child));
        import_host_refused(STEAL(host.answer), "org.hostdriver1.Error.Conflict", "2");
}

static void test_caller_leaves(void)
{
        ImportHost host CLEANUP_IMPORT_HOST = { 0 };
        Harness *harness;
        Answer *again;

        if (!start_reading(&host))
                return;
        harness = host.harness;
        import_host_leave(&host);
        assert_terminated(&host);
        assert_no_job(harness);
        import_host_nothing_left(&host);
        again = import_host_ask(&host, harness->superuser);
        answer_wait(again);
        g_assert_cmpstr(again->error, ==, NULL);
        g_assert_null(answer_free(again));
        import_host_wait(&host, "done");
}

/* What reads is killed, by whomever: by the kernel, for want of memory. */
static void test_child_dies(void)
{
        ImportHost host CLEANUP_IMPORT_HOST = { 0 };

        if (!start_reading(&host))
                return;
        g_assert_cmpint(kill(host.child, SIGKILL), ==, 0);
        (void) child_hold_end(host.child);
        import_host_refused(STEAL(host.answer), "org.hostdriver1.Error.Failed", "was killed");
        assert_no_job(host.harness);
        import_host_nothing_left(&host);
}

/* An end that is asked for doesn't wait for a file that never ends. */
static void test_terminate(void)
{
        ImportHost host CLEANUP_IMPORT_HOST = { 0 };

        if (!start_reading(&host))
                return;
        process_signal(host.harness->daemon, SIGTERM);
        /* What comes after the second one comes after the signal, too. */
        import_host_ping(&host);
        import_host_ping(&host);
        assert_terminated(&host);
        import_host_refused(STEAL(host.answer), "org.hostdriver1.Error.Failed", "about to end");
        harness_stop_daemon(host.harness);
        import_host_nothing_left(&host);
}

static void add_tests(void)
{
        g_test_add_func("/import-reading/answers", test_answers);
        g_test_add_func("/import-reading/two", test_two);
        g_test_add_func("/import-reading/caller-leaves", test_caller_leaves);
        g_test_add_func("/import-reading/child-dies", test_child_dies);
        g_test_add_func("/import-reading/terminate", test_terminate);
}

int main(int argc, char *argv[])
{
        return harness_main(argc, argv, add_tests);
}
