/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Waiting for jobs, on a terminal and without one, and watching the service. */

#include "client-fixture.h"

#include <jansson.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

static void test_failed(ClientFixture *fixture, gconstpointer data)
{
        ClientRun run = client_run(fixture, "select ice fails");

        g_assert_cmpstr(run.output, ==, "");
        g_assert_cmpstr(run.error, ==,
                        "hostdriverctl: Job 9 failed, and everything was taken back. depmod ended with "
                        "status 1:\n"
                        "  depmod: ERROR: \\x1b[31mno space\n");
        g_assert_cmpint(run.status, ==, 1);
        client_run_done(&run);
}

static void test_failed_json(ClientFixture *fixture, gconstpointer data)
{
        ClientRun run = client_run(fixture, "select ice fails --json=short");
        json_t *document = json_loads(run.output, 0, NULL);

        g_assert_cmpstr(json_string_value(json_object_get(document, "result")), ==, "failed");
        g_assert_true(g_str_has_prefix(json_string_value(json_object_get(document, "error")), "depmod "
                                                                                              "ended"));
        g_assert_cmpint(run.status, ==, 1);
        json_decref(document);
        client_run_done(&run);
}

static void test_canceled(ClientFixture *fixture, gconstpointer data)
{
        ClientRun run = client_run(fixture, "select ice canceled");

        g_assert_cmpstr(run.error, ==, "hostdriverctl: Job 9 was canceled; all is as it was before.\n");
        g_assert_cmpint(run.status, ==, 1);
        client_run_done(&run);
}

/* Not each job has selected something. */
static void test_cancel_kinds(ClientFixture *fixture, gconstpointer data)
{
        static const char *const words[] = { "its selection is taken back",
                "what it has deselected is selected again", "what it has carried over is taken back",
                "what others have changed stays as it is", "the file goes back to where it was",
                "the file stays a version", "the version isn't added", "the version stays",
                "the images stay as they are", "what it has changed is taken back" };

        for (unsigned i = 0; i < G_N_ELEMENTS(words); i++) {
                g_autofree char *call = g_strdup_printf("cancel %u", 20 + i);
                g_autofree char *expected = g_strdup_printf("Job %u is canceled; %s.\n", 20 + i, words[i]);
                ClientRun run = client_run(fixture, call);

                g_assert_cmpstr(run.output, ==, expected);
                g_assert_cmpint(run.status, ==, 0);
                client_run_done(&run);
        }
}

/* What a newer service may say is not taken for a success. */
static void test_unknown_result(ClientFixture *fixture, gconstpointer data)
{
        static const char *const words[] = { "select ice explodes", "initramfs rebuild explodes",
                "kernel-added explodes" };

        for (unsigned i = 0; i < G_N_ELEMENTS(words); i++) {
                ClientRun run = client_run(fixture, words[i]);

                g_assert_cmpstr(run.output, ==, "");
                g_assert_nonnull(strstr(run.error, "Job 9 ended with the result \"exploded\""));
                g_assert_cmpint(run.status, ==, 1);
                client_run_done(&run);
        }
}

static void test_vanishes(ClientFixture *fixture, gconstpointer data)
{
        ClientRun run = client_run(fixture, "select ice vanishes");

        g_assert_nonnull(strstr(run.error, "The service hostdriverd ended before job 9 had."));
        g_assert_cmpint(run.status, ==, 1);
        client_run_done(&run);
}

static void test_progress(ClientFixture *fixture, gconstpointer data)
{
        TerminalRun run = client_terminal_begin(fixture, "select ice done");

        g_assert_cmpint(terminal_run_end(&run), ==, 0);
        g_assert_nonnull(strstr(run.seen->str, "[###############.....]  75%  0:00  ice: rebuilding the "
                                               "initramfs"));
        /* The line is gone before the outcome is printed. */
        g_assert_nonnull(strstr(run.seen->str, "\r\033[Kice: 1.11.17.1 is selected. \033[33mReboot\033[0m"));
        g_string_free(run.seen, TRUE);
}

static void test_progress_plain(ClientFixture *fixture, gconstpointer data)
{
        TerminalRun run;

        client_fixture_set(fixture, "TERM", "dumb");
        run = client_terminal_begin(fixture, "select ice done");
        g_assert_cmpint(terminal_run_end(&run), ==, 0);
        g_assert_cmpstr(run.seen->str, ==,
                        "ice: 1.11.17.1 is selected. Reboot to make it active; 1.6.4 is active now.\r\n");
        g_string_free(run.seen, TRUE);
}

static void test_interrupt(ClientFixture *fixture, gconstpointer data)
{
        const char *answer = data;
        TerminalRun run = client_terminal_begin(fixture, "select ice hangs");

        terminal_run_wait(&run, "updating the module index");
        terminal_run_type(&run, "\003");
        terminal_run_wait(&run, "[c]ancel it, [d]etach from it, or wait on (Enter)?");
        g_string_truncate(run.seen, 0);
        terminal_run_type(&run, answer);
        if (answer[0] == '\n') {
                /* It waits on, and asks again. */
                terminal_run_wait(&run, "updating the module index");
                terminal_run_type(&run, "\003");
                terminal_run_wait(&run, "wait on (Enter)?");
                terminal_run_type(&run, "d\n");
        }
        if (answer[0] == 'c') {
                client_wait_told(fixture, "cancel");
                g_assert_cmpint(terminal_run_end(&run), ==, 1);
                g_assert_nonnull(strstr(run.seen->str, "Job 9 was canceled"));
        } else {
                g_assert_cmpint(terminal_run_end(&run), ==, 0);
                g_assert_nonnull(strstr(run.seen->str, "Job 9 goes on"));
        }
        g_string_free(run.seen, TRUE);
}

