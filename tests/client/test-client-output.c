/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What every verb prints into a pipe, as a table and as JSON: compared with the files in expected/. */

#include "client-fixture.h"

#include <jansson.h>
#include <string.h>

typedef struct OutputCase {
        const char *file; /* expected/FILE.txt, expected/FILE.json */
        const char *words;
        int status;
} OutputCase;

static const OutputCase cases[] = {
        { "list", "list", 0 },
        { "list-no-legend", "list --no-legend", 0 },
        { "show", "show ice", 0 },
        { "show-two", "show igb odd_names", 0 },
        { "devices", "devices", 0 },
        { "devices-no-legend", "devices ice igb --no-legend", 0 },
        { "select", "select ice done", 0 },
        { "select-two", "select ice 1.6.4 igb 5.17.4 --kernel 6.1.0-50-amd64 --ignore=unsigned", 0 },
        { "select-dry-run", "--dry-run select ice 1.6.4", 0 },
        { "select-no-block", "select --no-block ice hangs", 0 },
        { "deselect", "deselect ice --force", 0 },
        { "adopt", "adopt ice --package=intel-ice --as-version 1.2", 0 },
        { "adopt-dry-run", "adopt ice --dry-run", 0 },
        { "adopt-undo", "adopt ice --undo", 0 },
        { "remove", "remove ice 1.6.4 --ignore=owned-by-package", 0 },
        { "check-good", "check ice kernel", 0 },
        { "check-info", "check ice 1.6.4", 0 },
        { "check-bad", "check ice 1.11.17.1 -k 6.1.0-50-amd64", 1 },
        { "why", "why ice", 0 },
        { "rescan", "rescan", 0 },
        { "jobs", "jobs", 0 },
        { "cancel", "cancel 9", 0 },
        { "history", "history", 0 },
        { "history-one", "history ice --since=@1795309200 -n 10", 0 },
        { "kernels", "kernels", 0 },
        { "policy", "policy ice", 0 },
        { "policy-set", "policy ice newest", 0 },
        { "kernel-added", "kernel-added done", 0 },
        { "kernel-added-nothing", "kernel-added 6.1.0-49-amd64", 0 },
        { "kernel-removed", "kernel-removed 6.1.0-49-amd64", 0 },
        { "initramfs", "initramfs", 0 },
        { "initramfs-one", "initramfs status 6.1.0-49-amd64", 0 },
        { "initramfs-rebuild", "initramfs rebuild done", 0 },
        { "initramfs-no-block", "--no-block initramfs rebuild hangs", 0 },
        { "compare-older", "compare-versions 1.2 1.10", 0 },
        { "compare-equal", "compare-versions 1.2 1.2", 0 },
        { "compare-newer", "compare-versions 2 1.10", 0 },
};

static void test_table(ClientFixture *fixture, gconstpointer data)
{
        const OutputCase *item = data;
        g_autofree char *file = g_strconcat(item->file, ".txt", NULL);
        ClientRun run = client_run(fixture, item->words);

        g_assert_cmpstr(run.error, ==, "");
        g_assert_cmpint(run.status, ==, item->status);
        client_assert_expected(run.output, file);
        client_run_done(&run);
}

static void test_json(ClientFixture *fixture, gconstpointer data)
{
        const OutputCase *item = data;
        g_autofree char *file = g_strconcat(item->file, ".json", NULL);
        g_autofree char *words = g_strconcat(item->words, " --json=pretty", NULL);
        ClientRun run = client_run(fixture, words);
        json_t *document = json_loads(run.output, JSON_REJECT_DUPLICATES, NULL);

        g_assert_cmpstr(run.error, ==, "");
        g_assert_cmpint(run.status, ==, item->status);
        g_assert_cmpint(json_integer_value(json_object_get(document, "schema")), ==, 1);
        client_assert_expected(run.output, file);
        json_decref(document);
        client_run_done(&run);
}

/* The same document, on one line. */
static void test_json_line(ClientFixture *fixture, gconstpointer data)
{
        ClientRun line = client_run(fixture, "--json=short list"),
                  pretty = client_run(fixture, "list "
                                               "--json=pretty");
        json_t *a = json_loads(line.output, 0, NULL), *b = json_loads(pretty.output, 0, NULL);

        g_assert_nonnull(a);
        g_assert_true(json_equal(a, b));
        g_assert_true(strchr(line.output, '\n') == line.output + strlen(line.output) - 1);
        json_decref(a);
        json_decref(b);
        client_run_done(&line);
        client_run_done(&pretty);
}

