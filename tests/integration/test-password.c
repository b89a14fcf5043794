/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* polkit asks for a password: the real polkitd, its agent on the client's terminal and PAM. */

#include <dirent.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host.h"
#include "snapshot.h"
#include "terminal-run.h"

#define ICE DRIVER_PATH("ice")

static const char rules[] = "polkit.addRule(function(action, subject) {"
                            "  if (action.id == 'org.hostdriver1.select')"
                            "    return subject.user == '" SANDBOX_OPERATOR "' ? polkit.Result.AUTH_SELF"
                            "                                              : polkit.Result.AUTH_ADMIN;"
                            "});"
                            "polkit.addAdminRule(function(action, subject) {"
                            "  return ['unix-user:" SANDBOX_OPERATOR "'];"
                            "});";

/* What checks the password is setuid, takes no address from its environment, and looks here. */
static void show_bus(const Harness *harness)
{
        char *socket = g_build_filename(harness->work.path, "bus", NULL);

        g_assert_cmpint(mount("none", "/run", "tmpfs", 0, "mode=755"), ==, 0);
        g_assert_cmpint(g_mkdir("/run/dbus", 0755), ==, 0);
        g_assert_cmpint(symlink(socket, "/run/dbus/system_bus_socket"), ==, 0);
        g_free(socket);
}

static Harness *new_host(void)
{
        Harness *harness = harness_new(host_with_nics);

        show_bus(harness);
        g_free(host_copy_client(harness));
        harness_start_polkitd(harness, rules);
        harness_start_daemon(harness);
        return harness;
}

static void free_host(Harness **harness)
{
        harness_freep(harness);
        g_assert_cmpint(umount2("/run", MNT_DETACH), ==, 0);
}

static TerminalRun run_words(const Harness *harness, uid_t uid, char *const argv[])
{
        char **environment = g_get_environ();
        TerminalRun run;

        environment = g_environ_setenv(environment, "DBUS_SYSTEM_BUS_ADDRESS", harness->address, TRUE);
        environment = g_environ_setenv(environment, "LC_ALL", "C.UTF-8", TRUE);
        environment = g_environ_setenv(environment, "TERM", "dumb", TRUE);
        run = terminal_run_begin(argv, environment, uid);
        g_strfreev(environment);
        return run;
}

static TerminalRun run_client(const Harness *harness, uid_t uid, const char *words)
{
        char *program CLEANUP_FREE = temp_dir_path(&harness->work, "hostdriverctl");
        char *line = g_strconcat(program, " ", words, NULL);
        char **argv = g_strsplit(line, " ", -1);
        TerminalRun run = run_words(harness, uid, argv);

        g_strfreev(argv);
        g_free(line);
        return run;
}

static void wait_for_prompt(TerminalRun *run)
{
        terminal_run_wait(run, "Password: ");
        terminal_run_wait_hidden(run);
}

/* Whatever runs as that user: the client, and the agent that it starts. */
static unsigned count_processes(uid_t uid)
{
        GDir *proc = g_dir_open("/proc", 0, NULL);
        unsigned count = 0;
        const char *name;

        g_assert_nonnull(proc);
        while ((name = g_dir_read_name(proc))) {
                char *path = g_build_filename("/proc", name, NULL);
                struct stat status;

                count += g_ascii_isdigit(*name) && stat(path, &status) == 0 && status.st_uid == uid;
                g_free(path);
        }
        g_dir_close(proc);
        return count;
}

/* Ends the run, which must leave no agent behind, and returns what was seen. */
static char *end(TerminalRun *run, uid_t uid, int expected)
{
        int status = terminal_run_end(run);

        if (status != expected)
                g_error("Exit status %d, not %d:\n%s", status, expected, run->seen->str);
        g_assert_cmpuint(count_processes(uid), ==, 0);
        return g_string_free(run->seen, FALSE);
}

