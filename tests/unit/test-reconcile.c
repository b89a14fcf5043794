/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What came, went and stayed, as a table and for every pair of subsets of four names. */

#include <glib.h>

#include "model/reconcile.h"

static void fill(StringSet *set, const char *words)
{
        char **list = g_strsplit(words, " ", -1);

        for (size_t i = 0; list[i]; i++)
                if (*list[i])
                        g_assert_cmpint(string_set_add(set, list[i]), >=, 0);
        g_strfreev(list);
}

static void check(const StringSet *set, const char *words)
{
        char *joined = set->count > 0 ? g_strjoinv(" ", set->items) : g_strdup("");

        g_assert_cmpstr(joined, ==, words);
        g_free(joined);
}

static void test_table(void)
{
        static const struct {
                const char *remembered, *found, *removed, *added, *updated;
        } table[] = {
                { "", "", "", "", "" },
                { "", "ice irdma", "", "ice irdma", "" },
                { "ice irdma", "", "ice irdma", "", "" },
                { "ice irdma", "ice irdma", "", "", "ice irdma" },
                { "ice irdma", "ice mlx5_core", "irdma", "mlx5_core", "ice" },
                { "Ice", "ice", "Ice", "ice", "" },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
                StringSet remembered CLEANUP_STRING_SET = { 0 }, found CLEANUP_STRING_SET = { 0 };
                Reconciliation result CLEANUP(reconciliation_done) = { 0 };

                fill(&remembered, table[i].remembered);
                fill(&found, table[i].found);
                g_assert_cmpint(reconcile(&remembered, &found, &result), ==, 0);
                check(&result.removed, table[i].removed);
                check(&result.added, table[i].added);
                check(&result.updated, table[i].updated);
        }
}

static void test_all_subsets(void)
{
        static const char *const names[] = { "a", "b", "c", "d" };

        for (unsigned pair = 0; pair < 256; pair++) {
                StringSet remembered CLEANUP_STRING_SET = { 0 }, found CLEANUP_STRING_SET = { 0 };
                Reconciliation result CLEANUP(reconciliation_done) = { 0 };

                for (unsigned i = 0; i < 4; i++) {
                        if (pair & 1U << i)
                                g_assert_cmpint(string_set_add(&remembered, names[i]), ==, 1);
                        if (pair & 16U << i)
                                g_assert_cmpint(string_set_add(&found, names[i]), ==, 1);
                }
                g_assert_cmpint(reconcile(&remembered, &found, &result), ==, 0);
                for (unsigned i = 0; i < 4; i++) {
                        bool was = pair & 1U << i, is = pair & 16U << i;

                        g_assert_true(string_set_contains(&result.removed, names[i]) == (was && !is));
                        g_assert_true(string_set_contains(&result.added, names[i]) == (is && !was));
                        g_assert_true(string_set_contains(&result.updated, names[i]) == (was && is));
                }
        }
}

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/reconcile/table", test_table);
        g_test_add_func("/reconcile/all-subsets", test_all_subsets);
        return g_test_run();
}
