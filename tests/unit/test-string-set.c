/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Set arithmetic, against a naive count over the same items. */

#include <glib.h>

#include "sample-set.h"
#include "util/string-set.h"

static void test_order(void)
{
        StringSet set CLEANUP_STRING_SET = { 0 };

        sample_set_add(&set, "b a c a aa");
        sample_set_assert(&set, "a aa b c");
        g_assert_cmpint(string_set_add(&set, "b"), ==, 0);
        g_assert_true(string_set_contains(&set, "aa"));
        g_assert_false(string_set_contains(&set, ""));
        g_assert_cmpuint(string_set_find(&set, "b"), ==, 2);
        g_assert_cmpuint(string_set_find(&set, "ab"), ==, set.count);
        g_assert_true(string_set_remove(&set, "c"));
        g_assert_false(string_set_remove(&set, "c"));
        sample_set_assert(&set, "a aa b");
}

static void test_arithmetic(void)
{
        static const struct {
                const char *a, *b, *difference, *intersection;
        } table[] = {
                { "", "", "", "" },
                { "a b", "", "a b", "" },
                { "", "a b", "", "" },
                { "a b c", "b", "a c", "b" },
                { "b c", "a b c d", "", "b c" },
                { "ice irdma", "Ice irdma", "ice", "irdma" },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
                StringSet a CLEANUP_STRING_SET = { 0 }, b CLEANUP_STRING_SET = { 0 };
                StringSet difference CLEANUP_STRING_SET = { 0 }, both CLEANUP_STRING_SET = { 0 };

                sample_set_add(&a, table[i].a);
                sample_set_add(&b, table[i].b);
                g_assert_cmpint(string_set_difference(&a, &b, &difference), ==, 0);
                g_assert_cmpint(string_set_intersection(&a, &b, &both), ==, 0);
                sample_set_assert(&difference, table[i].difference);
                sample_set_assert(&both, table[i].intersection);
                g_assert_cmpint(difference.count + both.count, ==, a.count);
                g_assert_cmpint(string_set_add_all(&difference, &both), ==, 0);
                g_assert_true(string_set_equal(&difference, &a));
        }
}

static void test_many(void)
{
        StringSet set CLEANUP_STRING_SET = { 0 };

        for (unsigned i = 0; i < 3000; i++) {
                char name[16];

                (void) g_snprintf(name, sizeof(name), "m%u", (i * 7919) % 3000);
                g_assert_cmpint(string_set_add(&set, name), ==, 1);
        }
        g_assert_cmpint(set.count, ==, 3000);
        for (size_t i = 1; i < set.count; i++)
                g_assert_cmpstr(set.items[i - 1], <, set.items[i]);
        g_assert_null(set.items[set.count]);
}

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/string-set/order", test_order);
        g_test_add_func("/string-set/arithmetic", test_arithmetic);
        g_test_add_func("/string-set/many", test_many);
        return g_test_run();
}
