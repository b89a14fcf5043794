/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* --host: a service elsewhere, over the real systemd-stdio-bridge. What stands for ssh only runs it here. */

#include "client-fixture.h"

#include <glib/gstdio.h>
#include <string.h>

#define BRIDGE "systemd-stdio-bridge"

/* "ssh -xT [-p PORT] -- HOST systemd-stdio-bridge". */
static const char script[] = "#!/bin/sh\n"
                             "test \"$*\" = \"-xT -p 2222 -- root@elsewhere " BRIDGE "\" || exit 1\n"
                             "exec " BRIDGE " --bus-path=\"$BUS_ELSEWHERE\"\n";

/* Nothing is to be had but over ssh. */
static void move_bus(ClientFixture *fixture, const char *path)
{
        const char *address = g_environ_getenv(fixture->environment, "DBUS_SYSTEM_BUS_ADDRESS");

        client_fixture_set(fixture, "BUS_ELSEWHERE", address);
        client_fixture_set(fixture, "DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent/bus");
        client_fixture_set(fixture, "PATH", path);
}

static void test_elsewhere(ClientFixture *fixture, gconstpointer data)
{
        g_autofree char *ssh = g_build_filename(fixture->directory, "ssh", NULL);
        g_autofree char *path = g_strconcat(fixture->directory, ":", g_getenv("PATH"), NULL);
        ClientRun run;

        g_assert_true(g_file_set_contents_full(ssh, script, -1, G_FILE_SET_CONTENTS_NONE, 0755, NULL));
        move_bus(fixture, path);
        run = client_run(fixture, "-H root@elsewhere:2222 list");
        g_assert_cmpstr(run.error, ==, "");
        client_assert_expected(run.output, "list.txt");
        client_run_done(&run);

        run = client_run(fixture, "--host=root@elsewhere:2222 select ice done");
        g_assert_cmpstr(run.error, ==, "");
        client_assert_expected(run.output, "select.txt");
        client_run_done(&run);

        /* A user's number there may be another user's here. */
        run = client_run(fixture, "-H root@elsewhere:2222 history");
        g_assert_nonnull(strstr(run.output, "  0     select  ice"));
        client_run_done(&run);
        g_assert_cmpint(g_unlink(ssh), ==, 0);
}

static void test_unreachable(ClientFixture *fixture, gconstpointer data)
{
        static const char *const words[] = { "-H elsewhere list", "-H elsewhere select ice done",
                "-H elsewhere monitor", "-H elsewhere devices --json=short" };

        move_bus(fixture, "/nonexistent");
        for (unsigned i = 0; i < G_N_ELEMENTS(words); i++) {
                ClientRun run = client_run(fixture, words[i]);

                g_assert_cmpstr(run.output, ==, "");
                g_assert_nonnull(strstr(run.error,
                                "hostdriverctl: The connection to the host \"elsewhere\" was lost, or never"));
                g_assert_cmpint(run.status, ==, 1);
                client_run_done(&run);
        }
}

static void test_skipped(void)
{
        g_test_skip(BRIDGE " isn't installed");
}

int main(int argc, char **argv)
{
        g_autofree char *bridge = g_find_program_in_path(BRIDGE);

        g_test_init(&argc, &argv, NULL);
        if (bridge)
                g_test_add("/client/remote/elsewhere", ClientFixture, NULL, client_fixture_init,
                                test_elsewhere, client_fixture_done);
        else
                g_test_add_func("/client/remote/elsewhere", test_skipped);
        g_test_add("/client/remote/unreachable", ClientFixture, NULL, client_fixture_init, test_unreachable,
                        client_fixture_done);
        return g_test_run();
}
