/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The override file's lines: escaping, round trips, what isn't ours. */

#include <errno.h>
#include <glib.h>
#include <regex.h>
#include <string.h>

#include "host/index/override-list.h"

/* The line that a list of one entry makes, without the header. */
static char *line_of(const OverrideList *list)
{
        char *text CLEANUP_FREE = NULL;
        const char *line;

        g_assert_cmpint(override_list_format(list, &text), ==, 0);
        line = strstr(text, "\noverride ");
        g_assert_nonnull(line);
        return g_strdup(line + 1);
}

static void test_escapes(void)
{
        static const struct {
                const char *release;
                const char *ere;
        } rows[] = {
                { "4.19.0+1", "^4[.]19[.]0[+]1$" },
                { "6.1.0-18-amd64", "^6[.]1[.]0-18-amd64$" },
                { "5.14.0-427.el9.x86_64+debug", "^5[.]14[.]0-427[.]el9[.]x86_64[+]debug$" },
                { "a*b?c", "^a[*]b[?]c$" },
                { "a[b]c", "^a[[]b[]]c$" },
                { "a(b)|{c}", "^a[(]b[)][|][{]c[}]$" },
                { "a^b$c", "^a[[.^.]]b[$]c$" },
                { "$", "^[$]$" },
                { "^", "^[[.^.]]$" },
                { "täst", "^täst$" },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
                OverrideList list = { 0 }, again = { 0 };
                g_autofree char *expected =
                                g_strdup_printf("override ice %s xenserver/intel-ice/1.6.4\n", rows[i].ere);
                g_autofree char *line = NULL, *longer = g_strdup_printf("x%sx", rows[i].release);
                regex_t ere;
                bool foreign = true;

                g_assert_cmpint(override_list_set(
                                                &list, rows[i].release, "ice", "xenserver/intel-ice/1.6.4"),
                                ==, 0);
                line = line_of(&list);
                g_assert_cmpstr(line, ==, expected);
                /* As depmod compiles and matches it: it does match itself, and nothing around it. */
                g_assert_cmpint(regcomp(&ere, rows[i].ere, REG_EXTENDED | REG_NOSUB), ==, 0);
                g_assert_cmpint(regexec(&ere, rows[i].release, 0, NULL, 0), ==, 0);
                g_assert_cmpint(regexec(&ere, longer, 0, NULL, 0), ==, REG_NOMATCH);
                regfree(&ere);
                g_assert_cmpint(override_list_parse(line, strlen(line), &again, NULL, &foreign), ==, 0);
                g_assert_false(foreign);
                g_assert_cmpuint(again.count, ==, 1);
                g_assert_cmpstr(again.items[0].release, ==, rows[i].release);
                g_assert_cmpstr(again.items[0].module, ==, "ice");
                g_assert_cmpstr(again.items[0].directory, ==, "xenserver/intel-ice/1.6.4");
                override_list_done(&again);
                override_list_done(&list);
        }
}

static void test_foreign(void)
{
        static const struct {
                const char *text;
                bool foreign;
                size_t count;
        } rows[] = {
                { "", false, 0 },
                { "\n\n# comment\n  # another\n", false, 0 },
                { "override ice ^6[.]1$ kernel/net\n", false, 1 },
                { "override ice ^6[.]1$ kernel/net", false, 1 },
                { "  override\tice   ^6[.]1$ \t kernel/net  \n", false, 1 },
                { "override ice * kernel/net\n", true, 0 },
                { "override ice 6.1 kernel/net\n", true, 0 },
                { "override ice ^6.1$ kernel/net\n", true, 0 },
                { "override ice ^6[.]1 kernel/net\n", true, 0 },
                { "override ice 6[.]1$ kernel/net\n", true, 0 },
                { "override ice ^^6[.]1$$ kernel/net\n", true, 0 },
                { "override ice ^6[.]1$$ kernel/net\n", true, 0 },
                { "override ice ^6[6]1$ kernel/net\n", true, 0 },
                { "override ice ^6[.$ kernel/net\n", true, 0 },
                { "override ice ^6[.]1$\n", true, 0 },
                { "override ice ^6[.]1$ kernel/net more\n", true, 0 },
                { "override ice ^6[.]1$ /kernel/net\n", true, 0 },
                { "override ice ^6[.]1$ kernel/../net\n", true, 0 },
                { "override ice ^6[.]1$ kernel//net\n", true, 0 },
                { "override ice ^6[.]1$ kernel/\n", true, 0 },
                { "override i/ce ^6[.]1$ kernel\n", true, 0 },
                { "override ice ^$ kernel\n", true, 0 },
                { "override ice ^$", true, 0 },
                { "override", true, 0 },
                { "search updates built-in\n", true, 0 },
                { "override ice ^6[.]1$ kernel/net\r\n", true, 0 },
                { "search x\noverride ice ^6[.]1$ kernel\nexclude y\n", true, 1 },
                { "override ice ^6[.]1$ a\noverride ice ^6[.]1$ b\n", false, 1 },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
                OverrideList list = { 0 };
                bool foreign = !rows[i].foreign;

                g_test_message("%s", rows[i].text);
                g_assert_cmpint(override_list_parse(
                                                rows[i].text, strlen(rows[i].text), &list, NULL, &foreign),
                                ==, 0);
                g_assert_cmpint(foreign, ==, rows[i].foreign);
                g_assert_cmpuint(list.count, ==, rows[i].count);
                override_list_done(&list);
        }
}

