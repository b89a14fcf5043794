/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The service while the files of an import are copied: it answers, cancels, ends and starts anew. */

#include <fcntl.h>
#include <glib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "child-hold.h"
#include "host.h"

#define TG3 DRIVER_PATH("tg3")
#define FILE_SIZE ((off_t) 200 * 1024 * 1024)
/* As util/fs-copy.c copies. */
#define BLOCK_SIZE ((off_t) 128 * 1024)

typedef struct Copying {
        Harness *harness;
        pid_t child; /* held before it has done anything */
        char *path;  /* of the file */
        char *job;
} Copying;

/* As large as no module is, but a sound one: what follows the sections nobody reads. */
static char *add_incoming(const Harness *harness, off_t size)
{
        const ModuleSpec spec = { .vermagic = SAMPLE_KERNEL " SMP mod_unload modversions ", .version = "2" };
        char *path;

        sample_root_add_module_spec(&harness->sample, "..", "incoming/tg3.ko", &spec);
        path = g_build_filename(harness->sample.dir.path, "lib/incoming/tg3.ko", NULL);
        g_assert_cmpint(truncate(path, size), ==, 0);
        return path;
}

static Answer *import(const Harness *harness, const char *path)
{
        int fd CLEANUP_FD = open(path, O_RDONLY | O_CLOEXEC);

        g_assert_cmpint(fd, >=, 0);
        return call_start(harness->superuser, false, MANAGER_PATH, MANAGER, "Import", "a(sh)a{sv}", 1,
                        "tg3.ko", fd, 0);
}

/* False: skipped. */
static bool start_copying(Copying *copying, off_t size)
{
        Harness *harness = harness_new(host_with_nics);
        const char *reason;
        Answer *answer;

        *copying = (Copying){ .harness = harness, .path = add_incoming(harness, size) };
        harness_start_polkitd_with_example(harness);
        harness_start_daemon(harness);
        reason = child_hold_watch(harness->daemon->pid);
        if (reason) {
                g_test_skip(reason);
                return false;
        }
        answer = import(harness, copying->path);
        g_assert_cmpint(sd_bus_flush(harness->superuser), >=, 0);
        copying->child = child_hold_meet(harness->daemon->pid);
        /* The service waits for its child to begin, as for a program. */
        child_hold_until(copying->child, SYS_mkdirat, 1);
        answer_wait(answer);
        g_assert_cmpstr(answer->error, ==, NULL);
        copying->job = g_strdup(answer->text);
        g_assert_null(answer_free(answer));
        return true;
}

static void copying_done(Copying *copying)
{
        g_free(copying->job);
        g_free(copying->path);
        copying->harness = harness_free(copying->harness);
}
#define CLEANUP_COPYING CLEANUP(copying_done)

static void wait_for_end(const Copying *copying, const char *result)
{
        const char *event = recorder_wait(copying->harness->recorder, MANAGER_PATH " JobRemoved *tg3*");
        g_autofree char *suffix = g_strconcat(" ", result, NULL);

        if (!g_str_has_suffix(event, suffix))
                g_error("%s isn't %s", event, result);
}

/* Neither the version nor a part of it. */
static void assert_nothing_left(const Harness *harness)
{
        g_autofree char *modules = g_build_filename(harness->sample.dir.path, "lib/modules", NULL);
        g_autofree char *package = host_module_path(harness, "xenserver/tg3");
        g_autoptr(GDir) dir = g_dir_open(modules, 0, NULL);

        for (const char *name; (name = g_dir_read_name(dir));)
                g_assert_cmpstr(name, ==, SAMPLE_KERNEL);
        g_assert_false(g_file_test(package, G_FILE_TEST_EXISTS));
}

static void assert_history(Harness *harness, const char *pattern)
{
        g_autofree char *history =
                        call_text(harness->stranger, MANAGER_PATH, MANAGER, "GetHistory", "a{sv}", 0);

        if (!g_pattern_match_simple(pattern, history))
                g_error("%s isn't in %s", pattern, history);
}

static void assert_job(const Copying *copying, const char *property, const char *value)
{
        assert_property(copying->harness->stranger, copying->job, JOB, property, value);
}

