/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A service that answers by chance: whatever comes, the client ends by itself with one of its statuses, says
 * why on stderr if it failed, and lets nothing through that could steer a terminal. */

#include "client-fixture.h"

#include <jansson.h>
#include <string.h>

#define SEEDS 8
#define SIGNAL_SEEDS 4

/* No status of the client's own. */
#define STATUS_SANITIZER 77

static void assert_tame(const char *text)
{
        g_assert_true(g_utf8_validate(text, -1, NULL));
        for (const char *c = text; *c; c = g_utf8_next_char(c)) {
                gunichar character = g_utf8_get_char(c);

                if ((g_unichar_iscntrl(character) && character != '\n') || character == 0x202e ||
                                character == 0x2028 || character == 0x2066)
                        g_error("U+%04X in: %s", character, text);
        }
}

static void assert_json(const char *text)
{
        g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

        for (unsigned i = 0; lines[i] && *lines[i]; i++) {
                json_error_t error;
                json_t *document = json_loads(lines[i], 0, &error);

                if (!document)
                        g_error("%s: %s", error.text, lines[i]);
                json_decref(document);
        }
}

static void assert_ended_well(const ClientRun *run, const char *words, int status_max)
{
        g_test_message("%s: %d %s", words, run->status, run->error);
        assert_tame(run->output);
        assert_tame(run->error);
        g_assert_cmpint(run->status, <=, status_max);
        /* "check" fails without a word on stderr if it found errors, which it prints. */
        if (run->status == 0 || g_str_has_prefix(words, "check"))
                return;
        g_assert_true(g_str_has_prefix(run->error, "hostdriverctl: "));
        g_assert_null(strstr(run->error, "memory"));
        g_assert_null(strstr(run->error, "write all"));
}

static void start(ClientFixture *fixture, const char *kind, unsigned seed)
{
        g_autofree char *words = g_strdup_printf("kernel-removed %s:%u", kind, seed);
        g_autofree char *options = g_strdup_printf("exitcode=%d:detect_leaks=0", STATUS_SANITIZER);
        ClientRun run = client_run(fixture, words);

        g_assert_cmpint(run.status, ==, 0);
        client_run_done(&run);
        client_fixture_set(fixture, "ASAN_OPTIONS", options);
        client_fixture_set(fixture, "UBSAN_OPTIONS", "halt_on_error=1:exitcode=77");
}

static void test_answers(ClientFixture *fixture, gconstpointer data)
{
        static const char *const words[] = { "list", "list --no-legend", "kernels", "devices", "devices ice",
                "history", "initramfs", "initramfs status 6.1.0-50-amd64", "jobs", "show ice igb",
                "check ice 1.6.4", "why ice", "policy ice", "compare-versions 1 2",
                "select ice 1.6.4 --no-block" };

        start(fixture, "random", GPOINTER_TO_UINT(data));
        for (unsigned i = 0; i < G_N_ELEMENTS(words); i++) {
                g_autofree char *json = g_strconcat(words[i], " --json=short", NULL);
                ClientRun run = client_run(fixture, words[i]);

                assert_ended_well(&run, words[i], 4);
                client_run_done(&run);
                run = client_run(fixture, json);
                assert_ended_well(&run, words[i], 4);
                assert_json(run.output);
                client_run_done(&run);
        }
}

static void test_signals(ClientFixture *fixture, gconstpointer data)
{
        unsigned seed = GPOINTER_TO_UINT(data);
        const char *words = seed % 2 == 0 ? "monitor" : "monitor --json=short";
        ClientRun run;

        start(fixture, "signals", seed);
        run = client_run(fixture, words);
        assert_ended_well(&run, words, 1);
        g_assert_cmpint(run.status, ==, 1);
        g_assert_nonnull(strstr(run.error, "The service hostdriverd has ended."));
        g_assert_cmpstr(run.output, !=, "");
        if (seed % 2 == 1)
                assert_json(run.output);
        client_run_done(&run);
}

static void add(const char *name, unsigned seeds, void (*test)(ClientFixture *fixture, gconstpointer data))
{
        for (unsigned seed = 0; seed < seeds; seed++) {
                g_autofree char *path = g_strdup_printf("/client/random/%s/%02u", name, seed);

                g_test_add(path, ClientFixture, GUINT_TO_POINTER(seed), client_fixture_init, test,
                                client_fixture_done);
        }
}

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
        add("answers", SEEDS, test_answers);
        add("signals", SIGNAL_SEEDS, test_signals);
        return g_test_run();
}
