/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Few file descriptors: what is published stays, with a problem that says why it may be old. Few watches:
 * that is told for as long as it is so. */

#include <errno.h>
#include <glib.h>
#include <string.h>
#include <sys/resource.h>

#include "host.h"
#include "wait.h"

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

static bool is_told(Harness *harness, const char *code)
{
        char *problems = property_text(harness->stranger, MANAGER_PATH, MANAGER, "Problems");
        bool told = strstr(problems, code) != NULL;

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
                g_assert_true(is_told(harness, "host-unreadable") == (*error != '\0'));
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

static int on_owner_changed(sd_bus_message *message, void *userdata, sd_bus_error *ret_error)
{
        return 0; /* it wakes the loop, which looks again */
}

static bool has_decided(void *userdata)
{
        const Harness *harness = userdata;

        return harness->daemon->ended ||
               sd_bus_get_name_creds(harness->superuser, SERVICE_NAME, 0, NULL) >= 0;
}

/* From the start: it either publishes all there is, or ends with a sentence, for systemd to try it again. */
static void test_from_start(void)
{
        Harness *harness CLEANUP_HARNESS = harness_new(host_with_nics);
        g_autofree char *all = NULL;

        harness_start_daemon(harness);
        all = drivers(harness);
        harness_stop_daemon(harness);
        g_assert_cmpint(sd_bus_add_match(harness->superuser, NULL,
                                        "type='signal',sender='org.freedesktop.DBus',"
                                        "member='NameOwnerChanged'",
                                        on_owner_changed, NULL),
                        >=, 0);
        for (unsigned count = 8; count <= 48; count += 4) {
                g_autofree char *wrapper = g_strdup_printf("/usr/bin/prlimit --nofile=%u", count);
                g_autofree char *now = NULL, *output = NULL;

                g_setenv("HOSTDRIVER_WRAPPER", wrapper, TRUE);
                harness->daemon = harness_spawn_daemon(harness, NULL);
                g_unsetenv("HOSTDRIVER_WRAPPER");
                wait_until(harness->event, has_decided, harness, "the service");
                output = process_output(harness->daemon);
                g_test_message("%u: %s", count, output);
                if (harness->daemon->ended) {
                        g_assert_cmpint(process_status(harness->daemon), ==, EXIT_FAILURE);
                        g_assert_nonnull(strstr(output, strerror(EMFILE)));
                        harness->daemon = process_free(harness->daemon);
                        continue;
                }
                now = drivers(harness);
                g_assert_cmpstr(now, ==, all);
                harness_stop_daemon(harness);
        }
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
        g_assert_true(is_told(harness, "host-unreadable"));
        set_limit(harness, 1024);
        error = rescan(harness);
        g_assert_cmpstr(error, ==, "");
        g_free(error);
        g_assert_false(is_told(harness, "host-unreadable"));
        assert_property(harness->stranger, ICE, DRIVER, "Versions", "[kernel 1.6.4 1.11.17.1 9.9]");
}

/* True if the shell can do that. */
static bool run(const char *command)
{
        const char *argv[] = { "/bin/sh", "-c", command, NULL };
        int status;

        return g_spawn_sync(NULL, (char **) argv, NULL, G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, NULL, NULL,
                               &status, NULL) &&
               status == 0;
}

#define LIMIT "/proc/sys/user/max_inotify_watches"
#define IN_NAMESPACE "/usr/bin/unshare --user --map-root-user"

/* In a user namespace of its own, whose watches can be counted out, and raised. */
static void test_watches(void)
{
        Harness *harness CLEANUP_HARNESS = harness_new(host_with_nics);
        char *script CLEANUP_FREE = temp_dir_path(&harness->work, "few-watches");
        g_autofree char *wrapper = g_strdup_printf(IN_NAMESPACE " /bin/sh %s", script);
        g_autofree char *raise = NULL, *error = NULL;

        if (!run(IN_NAMESPACE " /bin/sh -c 'echo 8 >" LIMIT "'")) {
                g_test_skip("no user namespace with limits of its own can be made");
                return;
        }
        temp_dir_write(&harness->work, "few-watches", "echo 8 >" LIMIT " && exec \"$@\"\n");
        g_setenv("HOSTDRIVER_WRAPPER", wrapper, TRUE);
        harness_start_daemon(harness);
        g_unsetenv("HOSTDRIVER_WRAPPER");
        error = rescan(harness);
        g_assert_cmpstr(error, ==, "");
        while (!is_told(harness, "watch-limited"))
                ;
        raise = g_strdup_printf("nsenter --user --target %d /bin/sh -c 'echo 1000 >" LIMIT "'",
                        (int) harness->daemon->pid);
        g_assert_true(run(raise));
        g_free(error);
        error = rescan(harness);
        g_assert_cmpstr(error, ==, "");
        g_assert_false(is_told(harness, "watch-limited"));
}

static void add_tests(void)
{
        g_test_add_func("/descriptors/lowered", test_lowered);
        g_test_add_func("/descriptors/raised", test_raised);
        g_test_add_func("/descriptors/from-start", test_from_start);
        g_test_add_func("/descriptors/watches", test_watches);
}

int main(int argc, char *argv[])
{
        return harness_main(argc, argv, add_tests);
}