static void test_answers(void)
{
        Copying copying CLEANUP_COPYING = { 0 };
        g_autofree char *pong = NULL;
        g_autofree char *drivers = NULL;
        Harness *harness;
        Answer *again;

        if (!start_copying(&copying, FILE_SIZE))
                return;
        harness = copying.harness;
        pong = call_text(harness->stranger, MANAGER_PATH, "org.freedesktop.DBus.Peer", "Ping", NULL);
        drivers = call_text(harness->stranger, MANAGER_PATH, MANAGER, "ListDrivers", NULL);
        g_assert_null(strstr(drivers, "tg3"));
        assert_job(&copying, "State", "running");
        assert_job(&copying, "Step", "copy");
        assert_job(&copying, "Progress", "0");
        assert_job(&copying, "Cancelable", "true");
        /* Other drivers don't wait for it, depmod and all; and nobody may do the same meanwhile. */
        host_select(harness, harness->superuser, DRIVER_PATH("ixgbe"), "5.3.5");
        again = import(harness, copying.path);
        answer_wait(again);
        g_assert_cmpstr(again->error, ==, "org.hostdriver1.Error.Busy");
        g_assert_null(answer_free(again));
        /* In the midst of it. */
        recorder_clear(harness->recorder);
        child_hold_until(copying.child, SYS_write, (unsigned) (FILE_SIZE / BLOCK_SIZE / 2));
        recorder_wait(harness->recorder, "*/job/* PropertiesChanged *Progress=0.2*");
        assert_job(&copying, "Step", "copy");
        recorder_clear(harness->recorder);
        g_assert_true(child_hold_release(copying.child));
        wait_for_end(&copying, "done");
        assert_property(harness->stranger, TG3, DRIVER, "Versions", "[2]");
}

static void test_cancel(void)
{
        Copying copying CLEANUP_COPYING = { 0 };
        g_autofree char *error = NULL;
        Harness *harness;

        if (!start_copying(&copying, BLOCK_SIZE))
                return;
        harness = copying.harness;
        child_hold_until(copying.child, SYS_fsync, 1);
        g_free(call_text(harness->superuser, copying.job, JOB, "Cancel", NULL));
        assert_job(&copying, "Cancelable", "false");
        error = call_error(harness->superuser, NULL, copying.job, JOB, "Cancel", NULL);
        g_assert_cmpstr(error, ==, "org.hostdriver1.Error.InUse");
        (void) child_hold_release(copying.child);
        wait_for_end(&copying, "canceled");
        assert_nothing_left(harness);
}

/* What copies is killed, by whomever. */
static void test_child_dies(void)
{
        Copying copying CLEANUP_COPYING = { 0 };

        if (!start_copying(&copying, BLOCK_SIZE))
                return;
        child_hold_until(copying.child, SYS_fsync, 1);
        g_assert_cmpint(kill(copying.child, SIGKILL), ==, 0);
        g_assert_false(child_hold_release(copying.child));
        wait_for_end(&copying, "failed");
        assert_nothing_left(copying.harness);
}

/* An end that is asked for doesn't wait for a large copy. */
static void test_terminate(void)
{
        Copying copying CLEANUP_COPYING = { 0 };
        Harness *harness;

        if (!start_copying(&copying, BLOCK_SIZE))
                return;
        harness = copying.harness;
        child_hold_until(copying.child, SYS_fsync, 1);
        process_signal(harness->daemon, SIGTERM);
        (void) child_hold_release(copying.child);
        wait_for_end(&copying, "failed");
        harness_stop_daemon(harness);
        assert_nothing_left(harness);
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
        harness = copying.harness;
        child_hold_until(copying.child, SYS_fsync, 1);
        process_signal(harness->daemon, SIGKILL);
        process_wait(harness->daemon);
        harness->daemon = process_free(harness->daemon);
        harness_wait_name(harness, SERVICE_NAME, false, NULL);
        /* It dies with the service. */
        g_assert_false(child_hold_release(copying.child));
        harness_start_daemon(harness);
        assert_nothing_left(harness);
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
