/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Texts by a format: made, and put together. */

#include <errno.h>
#include <glib.h>
#include <wchar.h>

#include "util/text-format.h"

/* No character of the C locale: the only way to have vasprintf(3) fail without using up the memory. */
#define UNPRINTABLE "%lc", (wint_t) 0x110000

static void test_format(void)
{
        char *text CLEANUP_FREE = NULL, *other CLEANUP_FREE = NULL;

        g_assert_cmpint(text_format(&text, "%s-%u", "a", 1), ==, 0);
        g_assert_cmpstr(text, ==, "a-1");
        other = text_new("%s", text);
        g_assert_cmpstr(other, ==, "a-1");
}

static void test_failure(void)
{
        char *text = (char *) 1;

        g_assert_cmpint(text_format(&text, UNPRINTABLE), ==, -ENOMEM);
        g_assert_null(text);
        g_assert_null(text_new(UNPRINTABLE));
}

static void test_join(void)
{
        char *text CLEANUP_FREE = NULL;

        g_assert_cmpint(text_join(&text, ", ", "%s", "a"), ==, 0);
        g_assert_cmpstr(text, ==, "a");
        g_assert_cmpint(text_join(&text, ", ", "%s%s", "b", "c"), ==, 0);
        g_assert_cmpstr(text, ==, "a, bc");
        g_assert_cmpint(text_join(&text, ", ", UNPRINTABLE), ==, -ENOMEM);
        g_assert_cmpstr(text, ==, "a, bc");
}

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/text-format/format", test_format);
        g_test_add_func("/text-format/failure", test_failure);
        g_test_add_func("/text-format/join", test_join);
        return g_test_run();
}
