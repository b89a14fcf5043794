/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Errors that say something about the process, and whether it has descriptors left. */

#include <glib.h>
#include <sys/resource.h>

#include "util/exhausted.h"

static void test_errors(void)
{
        g_assert_true(exhausted(-ENOMEM) && exhausted(-EMFILE) && exhausted(-ENFILE));
        g_assert_false(exhausted(0) || exhausted(-ENOENT) || exhausted(ENOMEM));
}

static void test_descriptors(void)
{
        struct rlimit limit, few;

        g_assert_cmpint(exhausted_check_descriptors(), ==, 0);
        g_assert_cmpint(getrlimit(RLIMIT_NOFILE, &limit), ==, 0);
        few = limit;
        few.rlim_cur = 8;
        g_assert_cmpint(setrlimit(RLIMIT_NOFILE, &few), ==, 0);
        g_assert_cmpint(exhausted_check_descriptors(), ==, -EMFILE);
        g_assert_cmpint(setrlimit(RLIMIT_NOFILE, &limit), ==, 0);
        g_assert_cmpint(exhausted_check_descriptors(), ==, 0);
}

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/exhausted/errors", test_errors);
        g_test_add_func("/exhausted/descriptors", test_descriptors);
        return g_test_run();
}