/* What the options become on the bus. */
static void test_options(ClientFixture *fixture, gconstpointer data)
{
        ClientRun run = client_run(fixture, "select ice 1.6.4 --kernel=a -k b --ignore unsigned --dry-run");

        g_assert_cmpint(run.status, ==, 0);
        client_wait_told(fixture, "select ice 1.6.4");
        client_wait_told(fixture, "option kernels as");
        client_wait_told(fixture, "option ignore as");
        client_wait_told(fixture, "option dry-run b");
        client_run_done(&run);
        run = client_run(fixture, "history ice --since -1d --lines=3");
        g_assert_cmpint(run.status, ==, 0);
        client_wait_told(fixture, "option driver s");
        client_wait_told(fixture, "option since t");
        client_wait_told(fixture, "option limit t");
        client_run_done(&run);
        run = client_run(fixture, "kernel-removed 6.1.0-49-amd64 --leaving");
        client_wait_told(fixture, "option leaving b");
        client_run_done(&run);
        run = client_run(fixture, "devices ice");
        client_wait_told(fixture, "option drivers as");
        client_run_done(&run);
        run = client_run(fixture, "rescan");
        client_wait_told(fixture, "rescan, interactive 1");
        client_run_done(&run);
        run = client_run(fixture, "rescan --no-ask-password");
        client_wait_told(fixture, "rescan, interactive 0");
        client_run_done(&run);
}

/* No byte of a hostile name reaches the output as it is. */
static void test_control_characters(ClientFixture *fixture, gconstpointer data)
{
        static const char *const words[] = {
                "list",
                "show odd_names",
                "select odd_names done",
                "why odd_names",
        };

        for (unsigned i = 0; i < G_N_ELEMENTS(words); i++) {
                ClientRun run = client_run(fixture, words[i]);

                g_assert_null(strchr(run.output, '\033'));
                g_assert_null(strstr(run.output, "\u202e"));
                client_run_done(&run);
        }
}

/* Values of wrong types end no run early, and none of their bytes gets through. */
static void test_hostile(ClientFixture *fixture, gconstpointer data)
{
        static const char *const words[] = {
                "show hostile",
                "show hostile --json=short",
                "check hostile 1",
                "check hostile 1 --json=pretty",
                "why hostile",
                "policy hostile",
        };

        for (unsigned i = 0; i < G_N_ELEMENTS(words); i++) {
                ClientRun run = client_run(fixture, words[i]);

                g_test_message("%s", run.output);
                g_assert_cmpint(run.status, ==, 0);
                g_assert_cmpstr(run.error, ==, "");
                g_assert_nonnull(strstr(run.output, "title"));
                g_assert_null(strpbrk(run.output, "\033\a"));
                g_assert_null(strstr(run.output, "\u202e"));
                client_run_done(&run);
        }
}

/* No headings without a row, but a sentence, and not even that without legends. */
static void test_empty(ClientFixture *fixture, gconstpointer data)
{
        static const char *const words[][2] = {
                { "list", "No driver is installed in versions. hostdriverd(8) says where they are looked for." },
                { "kernels", "No driver is installed in versions. hostdriverd(8) says where they are looked for." },
                { "devices", "No device of this host is covered or driven by these drivers." },
                { "jobs", "No job waits or runs." },
                { "history", "Nothing has been selected yet." },
                { "history ice", "Nothing of that is recorded." },
                { "initramfs", "No kernel is installed." },
                { "why ice", "No file has that module's name." },
        };
        ClientRun run = client_run(fixture, "kernel-removed nothing:");

        client_run_done(&run);
        for (unsigned i = 0; i < G_N_ELEMENTS(words); i++) {
                g_autofree char *bare = g_strconcat("--no-legend ", words[i][0], NULL);
                g_autofree char *line = g_strconcat(words[i][1], "\n", NULL);

                run = client_run(fixture, words[i][0]);
                g_assert_cmpstr(run.output, ==, line);
                g_assert_cmpint(run.status, ==, 0);
                client_run_done(&run);
                run = client_run(fixture, bare);
                g_assert_cmpstr(run.output, ==, "");
                g_assert_cmpint(run.status, ==, 0);
                client_run_done(&run);
        }
}

static void test_version(ClientFixture *fixture, gconstpointer data)
{
        ClientRun run = client_run(fixture, "--version");

        g_assert_cmpstr(run.output, ==, "hostdriverctl " PROJECT_VERSION "\n");
        g_assert_cmpint(run.status, ==, 0);
        client_run_done(&run);
}

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
        for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
                g_autofree char *table = g_strconcat("/client/table/", cases[i].file, NULL);
                g_autofree char *json = g_strconcat("/client/json/", cases[i].file, NULL);

                g_test_add(table, ClientFixture, &cases[i], client_fixture_init, test_table,
                                client_fixture_done);
                g_test_add(json, ClientFixture, &cases[i], client_fixture_init, test_json,
                                client_fixture_done);
        }
        g_test_add("/client/json-line", ClientFixture, NULL, client_fixture_init, test_json_line,
                        client_fixture_done);
        g_test_add("/client/options", ClientFixture, NULL, client_fixture_init, test_options,
                        client_fixture_done);
        g_test_add("/client/control-characters", ClientFixture, NULL, client_fixture_init,
                        test_control_characters, client_fixture_done);
        g_test_add("/client/hostile", ClientFixture, NULL, client_fixture_init, test_hostile,
                        client_fixture_done);
        g_test_add("/client/empty", ClientFixture, NULL, client_fixture_init, test_empty,
                        client_fixture_done);
        g_test_add("/client/version", ClientFixture, NULL, client_fixture_init, test_version,
                        client_fixture_done);
        return g_test_run();
}