static void expect_seen(char *seen_taken, const char *text)
{
        if (!strstr(seen_taken, text))
                g_error("No \"%s\" in:\n%s", text, seen_taken);
        /* It is not echoed. */
        g_assert_null(strstr(seen_taken, SANDBOX_PASSWORD));
        g_free(seen_taken);
}

static void test_right(void)
{
        Harness *harness CLEANUP(free_host) = new_host();
        TerminalRun run = run_client(harness, SANDBOX_OPERATOR_UID, "select ice 1.6.4");

        wait_for_prompt(&run);
        terminal_run_type(&run, SANDBOX_PASSWORD "\n");
        expect_seen(end(&run, SANDBOX_OPERATOR_UID, 0),
                        "Authentication is required to select version 1.6.4 of ice.");
        host_assert_effective(harness, "ice", "xenserver/intel-ice/1.6.4/ice.ko");

        /* The password of an administrator, for a user who is none. */
        run = run_client(harness, SANDBOX_STRANGER_UID, "select ice 1.11.17.1");
        wait_for_prompt(&run);
        terminal_run_type(&run, SANDBOX_PASSWORD "\n");
        expect_seen(end(&run, SANDBOX_STRANGER_UID, 0), "Authenticating as: " SANDBOX_OPERATOR);
        host_assert_effective(harness, "ice", "xenserver/intel-ice/1.11.17.1/ice.ko");
}

static void test_refused(void)
{
        static const char *const lines[] = { "select ice 1.6.4 --no-ask-password",
                "--no-ask-password --no-block select ice 1.6.4" };
        Harness *harness CLEANUP(free_host) = new_host();
        char *before = snapshot_take(harness->sample.dir.path);
        TerminalRun run = run_client(harness, SANDBOX_OPERATOR_UID, "select ice 1.6.4");

        wait_for_prompt(&run);
        terminal_run_type(&run, "open\n");
        expect_seen(end(&run, SANDBOX_OPERATOR_UID, 4), "hostdriverctl: ");
        for (size_t i = 0; i < G_N_ELEMENTS(lines); i++) {
                run = run_client(harness, SANDBOX_OPERATOR_UID, lines[i]);
                expect_seen(end(&run, SANDBOX_OPERATOR_UID, 4), "You must authenticate for this.");
        }
        snapshot_assert_same(harness->sample.dir.path, before);
        g_free(before);
}

/* Ctrl-C at the prompt ends client and agent, changes nothing, and leaves the terminal as it was: the shell
 * stays, and looks at it. */
static void test_interrupted(void)
{
        Harness *harness CLEANUP(free_host) = new_host();
        char *before = snapshot_take(harness->sample.dir.path), *seen;
        char *program CLEANUP_FREE = temp_dir_path(&harness->work, "hostdriverctl");
        char *script = g_strdup_printf("trap : INT; %s select ice 1.6.4; echo status=$?; stty", program);
        TerminalRun run = run_words(harness, SANDBOX_OPERATOR_UID,
                        (char *[]){ (char *) "/bin/sh", (char *) "-c", script, NULL });

        wait_for_prompt(&run);
        terminal_run_type(&run, "ses\003");
        seen = end(&run, SANDBOX_OPERATOR_UID, 0);
        g_assert_null(strstr(seen, "-echo"));
        expect_seen(seen, "status=130");
        g_free(script);
        snapshot_assert_same(harness->sample.dir.path, before);
        g_free(before);
}

static void test_skipped(void)
{
        g_test_skip("pkttyagent isn't installed");
}

static void add_tests(void)
{
        if (access("/usr/bin/pkttyagent", X_OK) < 0) {
                g_test_add_func("/password", test_skipped);
                return;
        }
        g_test_add_func("/password/right", test_right);
        g_test_add_func("/password/refused", test_refused);
        g_test_add_func("/password/interrupted", test_interrupted);
}

int main(int argc, char *argv[])
{
        return harness_main(argc, argv, add_tests);
}