static void test_set(void)
{
        OverrideList list = { 0 };
        const OverrideEntry *entry;

        g_assert_cmpint(override_list_set(&list, "6.1", "dell-laptop", "a"), ==, 0);
        g_assert_cmpint(override_list_set(&list, "6.1", "ice", "b"), ==, 0);
        g_assert_cmpint(override_list_set(&list, "5.1", "ice", "c"), ==, 0);
        g_assert_cmpint(override_list_set(&list, "6.1", "bnx2fc", "d"), ==, 0);
        g_assert_cmpuint(list.count, ==, 4);
        g_assert_cmpstr(list.items[0].release, ==, "5.1");
        g_assert_cmpstr(list.items[1].module, ==, "bnx2fc");
        g_assert_cmpstr(list.items[2].module, ==, "dell-laptop");
        g_assert_cmpstr(list.items[3].module, ==, "ice");
        /* One line for a module, in whichever spelling: the new one counts. */
        g_assert_cmpint(override_list_set(&list, "6.1", "dell_laptop", "e"), ==, 0);
        g_assert_cmpuint(list.count, ==, 4);
        entry = override_list_find(&list, "6.1", "dell-laptop");
        g_assert_nonnull(entry);
        g_assert_cmpstr(entry->module, ==, "dell_laptop");
        g_assert_cmpstr(entry->directory, ==, "e");
        g_assert_null(override_list_find(&list, "5.1", "dell_laptop"));
        g_assert_null(override_list_find(&list, "6.1", "dell"));
        g_assert_cmpint(override_list_set(&list, "6.1", "dell-laptop", NULL), ==, 0);
        g_assert_cmpint(override_list_set(&list, "6.1", "dell-laptop", NULL), ==, 0);
        g_assert_cmpuint(list.count, ==, 3);
        g_assert_null(override_list_find(&list, "6.1", "dell_laptop"));
        override_list_done(&list);
        g_assert_null(override_list_find(&list, "6.1", "ice"));
}

static void test_refuses(void)
{
        static const struct {
                const char *release;
                const char *module;
                const char *directory;
        } rows[] = {
                { "6 1", "ice", "a" },
                { "6\\1", "ice", "a" },
                { "", "ice", "a" },
                { "..", "ice", "a" },
                { "6/1", "ice", "a" },
                { "6.1", "", "a" },
                { "6.1", "i ce", "a" },
                { "6.1", "ice\n", "a" },
                { "6.1", "ice", "" },
                { "6.1", "ice", "a b" },
                { "6.1", "ice", "a\tb" },
                { "6.1", "ice", "a\nb" },
                { "6.1", "ice", "a/../b" },
                { "6.1", "ice", "/a" },
                { "6.1", "ice", "a\\b" },
                { "6.1", "ice", "\xff" },
        };
        OverrideList list = { 0 };

        for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
                g_assert_cmpint(override_list_set(&list, rows[i].release, rows[i].module, rows[i].directory),
                                ==, -EINVAL);
        g_assert_cmpuint(list.count, ==, 0);
        override_list_done(&list);
}

/* Whatever is set comes back from the text, in the same order. */
static void test_round_trip(void)
{
        OverrideList list = { 0 }, again = { 0 };
        char *text CLEANUP_FREE = NULL, *text_again CLEANUP_FREE = NULL;
        bool foreign = true;

        for (unsigned i = 0; i < 300; i++) {
                g_autofree char *release = g_strdup_printf(
                                "%d.%d.0+1", g_test_rand_int_range(3, 7), g_test_rand_int_range(0, 20));
                g_autofree char *module = g_strdup_printf("m%d%c%d", g_test_rand_int_range(0, 9),
                                "-_"[g_test_rand_int_range(0, 2)], g_test_rand_int_range(0, 9));
                g_autofree char *directory = g_strdup_printf("xenserver/p/%u", i);

                g_assert_cmpint(override_list_set(&list, release, module,
                                                g_test_rand_int_range(0, 5) > 0 ? directory : NULL),
                                ==, 0);
        }
        g_assert_cmpint(override_list_format(&list, &text), ==, 0);
        g_assert_cmpint(override_list_parse(text, strlen(text), &again, NULL, &foreign), ==, 0);
        g_assert_false(foreign);
        g_assert_cmpuint(again.count, ==, list.count);
        g_assert_cmpint(override_list_format(&again, &text_again), ==, 0);
        g_assert_cmpstr(text, ==, text_again);
        for (size_t i = 0; i < list.count; i++)
                g_assert_true(override_list_find(&again, list.items[i].release, list.items[i].module) ==
                                &again.items[i]);
        override_list_done(&list);
        override_list_done(&again);
}

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/override-list/escapes", test_escapes);
        g_test_add_func("/override-list/foreign", test_foreign);
        g_test_add_func("/override-list/set", test_set);
        g_test_add_func("/override-list/refuses", test_refuses);
        g_test_add_func("/override-list/round-trip", test_round_trip);
        return g_test_run();
}
