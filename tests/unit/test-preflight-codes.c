/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The distance of words, and what somebody may have meant who named a code that there isn't. */

#include <glib.h>
#include <stdint.h>

#include "model/preflight-codes.h"
#include "util/word-distance.h"

static void test_distance(void)
{
        g_assert_cmpuint(word_distance("list", "list"), ==, 0);
        g_assert_cmpuint(word_distance("lst", "list"), ==, 1);
        g_assert_cmpuint(word_distance("lsit", "list"), ==, 1);
        g_assert_cmpuint(word_distance("slect", "select"), ==, 1);
        g_assert_cmpuint(word_distance("", "why"), ==, 3);
        g_assert_cmpuint(word_distance("kitten", "sitting"), ==, 3);
        g_assert_cmpuint(word_distance("012345678901234567890123456789012", "x"), ==, SIZE_MAX);
}

static void test_find(void)
{
        g_assert_true(preflight_code_find("vermagic-mismatch")->refuses);
        g_assert_true(preflight_code_find("owned-by-package")->refuses);
        g_assert_false(preflight_code_find("firmware-missing")->refuses);
        g_assert_null(preflight_code_find("drift"));
        g_assert_null(preflight_code_find(""));
}

static void test_suggest(void)
{
        static const struct {
                const char *written, *meant;
        } cases[] = {
                { "vermagic-mismach", "vermagic-mismatch" },
                { "vermagic_mismatch", "vermagic-mismatch" },
                { "vermagic", "vermagic-mismatch" },
                { "no-hardwrae", "no-hardware" },
                { "symbol-mising", "symbol-missing" },
                { "no-spce", "no-space" },
                { "symbol-", "symbol-crc-mismatch" },
                { "drift", NULL },
                { "all", NULL },
                { "*", NULL },
                { "", NULL },
                { "no", NULL },
                { "firmware-mising", NULL }, /* is but a warning */
                { "a-word-of-which-nobody-would-have-thought", NULL },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
                g_assert_cmpstr(preflight_code_suggest(cases[i].written), ==, cases[i].meant);
}

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/preflight-codes/distance", test_distance);
        g_test_add_func("/preflight-codes/find", test_find);
        g_test_add_func("/preflight-codes/suggest", test_suggest);
        return g_test_run();
}