/* Without a terminal nobody can be asked: Ctrl-C ends the client as it ends others. */
static void test_interrupt_plain(ClientFixture *fixture, gconstpointer data)
{
        GPid process;
        int status;

        g_assert_true(g_spawn_async(NULL,
                        (char *[]){ (char *) HOSTDRIVERCTL, (char *) "select", (char *) "ice",
                                        (char *) "hangs", NULL },
                        fixture->environment, G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL, &process, NULL));
        client_wait_told(fixture, "select ice hangs");
        g_assert_cmpint(kill(process, SIGINT), ==, 0);
        g_assert_cmpint(waitpid(process, &status, 0), ==, process);
        g_assert_true(WIFSIGNALED(status));
        g_assert_cmpint(WTERMSIG(status), ==, SIGINT);
}

typedef struct MonitorRun {
        GPid process;
        FILE *output;
} MonitorRun;

static MonitorRun monitor_begin(const ClientFixture *fixture, const char *option)
{
        MonitorRun run;
        int output;

        g_assert_true(g_spawn_async_with_pipes(NULL,
                        (char *[]){ (char *) HOSTDRIVERCTL, (char *) "monitor", (char *) option, NULL },
                        fixture->environment, G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDERR_TO_DEV_NULL, NULL,
                        NULL, &run.process, NULL, &output, NULL, NULL));
        run.output = fdopen(output, "r");
        /* It asks for these once it has subscribed. */
        client_wait_told(fixture, "properties of the host");
        return run;
}

static char *monitor_line(MonitorRun *run)
{
        char line[1024];

        g_assert_nonnull(fgets(line, sizeof(line), run->output));
        return g_strdup(g_strchomp(line));
}

static int monitor_end(MonitorRun *run)
{
        int status;

        g_assert_cmpint(waitpid(run->process, &status, 0), ==, run->process);
        (void) fclose(run->output);
        g_assert_true(WIFEXITED(status));
        return WEXITSTATUS(status);
}

/* DATA: the version that is selected. */
static void test_monitor(ClientFixture *fixture, gconstpointer data)
{
        bool dry_run = strcmp(data, "dry-run") == 0;
        const char *const expected[] = {
                dry_run ? "job 9 new driver=ice dry_run=true" : "job 9 new driver=ice",
                "job 9 changed state=running step=depmod progress=0.25",
                "job 9 changed state=running step=initramfs progress=0.75",
                "job 9 changed state=done result=done error=\"\"",
                dry_run ? "job 9 ended driver=ice result=done dry_run=true"
                        : "job 9 ended driver=ice result=done",
        };
        MonitorRun monitor = monitor_begin(fixture, NULL);
        g_autofree char *words = g_strconcat("select ice ", data, NULL);
        ClientRun run = client_run(fixture, words);

        for (unsigned i = 0; i < G_N_ELEMENTS(expected); i++) {
                g_autofree char *line = monitor_line(&monitor);

                /* Behind the time. */
                g_assert_cmpstr(line + strlen("2026-11-22 18:00:00 "), ==, expected[i]);
        }
        g_assert_cmpint(kill(monitor.process, SIGINT), ==, 0);
        g_assert_cmpint(monitor_end(&monitor), ==, 0);
        client_run_done(&run);
}

/* Lines of JSON, and the end when the service goes. */
static void test_monitor_json(ClientFixture *fixture, gconstpointer data)
{
        MonitorRun monitor = monitor_begin(fixture, "--json=short");
        ClientRun run = client_run(fixture, "select ice vanishes");
        g_autofree char *line = monitor_line(&monitor);
        json_t *event = json_loads(line, 0, NULL), *details = json_object_get(event, "details");

        g_assert_cmpint(json_integer_value(json_object_get(event, "schema")), ==, 1);
        g_assert_cmpstr(json_string_value(json_object_get(event, "event")), ==, "new");
        g_assert_cmpstr(json_string_value(json_object_get(event, "subject")), ==, "job 9");
        g_assert_cmpstr(json_string_value(json_object_get(details, "driver")), ==, "ice");
        g_assert_cmpint(monitor_end(&monitor), ==, 1);
        json_decref(event);
        client_run_done(&run);
}

#define ADD(path, data, function) \
        g_test_add(path, ClientFixture, data, client_fixture_init, function, client_fixture_done)

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
        ADD("/client/job/failed", NULL, test_failed);
        ADD("/client/job/failed-json", NULL, test_failed_json);
        ADD("/client/job/canceled", NULL, test_canceled);
        ADD("/client/job/cancel-kinds", NULL, test_cancel_kinds);
        ADD("/client/job/unknown-result", NULL, test_unknown_result);
        ADD("/client/job/vanishes", NULL, test_vanishes);
        ADD("/client/job/progress", NULL, test_progress);
        ADD("/client/job/progress-plain", NULL, test_progress_plain);
        ADD("/client/job/interrupt-cancel", "c\n", test_interrupt);
        ADD("/client/job/interrupt-detach", "d\n", test_interrupt);
        ADD("/client/job/interrupt-twice", "\003", test_interrupt);
        ADD("/client/job/interrupt-wait", "\n", test_interrupt);
        ADD("/client/job/interrupt-plain", NULL, test_interrupt_plain);
        ADD("/client/monitor/lines", "done", test_monitor);
        ADD("/client/monitor/dry-run", "dry-run", test_monitor);
        ADD("/client/monitor/json", NULL, test_monitor_json);
        return g_test_run();
}
