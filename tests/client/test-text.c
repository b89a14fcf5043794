/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Escaping, measuring and cutting of text; times. */

#include <glib.h>
#include <locale.h>
#include <stdlib.h>

#include "text.h"
#include "time-text.h"

static void test_escape(void)
{
        static const struct {
                const char *text, *escaped;
        } cases[] = {
                { "", "" },
                { "1.6.4", "1.6.4" },
                { "a b\\", "a b\\" },
                { "a\nb\tc\x7f", "a\\x0ab\\x09c\\x7f" },
                { "\033[31m", "\\x1b[31m" },
                { "\xc2\x9b", "\\xc2\\x9b" }, /* C1: CSI in one character */
                { "\xff\xfe", "\\xff\\xfe" },
                { "\xc0\xaf", "\\xc0\\xaf" },          /* overlong "/" */
                { "\xe0\x80\xaf", "\\xe0\\x80\\xaf" }, /* likewise */
                { "\xed\xa0\x80", "\\xed\\xa0\\x80" }, /* surrogate */
                { "\xe7\x89", "\\xe7\\x89" },          /* cut off */
                { "版本", "版本" },
                { "a\u202e"
                  "b\u2028",
                                "a\\u202eb\\u2028" },
        };

        for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
                g_autofree char *escaped = text_escape(cases[i].text);

                g_assert_cmpstr(escaped, ==, cases[i].escaped);
        }
}

/* It stays the same document. */
static void test_escape_json(void)
{
        g_autofree char *escaped = text_escape_json("{\n \"a\x7f\": \"\xc2\x9b\u202e版本\"\n}");

        g_assert_cmpstr(escaped, ==, "{\n \"a\\u007f\": \"\\u009b\\u202e版本\"\n}");
}

static void test_width(void)
{
        g_assert_cmpuint(text_width(""), ==, 0);
        g_assert_cmpuint(text_width("1.6.4"), ==, 5);
        g_assert_cmpuint(text_width("版本2"), ==, 5);
        g_assert_cmpuint(text_width("e\u0301"), ==, 1);
        g_assert_cmpuint(text_fitting("1.6.4", 3), ==, 3);
        g_assert_cmpuint(text_fitting("1.6.4", 9), ==, 5);
        g_assert_cmpuint(text_fitting("版本2", 3), ==, 3); /* half a character can't be shown */
        g_assert_cmpuint(text_fitting("版本2", 4), ==, 6);
        g_assert_true(text_is_utf8("版本"));
        g_assert_false(text_is_utf8("a\xff"));
}

static void test_time(void)
{
        static const struct {
                const char *text;
                uint64_t seconds;
        } good[] = {
                { "@0", 0 },
                { "@1795312800", 1795312800 },
                { "2026-11-22", 1795305600 },
                { "2026-11-22 02:00", 1795312800 },
                { "2026-11-22 02:00:01", 1795312801 },
        };
        static const char *const bad[] = { "", "x", "@", "@-1", "@1x", "-", "-h", "-1y", "-99999999999w",
                "2026-02-31", "2026-13-01", "2026-11-22 25:00", "2026-11-22x", "@99999999999999999999" };
        char text[TIME_TEXT_SIZE];
        uint64_t time, now;

        for (unsigned i = 0; i < G_N_ELEMENTS(good); i++) {
                g_assert_cmpint(time_parse(good[i].text, &time), ==, 0);
                g_assert_cmpuint(time, ==, good[i].seconds * 1000000);
        }
        for (unsigned i = 0; i < G_N_ELEMENTS(bad); i++)
                g_assert_cmpint(time_parse(bad[i], &time), <, 0);
        g_assert_cmpint(time_parse("now", &now), ==, 0);
        g_assert_cmpint(time_parse("-2h", &time), ==, 0);
        g_assert_cmpuint(now - time, <=, UINT64_C(7200) * 1000000);
        g_assert_cmpuint(now - time, >=, UINT64_C(7190) * 1000000);
        g_assert_cmpint(time_parse("today", &now), ==, 0);
        g_assert_cmpint(time_parse("yesterday", &time), ==, 0);
        g_assert_cmpuint(now - time, ==, UINT64_C(86400) * 1000000);
        time_format(UINT64_C(1795312800123456), text);
        g_assert_cmpstr(text, ==, "2026-11-22 02:00:00");
        time_format(UINT64_MAX, text);
        g_assert_cmpstr(text, ==, "-");
}

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
        g_setenv("TZ", "UTC", TRUE);
        g_assert_nonnull(setlocale(LC_CTYPE, "C.UTF-8"));
        g_test_add_func("/client/text/escape", test_escape);
        g_test_add_func("/client/text/escape-json", test_escape_json);
        g_test_add_func("/client/text/width", test_width);
        g_test_add_func("/client/time", test_time);
        return g_test_run();
}
