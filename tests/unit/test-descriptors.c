/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whether descriptors are short is seen from one that is opened. */

#include "util/descriptors.h"

#include <fcntl.h>
#include <glib.h>
#include <sys/resource.h>

#define LIMIT 64
#define SPARE 16

static void set_limit(rlim_t soft)
{
        struct rlimit limit;

        g_assert_cmpint(getrlimit(RLIMIT_NOFILE, &limit), ==, 0);
        limit.rlim_cur = soft;
        g_assert_cmpint(setrlimit(RLIMIT_NOFILE, &limit), ==, 0);
}

static rlim_t get_limit(void)
{
        struct rlimit limit;

        g_assert_cmpint(getrlimit(RLIMIT_NOFILE, &limit), ==, 0);
        return limit.rlim_cur;
}

static void test_short(void)
{
        int fds[LIMIT], count = 0;

        set_limit(LIMIT);
        g_assert_false(descriptors_are_short(0, SPARE));
        while ((fds[count] = fcntl(0, F_DUPFD_CLOEXEC, 0)) < LIMIT - SPARE)
                count++;
        (void) close(fds[count]);
        g_assert_true(descriptors_are_short(0, SPARE));
        while ((fds[count] = fcntl(0, F_DUPFD_CLOEXEC, 0)) >= 0)
                count++;
        g_assert_true(descriptors_are_short(0, SPARE));
        /* Such a limit was set on purpose. */
        g_assert_false(descriptors_are_short(0, LIMIT));
        while (count > 0)
                (void) close(fds[--count]);
        g_assert_false(descriptors_are_short(0, SPARE));
}

static void test_limit(void)
{
        set_limit(256);
        descriptors_raise_limit(200);
        g_assert_cmpuint(get_limit(), ==, 256);
        descriptors_raise_limit(300);
        g_assert_cmpuint(get_limit(), ==, 300);
        descriptors_lower_limit();
        g_assert_cmpuint(get_limit(), ==, 300);
        descriptors_raise_limit(1025);
        descriptors_lower_limit();
        g_assert_cmpuint(get_limit(), <=, 1024);
}

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/descriptors/short", test_short);
        g_test_add_func("/descriptors/limit", test_limit);
        return g_test_run();
}
