/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the kernel and libkmod read from the same command line, which isn't always the same. */

#include <glib.h>

#include "host/kernel-command-line.h"

static void test_value(void)
{
        static const struct {
                const char *text, *name, *expected; /* NULL: it isn't set */
        } table[] = {
                { "", "module_blacklist", NULL },
                { "quiet module_blacklist=ice ro\n", "module_blacklist", "ice" },
                { "module_blacklist=a module_blacklist=b", "module_blacklist", "b" },
                { "module-blacklist=ice", "module_blacklist", "ice" },
                { "module_blacklist", "module_blacklist", NULL },
                { "module_blacklist=", "module_blacklist", "" },
                { "xmodule_blacklist=ice", "module_blacklist", NULL },
                { "module_blacklist=\"a b\"", "module_blacklist", "a b" },
                { "\"module_blacklist=a b\"", "module_blacklist", "a b" },
                { "module_blacklist=\"a b", "module_blacklist", "a b" },
                { "module_blacklist=a -- module_blacklist=b", "module_blacklist", "a" },
                { "module_blacklist=a --x module_blacklist=b", "module_blacklist", "b" },
                { "module_blacklist=a \"--\" module_blacklist=b", "module_blacklist", "a" },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
                char *value CLEANUP_FREE = NULL;
                int r = kernel_command_line_value(table[i].text, table[i].name, &value);

                g_test_message("%s", table[i].text);
                g_assert_cmpint(r, ==, table[i].expected ? 1 : 0);
                g_assert_cmpstr(value, ==, table[i].expected);
        }
}

/* param_set_charp() refuses more than 1024 bytes, and what was set before stays. */
static void test_long_value(void)
{
        g_autofree char *longest = g_strnfill(1024, 'a');
        g_autofree char *fits = g_strconcat("a=b a=", longest, NULL);
        g_autofree char *too_long = g_strconcat("a=b a=c", longest, NULL);
        char *value CLEANUP_FREE = NULL, *other CLEANUP_FREE = NULL;

        g_assert_cmpint(kernel_command_line_value(fits, "a", &value), ==, 1);
        g_assert_cmpstr(value, ==, longest);
        g_assert_cmpint(kernel_command_line_value(too_long, "a", &other), ==, 1);
        g_assert_cmpstr(other, ==, "b");
}

static void test_blacklist(void)
{
        static const struct {
                const char *text;
                const char *expected[3];
        } table[] = {
                { "quiet", { NULL } },
                { "modprobe.blacklist=a,b ro modprobe.blacklist=c", { "a,b", "c" } },
                { "-- modprobe.blacklist=a", { "a" } },
                { "\"modprobe.blacklist=a b\"", { "\"a b\"" } },
                { "modprobe.blacklist=\"a b\"", { "\"a b\"" } },
                { "modprobe-blacklist=a", { NULL } },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
                size_t position = 0, count = 0;

                for (;; count++) {
                        char *value CLEANUP_FREE = NULL;

                        if (kernel_command_line_blacklist(table[i].text, &position, &value) == 0)
                                break;
                        g_assert_cmpstr(value, ==, table[i].expected[count]);
                }
                g_assert_null(table[i].expected[count]);
        }
}

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/kernel-command-line/value", test_value);
        g_test_add_func("/kernel-command-line/long-value", test_long_value);
        g_test_add_func("/kernel-command-line/blacklist", test_blacklist);
        return g_test_run();
}
