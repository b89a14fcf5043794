/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Starts the bus and the service, runs the client. */

#include "client-fixture.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define LINE_SIZE 512

static char *read_line(FILE *stream)
{
        char line[LINE_SIZE];

        g_assert_nonnull(fgets(line, sizeof(line), stream));
        return g_strdup(g_strchomp(line));
}

/* A test that is aborted leaves nothing behind. */
static void end_with_parent(gpointer data)
{
        (void) prctl(PR_SET_PDEATHSIG, SIGTERM);
}

static GPid start(char **words, char **environment, GSpawnFlags flags, FILE **ret_output)
{
        GError *error = NULL;
        int output = -1;
        GPid process;

        g_spawn_async_with_pipes(NULL, words, environment,
                        flags | G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD, end_with_parent, NULL,
                        &process, NULL, &output, NULL, &error);
        g_assert_no_error(error);
        *ret_output = fdopen(output, "r");
        g_assert_nonnull(*ret_output);
        return process;
}

static void stop(GPid process)
{
        (void) kill(process, SIGTERM);
        g_assert_cmpint(waitpid(process, NULL, 0), ==, process);
}

void client_fixture_set(ClientFixture *fixture, const char *variable, const char *value)
{
        fixture->environment = g_environ_setenv(fixture->environment, variable, value, TRUE);
}

void client_fixture_init(ClientFixture *fixture, gconstpointer data)
{
        g_autofree char *listen = NULL, *line = NULL;
        FILE *output;

        fixture->directory = g_dir_make_tmp("hostdriver-client-XXXXXX", NULL);
        g_assert_nonnull(fixture->directory);
        listen = g_strdup_printf("--address=unix:path=%s/bus", fixture->directory);
        fixture->environment = g_get_environ();
        client_fixture_set(fixture, "TZ", "UTC");
        client_fixture_set(fixture, "LC_ALL", "C.UTF-8");
        client_fixture_set(fixture, "TERM", "xterm");
        client_fixture_set(fixture, "PAGER", "cat");
        fixture->environment = g_environ_unsetenv(fixture->environment, "SYSTEMD_PAGER");
        fixture->environment = g_environ_unsetenv(fixture->environment, "NO_COLOR");
        fixture->environment = g_environ_unsetenv(fixture->environment, "COLUMNS");

        /* As a user who may not raise its limits it grumbles on stderr. */
        fixture->bus = start(
                        (char *[]){ (char *) "dbus-daemon", (char *) "--session", (char *) "--nofork",
                                        (char *) "--nopidfile", (char *) "--print-address=1", listen, NULL },
                        fixture->environment, G_SPAWN_STDERR_TO_DEV_NULL, &output);
        line = read_line(output);
        (void) fclose(output);
        client_fixture_set(fixture, "DBUS_SYSTEM_BUS_ADDRESS", line);
        fixture->service = start((char *[]){ (char *) SCRIPTED_SERVICE, NULL }, fixture->environment,
                        G_SPAWN_DEFAULT, &fixture->told);
        client_wait_told(fixture, "ready");
}

void client_fixture_done(ClientFixture *fixture, gconstpointer data)
{
        g_autofree char *socket = g_build_filename(fixture->directory, "bus", NULL);

        stop(fixture->service);
        stop(fixture->bus);
        (void) fclose(fixture->told);
        (void) g_unlink(socket);
        g_assert_cmpint(g_rmdir(fixture->directory), ==, 0);
        g_free(fixture->directory);
        g_strfreev(fixture->environment);
}

void client_wait_told(const ClientFixture *fixture, const char *line)
{
        for (bool found = false; !found;) {
                g_autofree char *told = read_line(fixture->told);

                found = g_str_equal(told, line);
        }
}

ClientRun client_run_words(const ClientFixture *fixture, const char *const *words)
{
        g_autoptr(GPtrArray) arguments = g_ptr_array_new();
        GError *error = NULL;
        ClientRun run = { 0 };
        int status;

        g_ptr_array_add(arguments, (char *) HOSTDRIVERCTL);
        for (; *words; words++)
                g_ptr_array_add(arguments, (char *) *words);
        g_ptr_array_add(arguments, NULL);
        g_spawn_sync(NULL, (char **) arguments->pdata, fixture->environment, G_SPAWN_DEFAULT, NULL, NULL,
                        &run.output, &run.error, &status, &error);
        g_assert_no_error(error);
        g_assert_true(WIFEXITED(status));
        run.status = WEXITSTATUS(status);
        return run;
}

ClientRun client_run(const ClientFixture *fixture, const char *words)
{
        g_auto(GStrv) list = g_strsplit(words, " ", -1);

        return client_run_words(fixture, (const char *const *) list);
}

void client_run_done(ClientRun *run)
{
        g_free(run->output);
        g_free(run->error);
}

void client_assert_expected(const char *text, const char *file)
{
        g_autofree char *path = g_build_filename(EXPECTED_DIRECTORY, file, NULL), *expected = NULL;
        g_autoptr(GError) error = NULL;

        if (g_getenv("HOSTDRIVER_UPDATE_EXPECTED")) {
                g_assert_true(g_file_set_contents(path, text, -1, NULL));
                g_test_message("%s was written anew", path);
                g_test_fail();
                return;
        }
        g_file_get_contents(path, &expected, NULL, &error);
        g_assert_no_error(error);
        g_assert_cmpstr(text, ==, expected);
}

TerminalRun client_terminal_begin(const ClientFixture *fixture, const char *words)
{
        g_autofree char *line = g_strconcat(HOSTDRIVERCTL, " ", words, NULL);
        g_auto(GStrv) list = g_strsplit(line, " ", -1);

        return terminal_run_begin(list, fixture->environment, getuid());
}
