/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Few file descriptors: what is published stays, with a problem that says why it may be old. */

#include <glib.h>
#include <string.h>
#include <sys/resource.h>

#include "host.h"

#define ICE DRIVER_PATH("ice")

static void set_limit(const Harness *harness, rlim_t count)
{
        struct rlimit limit;

        g_assert_cmpint(prlimit(harness->daemon->pid, RLIMIT_NOFILE, NULL, &limit), ==, 0);
        limit.rlim_cur = count;
        g_assert_cmpint(prlimit(harness->daemon->pid, RLIMIT_NOFILE, &limit, NULL), ==, 0);
}

/* The name of the error, or "". */
static char *rescan(Harness *harness)
{
        return call_error(harness->superuser, NULL, MANAGER_PATH, MANAGER, "Rescan", NULL);
}

static char *drivers(Harness *harness)
{
        return call_text(harness->stranger, MANAGER_PATH, MANAGER, "ListDrivers", NULL);
}

static bool is_told(Harness *harness)
{
        char *problems = property_text(harness->stranger, MANAGER_PATH, MANAGER, "Problems");
        bool told = strstr(problems, "host-unreadable") != NULL;

        g_free(problems);
        return told;
}

/* With each limit: either it can be read, or it says that it can't. */
static void test_lowered(void)
{
        Harness *harness CLEANUP_HARNESS = harness_new(host_with_nics);
        unsigned told = 0;
        char *before, *versions;

        harness_start_daemon(harness);
        before = drivers(harness);
        versions = property_text(harness->stranger, ICE, DRIVER, "VersionDetails");
        for (rlim_t count = 8; count <= 60; count++) {
                char *error, *now;

                set_limit(harness, count);
                error = rescan(harness);
                now = drivers(harness);
                g_assert_cmpstr(now, ==, before);
                assert_property(harness->stranger, ICE, DRIVER, "VersionDetails", versions);
                g_assert_true(is_told(harness) == (*error != '\0'));
                told += *error != '\0';
                g_free(error);
                g_free(now);
        }
        /* Both were tried. */
        g_assert_cmpuint(told, >, 0);
        g_assert_cmpuint(told, <, 53);
        g_free(before);
        g_free(versions);
}

/* What changes meanwhile is seen when there are descriptors again. */
static void test_raised(void)
{
        Harness *harness CLEANUP_HARNESS = harness_new(host_with_nics);
        char *error;

        harness_start_daemon(harness);
        set_limit(harness, 8);
        sample_root_add_module(&harness->sample, harness->kernel, "xenserver/intel-ice/9.9/ice.ko", "9.9");
        error = rescan(harness);
        g_assert_cmpstr(error, ==, "org.hostdriver1.Error.Failed");
        g_free(error);
        g_assert_true(is_told(harness));
        set_limit(harness, 1024);
        error = rescan(harness);
        g_assert_cmpstr(error, ==, "");
        g_free(error);
        g_assert_false(is_told(harness));
        assert_property(harness->stranger, ICE, DRIVER, "Versions", "[kernel 1.6.4 1.11.17.1 9.9]");
}

static void add_tests(void)
{
        g_test_add_func("/descriptors/lowered", test_lowered);
        g_test_add_func("/descriptors/raised", test_raised);
}

int main(int argc, char *argv[])
{
        return harness_main(argc, argv, add_tests);
}
