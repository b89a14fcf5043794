/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Exit statuses and sentences: wrong command lines, every error of the service, no service, no bus. */

#include "client-fixture.h"

#include <string.h>

typedef struct ErrorCase {
        const char *words;
        int status;
        const char *sentence; /* part of stderr */
} ErrorCase;

#define SCRIPTED "It was scripted so."

static const ErrorCase cases[] = {
        /* Command lines: each names the word that is wrong. */
        { "initramfs renew", 2, "neither status nor rebuild" },
        { "initramfs status 9.9.9", 3, "9.9.9 is not installed" },
        { "lst", 2, "Did you mean \"list\"?" },
        { "selct ice 1", 2, "Did you mean \"select\"?" },
        { "compare 1 2", 2, "Did you mean \"compare-versions\"?" },
        { "frobnicate", 2, "Unknown verb \"frobnicate\"" },
        { "help frobnicate", 2, "Unknown verb \"frobnicate\"" },
        { "help list show", 2, "\"show\" is one argument too many" },
        { "list ice", 2, "\"ice\" is one argument too many" },
        { "show", 2, "hostdriverctl show NAME" },
        { "select ice", 2, "Too few arguments" },
        { "select ice 1.6.4 igb", 2, "The version for \"igb\" is missing" },
        { "select ice ", 2, "Argument 2 of select is empty" },
        { "list --force", 2, "list doesn't take --force" },
        { "show ice --dry-run", 2, "show doesn't take --dry-run" },
        { "list --frobnicate", 2, "--frobnicate" },
        { "list --no", 2, "ambiguous option --no" },
        { "list -x", 2, "-x" },
        { "list --json=xml", 2, "--json=xml" },
        { "list --no-pager=1", 2, "--no-pager=1: this option has no value" },
        { "history --kernel", 2, "--kernel needs a value" },
        { "history --lines=0", 2, "--lines=0" },
        { "history --lines=-1", 2, "--lines=-1" },
        { "history --lines=1x", 2, "--lines=1x" },
        { "history --since=2026-02-31", 2, "--since=2026-02-31" },
        { "list -H a -M b", 2, "exclude each other" },
        { "list --host=", 2, "--host needs a value that isn't empty" },
        { "cancel ice", 2, "\"ice\" is no job" },
        { "deselect ice", 2, "add --force" },
        /* The service's errors. */
        { "show error:org.freedesktop.DBus.Error.InvalidArgs", 2, SCRIPTED },
        { "show nosuch", 3, "There is no driver \"nosuch\"" },
        { "deselect nosuch --force", 3, "There is no driver \"nosuch\"" },
        { "check ice error:org.hostdriver1.Error.NoSuchVersion", 3, SCRIPTED },
        { "cancel 12345", 3, "" },
        { "select ice error:org.hostdriver1.Error.NoSuchDriver", 3, SCRIPTED },
        { "select ice error:org.hostdriver1.Error.NoSuchVersion", 3, SCRIPTED },
        { "select ice error:org.hostdriver1.Error.Incompatible", 1, SCRIPTED },
        { "select ice error:org.hostdriver1.Error.NoHardware", 1, SCRIPTED },
        { "select ice error:org.hostdriver1.Error.Conflict", 1, SCRIPTED },
        { "select ice error:org.hostdriver1.Error.Busy", 1, SCRIPTED },
        { "select ice error:org.hostdriver1.Error.InUse", 1, SCRIPTED },
        { "select ice error:org.hostdriver1.Error.NotSupported", 1, SCRIPTED },
        { "select ice error:org.hostdriver1.Error.Failed", 1, SCRIPTED },
        { "select ice error:org.freedesktop.DBus.Error.AccessDenied", 4, SCRIPTED },
        { "select ice error:org.freedesktop.DBus.Error.InteractiveAuthorizationRequired", 4,
                        "You must authenticate" },
        { "select ice error:org.freedesktop.DBus.Error.NoReply", 1, "journalctl -u hostdriverd" },
        { "select ice error:org.freedesktop.DBus.Error.UnknownMethod", 1, "systemctl restart hostdriverd" },
        { "select ice error:org.example.Strange", 1, SCRIPTED },
};

