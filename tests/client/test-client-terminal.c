/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What differs on a terminal: colour, cut columns, the pager. */

#include "client-fixture.h"

#include <string.h>

static char *on_terminal(ClientFixture *fixture, const char *words)
{
        TerminalRun run = client_terminal_begin(fixture, words);

        g_assert_cmpint(terminal_run_end(&run), ==, 0);
        return g_string_free(run.seen, FALSE);
}

static void test_colour(ClientFixture *fixture, gconstpointer data)
{
        g_autofree char *text = on_terminal(fixture, "list");

        g_assert_nonnull(strstr(text, "\033[4mNAME\033[0m"));
        g_assert_nonnull(strstr(text, "\033[33mrequired\033[0m"));
        /* The worst of the two problems gives the colour. */
        g_assert_nonnull(strstr(text, "\033[1;31mnote-disagrees"));
}

static void test_no_colour(ClientFixture *fixture, gconstpointer data)
{
        client_fixture_set(fixture, data, g_str_equal(data, "TERM") ? "dumb" : "1");
        for (unsigned i = 0; i < 3; i++) {
                static const char *const words[] = { "list", "show ice", "--help" };
                g_autofree char *text = on_terminal(fixture, words[i]);

                g_assert_null(strchr(text, '\033'));
        }
}

/* The terminal has 100 columns. */
static void test_cut(ClientFixture *fixture, gconstpointer data)
{
        g_autofree char *text = NULL, *full = NULL;
        g_auto(GStrv) lines = NULL;

        client_fixture_set(fixture, "NO_COLOR", "1");
        text = on_terminal(fixture, "history");
        lines = g_strsplit(text, "\r\n", -1);
        for (unsigned i = 0; lines[i]; i++)
                g_assert_cmpint(g_utf8_strlen(lines[i], -1), <=, 100);
        g_assert_nonnull(strstr(text, "…"));
        full = on_terminal(fixture, "history --full");
        g_assert_null(strstr(full, "…"));
        g_assert_nonnull(strstr(full, "depmod ended with status 1."));
}

/* Sentences break between words, and all of them is there. */
static void test_wrap(ClientFixture *fixture, gconstpointer data)
{
        g_autofree char *text = NULL;
        g_auto(GStrv) lines = NULL;

        client_fixture_set(fixture, "NO_COLOR", "1");
        text = on_terminal(fixture, "show ice");
        lines = g_strsplit(text, "\r\n", -1);
        for (unsigned i = 0; lines[i]; i++)
                g_assert_cmpint(g_utf8_strlen(lines[i], -1), <=, 100);
        g_assert_nonnull(strstr(text, "The note of the loaded module names 1.6.5, but its build-id\r\n"
                                      "              is that of 1.6.4.\r\n"));
}

/* A pager that shows what it was given and how it was started. */
static const char pager[] = "sed s/^/PAGED:/";

static void test_pager(ClientFixture *fixture, gconstpointer data)
{
        g_autofree char *paged = NULL, *plain = NULL, *json = NULL, *unpaged = NULL;

        client_fixture_set(fixture, "SYSTEMD_PAGER", pager);
        client_fixture_set(fixture, "SYSTEMD_PAGERSECURE", "0");
        paged = on_terminal(fixture, "list");
        g_assert_nonnull(strstr(paged, "PAGED:"));
        /* What goes through the pager still looks as it does on the terminal. */
        g_assert_nonnull(strstr(paged, "\033[33mrequired\033[0m"));
        plain = on_terminal(fixture, "list --no-pager");
        g_assert_null(strstr(plain, "PAGED:"));
        json = on_terminal(fixture, "list --json=short");
        g_assert_null(strstr(json, "PAGED:"));
        unpaged = on_terminal(fixture, "jobs");
        g_assert_null(strstr(unpaged, "PAGED:"));
}

/* With another's privileges, a pager of the caller's choice must not run. */
static void test_pager_secure(ClientFixture *fixture, gconstpointer data)
{
        g_autofree char *text = NULL;

        client_fixture_set(fixture, "SYSTEMD_PAGER", pager);
        client_fixture_set(fixture, "SYSTEMD_PAGERSECURE", "1");
        /* Short lines: less ends by itself only if it needn't chop any. */
        text = on_terminal(fixture, "list --no-legend");
        g_assert_null(strstr(text, "PAGED:"));
        g_assert_nonnull(strstr(text, "ice"));
}

static void test_pager_missing(ClientFixture *fixture, gconstpointer data)
{
        g_autofree char *text = NULL;

        client_fixture_set(fixture, "SYSTEMD_PAGER", "/nonexistent/pager");
        client_fixture_set(fixture, "SYSTEMD_PAGERSECURE", "0");
        text = on_terminal(fixture, "list");
        g_assert_nonnull(strstr(text, "ice"));
}

#define ADD(path, data, function) \
        g_test_add(path, ClientFixture, data, client_fixture_init, function, client_fixture_done)

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
        ADD("/client/terminal/colour", NULL, test_colour);
        ADD("/client/terminal/no-color", "NO_COLOR", test_no_colour);
        ADD("/client/terminal/dumb", "TERM", test_no_colour);
        ADD("/client/terminal/cut", NULL, test_cut);
        ADD("/client/terminal/wrap", NULL, test_wrap);
        ADD("/client/terminal/pager", NULL, test_pager);
        ADD("/client/terminal/pager-secure", NULL, test_pager_secure);
        ADD("/client/terminal/pager-missing", NULL, test_pager_missing);
        return g_test_run();
}
