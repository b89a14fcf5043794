/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lists of problems: in their order, and when two are the same. */

#include <glib.h>

#include "model/problem.h"

static void add(ProblemList *list, Severity severity, const char *code, const char *sentence)
{
        g_assert_cmpint(problem_list_add(list, severity, code, "%s", sentence), ==, 0);
}

static void test_add(void)
{
        ProblemList list CLEANUP_PROBLEM_LIST = { 0 };

        for (unsigned i = 0; i < 20; i++)
                g_assert_cmpint(problem_list_add(&list, SEVERITY_INFO, "code", "It is %u.", i), ==, 0);
        g_assert_cmpint(problem_list_name_module(&list, "ice"), ==, 0);
        g_assert_cmpuint(list.count, ==, 20);
        g_assert_cmpstr(list.items[0].sentence, ==, "It is 0.");
        g_assert_null(list.items[18].module);
        g_assert_cmpstr(list.items[19].module, ==, "ice");
        g_assert_cmpint(problem_list_name_module(&list, "tg3"), ==, 0);
        g_assert_cmpstr(list.items[19].module, ==, "tg3");
        problem_list_done(&list);
        g_assert_cmpuint(list.count, ==, 0);
}

static void test_equal(void)
{
        static const Problem rows[] = {
                { SEVERITY_INFO, "code", (char *) "It is.", NULL },
                { SEVERITY_ERROR, "code", (char *) "It is.", NULL },
                { SEVERITY_INFO, "other", (char *) "It is.", NULL },
                { SEVERITY_INFO, "code", (char *) "It isn't.", NULL },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
                ProblemList a CLEANUP_PROBLEM_LIST = { 0 }, b CLEANUP_PROBLEM_LIST = { 0 };

                g_assert_true(problem_list_equal(&a, &b));
                add(&a, rows[0].severity, rows[0].code, rows[0].sentence);
                g_assert_false(problem_list_equal(&a, &b));
                add(&b, rows[i].severity, rows[i].code, rows[i].sentence);
                g_assert_cmpint(problem_list_equal(&a, &b), ==, i == 0);
                /* Nobody is shown that. */
                g_assert_cmpint(problem_list_name_module(&b, "ice"), ==, 0);
                g_assert_cmpint(problem_list_equal(&a, &b), ==, i == 0);
        }
}

static void test_severity(void)
{
        g_assert_cmpstr(severity_text(SEVERITY_INFO), ==, "info");
        g_assert_cmpstr(severity_text(SEVERITY_WARNING), ==, "warning");
        g_assert_cmpstr(severity_text(SEVERITY_ERROR), ==, "error");
}

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/problem/add", test_add);
        g_test_add_func("/problem/equal", test_equal);
        g_test_add_func("/problem/severity", test_severity);
        return g_test_run();
}