static void test_case(ClientFixture *fixture, gconstpointer data)
{
        const ErrorCase *item = data;
        ClientRun run = client_run(fixture, item->words);

        g_assert_cmpstr(run.output, ==, "");
        g_assert_true(g_str_has_prefix(run.error, "hostdriverctl: "));
        /* One sentence, on one line. */
        g_assert_true(strchr(run.error, '\n') == run.error + strlen(run.error) - 1);
        if (!strstr(run.error, item->sentence))
                g_error("No \"%s\" in: %s", item->sentence, run.error);
        g_assert_cmpint(run.status, ==, item->status);
        client_run_done(&run);
}

/* The others are shown, and the status says that one was missing. */
static void test_show_some(ClientFixture *fixture, gconstpointer data)
{
        ClientRun run = client_run(fixture, "show nosuch igb");

        g_assert_nonnull(strstr(run.error, "There is no driver \"nosuch\""));
        g_assert_true(g_str_has_prefix(run.output, "igb - "));
        g_assert_cmpint(run.status, ==, 3);
        client_run_done(&run);
}

static void test_not_utf8(ClientFixture *fixture, gconstpointer data)
{
        ClientRun run = client_run(fixture, "show \xff");

        g_assert_cmpstr(run.error, ==, "hostdriverctl: \"\\xff\" isn't valid UTF-8.\n");
        g_assert_cmpint(run.status, ==, 2);
        client_run_done(&run);
}

static void test_no_service(ClientFixture *fixture, gconstpointer data)
{
        static const char *const words[] = { "list", "show ice", "select ice done", "monitor", "jobs" };
        ClientRun run = client_run(fixture, "select ice vanishes");

        client_run_done(&run);
        for (unsigned i = 0; i < G_N_ELEMENTS(words); i++) {
                run = client_run(fixture, words[i]);
                g_assert_nonnull(strstr(run.error, "systemctl status hostdriverd"));
                g_assert_cmpint(run.status, ==, 1);
                client_run_done(&run);
        }
}

static void test_no_bus(ClientFixture *fixture, gconstpointer data)
{
        ClientRun run;

        client_fixture_set(fixture, "DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent/bus");
        run = client_run(fixture, "list");
        g_assert_nonnull(strstr(run.error, "Can't connect to the system bus"));
        g_assert_cmpint(run.status, ==, 1);
        client_run_done(&run);
}

static void test_full_disk(ClientFixture *fixture, gconstpointer data)
{
        ClientRun run;
        int status;
        g_autofree char *command = g_strdup_printf("'%s' list >/dev/full", HOSTDRIVERCTL);

        run.output = NULL;
        g_assert_true(g_spawn_sync(NULL, (char *[]){ (char *) "/bin/sh", (char *) "-c", command, NULL },
                        fixture->environment, G_SPAWN_DEFAULT, NULL, NULL, NULL, &run.error, &status, NULL));
        g_assert_nonnull(strstr(run.error, "Can't write"));
        g_assert_false(g_spawn_check_wait_status(status, NULL));
        client_run_done(&run);
}

#define ADD(path, function) \
        g_test_add(path, ClientFixture, NULL, client_fixture_init, function, client_fixture_done)

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
        for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
                g_autofree char *path = g_strdup_printf("/client/error/%02u", i);

                g_test_add(path, ClientFixture, &cases[i], client_fixture_init, test_case,
                                client_fixture_done);
        }
        ADD("/client/error/show-some", test_show_some);
        ADD("/client/error/not-utf8", test_not_utf8);
        ADD("/client/error/no-service", test_no_service);
        ADD("/client/error/no-bus", test_no_bus);
        ADD("/client/error/full-disk", test_full_disk);
        return g_test_run();
}
