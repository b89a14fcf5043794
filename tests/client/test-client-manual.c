/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The manual page and the completions say the same verbs and options as --help does, and the guide explains
 * every problem that the service can find. */

#include <glib.h>
#include <string.h>

static char *read_file(const char *name)
{
        g_autofree char *path = g_build_filename(SOURCE_ROOT, name, NULL);
        g_autoptr(GError) error = NULL;
        char *text;

        g_file_get_contents(path, &text, NULL, &error);
        g_assert_no_error(error);
        return text;
}

static char *read_help(void)
{
        char *words[] = { (char *) HOSTDRIVERCTL, (char *) "--help", NULL }, *text;
        g_autoptr(GError) error = NULL;

        g_spawn_sync(NULL, words, NULL, G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, &text, NULL, NULL, &error);
        g_assert_no_error(error);
        return text;
}

/* The first group of every match. */
static GHashTable *collect(const char *text, const char *pattern)
{
        g_autoptr(GRegex) regex = g_regex_new(pattern, G_REGEX_MULTILINE, 0, NULL);
        g_autoptr(GMatchInfo) match = NULL;
        GHashTable *found = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

        g_assert_nonnull(regex);
        for (g_regex_match(regex, text, 0, &match); g_match_info_matches(match);
                        g_match_info_next(match, NULL))
                g_hash_table_add(found, g_match_info_fetch(match, 1));
        g_assert_cmpuint(g_hash_table_size(found), >, 0);
        return found;
}

static void assert_in(GHashTable *all, GHashTable *other, const char *where)
{
        GHashTableIter iterator;
        gpointer word;

        g_hash_table_iter_init(&iterator, all);
        while (g_hash_table_iter_next(&iterator, &word, NULL))
                if (!g_hash_table_contains(other, word)) {
                        g_test_message("%s lacks %s", where, (const char *) word);
                        g_test_fail();
                }
}

static void test_manual(void)
{
        g_autofree char *help = read_help(), *manual = read_file("docs/man/hostdriverctl.1.scd");
        g_autoptr(GHashTable) help_options = collect(help, "^ .*?(--[a-z-]+)");
        g_autoptr(GHashTable) help_verbs = collect(help, "^  ([a-z][a-z-]+)");
        g_autoptr(GHashTable) manual_options = collect(manual, "^(?:\\*-.\\*, )?\\*(--[a-z-]+)\\*");
        g_autoptr(GHashTable) manual_verbs =
                        collect(manual, "^\\*([a-z][a-z-]+)\\*(?! -|hostdriver)(?= \\*--| \\[| _|$)");

        g_hash_table_remove(manual_verbs, "hostdriverctl"); /* the synopsis */
        assert_in(help_options, manual_options, "The manual page");
        assert_in(manual_options, help_options, "--help");
        assert_in(help_verbs, manual_verbs, "The manual page");
        assert_in(manual_verbs, help_verbs, "--help");
}

static void test_completion(gconstpointer data)
{
        const char *file = data;
        g_autofree char *help = read_help(), *completion = read_file(file);
        g_autoptr(GHashTable) help_options = collect(help, "^ .*?(--[a-z-]+)");
        g_autoptr(GHashTable) options = collect(completion, "(--[a-z]+(?:-[a-z]+)*)");
        g_autoptr(GHashTable) help_verbs = collect(help, "^  ([a-z][a-z-]+)");
        g_autoptr(GHashTable) words = collect(completion, "\\b([a-z]+(?:-[a-z]+)*)\\b");

        assert_in(help_options, options, file);
        assert_in(options, help_options, "--help");
        assert_in(help_verbs, words, file);
}

/* Every code that a room gives to problem_list_add() is in the guide. */
static void test_guide(void)
{
        static const char *const rooms[] = { "change", "change/checks", "change/operations", "model",
                "registry", "upkeep" };
        g_autofree char *guide = read_file("docs/guide.md");
        g_autoptr(GHashTable) explained = collect(guide, "`([a-z]+(?:-[a-z]+)+|[a-z]+)`");

        for (unsigned i = 0; i < G_N_ELEMENTS(rooms); i++) {
                g_autofree char *path = g_build_filename(SOURCE_ROOT, "daemon", rooms[i], NULL);
                g_autoptr(GDir) directory = g_dir_open(path, 0, NULL);
                g_autoptr(GString) code = g_string_new(NULL);
                g_autoptr(GHashTable) codes = NULL;
                const char *name;

                g_assert_nonnull(directory);
                while ((name = g_dir_read_name(directory))) {
                        g_autofree char *file = g_build_filename("daemon", rooms[i], name, NULL),
                                        *text = NULL;

                        if (!g_str_has_suffix(name, ".c"))
                                continue;
                        text = read_file(file);
                        g_string_append(code, text);
                }
                codes = collect(code->str, "SEVERITY_(?:INFO|WARNING|ERROR),\\s*\"([a-z-]+)\"");
                assert_in(codes, explained, "docs/guide.md");
        }
}

/* bash at least can parse its file. */
static void test_bash_syntax(void)
{
        g_autofree char *bash = g_find_program_in_path("bash");
        char *words[] = { bash, (char *) "-n", (char *) SOURCE_ROOT "/client/completions/hostdriverctl.bash",
                NULL };
        int status;

        if (!bash) {
                g_test_skip("bash isn't installed");
                return;
        }
        g_assert_true(g_spawn_sync(
                        NULL, words, NULL, G_SPAWN_DEFAULT, NULL, NULL, NULL, NULL, &status, NULL));
        g_assert_true(g_spawn_check_wait_status(status, NULL));
}

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/client/manual", test_manual);
        g_test_add_data_func(
                        "/client/completion/bash", "client/completions/hostdriverctl.bash", test_completion);
        g_test_add_data_func("/client/completion/zsh", "client/completions/_hostdriverctl", test_completion);
        g_test_add_func("/client/guide", test_guide);
        g_test_add_func("/client/completion/bash-syntax", test_bash_syntax);
        return g_test_run();
}
