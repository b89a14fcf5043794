/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What came, went and stayed, as a table and for every pair of subsets of four names. */

#include <glib.h>

#include "model/reconcile.h"
#include "sample-set.h"

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

                sample_set_add(&remembered, table[i].remembered);
                sample_set_add(&found, table[i].found);
                g_assert_cmpint(reconcile(&remembered, &found, &result), ==, 0);
                sample_set_assert(&result.removed, table[i].removed);
                sample_set_assert(&result.added, table[i].added);
                sample_set_assert(&result.updated, table[i].updated);
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
