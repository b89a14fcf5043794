/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What callers may say wrongly: each gets an error that names it, and the disk stays as it was. */

#include <glib.h>

#include "host.h"
#include "snapshot.h"

#define ICE DRIVER_PATH("ice")
#define NO_SUCH_DRIVER "org.hostdriver1.Error.NoSuchDriver"
#define NO_SUCH_VERSION "org.hostdriver1.Error.NoSuchVersion"

static Harness *new_host(void)
{
        Harness *harness = harness_new(host_with_nics);

        harness_start_script(harness, POLKIT_YES);
        harness_start_daemon(harness);
        return harness;
}

/* Names that aren't any; D-Bus itself refuses what isn't UTF-8: see test_not_utf8(). */
static char **bad_names(void)
{
        static const char *const names[] = { "nothing", "", ".", "..", "../ice", "ice/", "/", "a/b",
                "1.6.4/../1.11.17.1", "line\nbreak", "\x1b[31mred", "ice.ko", "%s%n", "*", "ice " };
        GPtrArray *all = g_ptr_array_new();

        for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
                g_ptr_array_add(all, g_strdup(names[i]));
        g_ptr_array_add(all, g_strnfill(300, 'x'));
        g_ptr_array_add(all, NULL);
        return (char **) g_ptr_array_free(all, false);
}

/* The error must be EXPECTED or InvalidArgs, with a sentence without control characters. */
static void check_error(char *error, char *sentence, const char *expected, const char *name)
{
        if (!g_str_equal(error, expected) && !g_str_equal(error, SD_BUS_ERROR_INVALID_ARGS))
                g_error("\"%s\": %s: %s", name, error, sentence);
        g_assert_cmpuint(strlen(sentence), >, 10);
        for (const char *c = sentence; *c; c++)
                g_assert_false(g_ascii_iscntrl(*c));
        g_free(error);
        g_free(sentence);
}

static void test_drivers(void)
{
        Harness *harness CLEANUP_HARNESS = new_host();
        char *before = snapshot_take(harness->sample.dir.path);
        char **names = bad_names();
        char *sentence, *error;

        for (size_t i = 0; names[i]; i++) {
                error = call_error(harness->superuser, &sentence, MANAGER_PATH, MANAGER, "GetDriver", "s",
                                names[i]);
                check_error(error, sentence, NO_SUCH_DRIVER, names[i]);
                error = call_error(harness->superuser, &sentence, MANAGER_PATH, MANAGER, "GetDriverByUUID",
                                "s", names[i]);
                check_error(error, sentence, NO_SUCH_DRIVER, names[i]);
                error = call_error(harness->superuser, &sentence, MANAGER_PATH, MANAGER, "Select",
                                "a(ss)a{sv}", 1, names[i], "1.6.4", 0);
                check_error(error, sentence, NO_SUCH_DRIVER, names[i]);
        }
        snapshot_assert_same(harness->sample.dir.path, before);
        g_strfreev(names);
        g_free(before);
}

static void test_versions(void)
{
        Harness *harness CLEANUP_HARNESS = new_host();
        char *before = snapshot_take(harness->sample.dir.path);
        char **names = bad_names();
        char *sentence, *error;

        for (size_t i = 0; names[i]; i++) {
                error = call_error(
                                harness->superuser, &sentence, ICE, DRIVER, "Select", "sa{sv}", names[i], 0);
                check_error(error, sentence, NO_SUCH_VERSION, names[i]);
                error = call_error(
                                harness->superuser, &sentence, ICE, DRIVER, "Check", "sa{sv}", names[i], 0);
                check_error(error, sentence, NO_SUCH_VERSION, names[i]);
        }
        g_assert_cmpint(recorder_count(harness->recorder, "*JobNew*"), ==, 0);
        snapshot_assert_same(harness->sample.dir.path, before);
        g_strfreev(names);
        g_free(before);
}

static void test_options(void)
{
        Harness *harness CLEANUP_HARNESS = new_host();
        char *before = snapshot_take(harness->sample.dir.path);
        char *sentence, *error;

        error = call_error(harness->superuser, &sentence, ICE, DRIVER, "Select", "sa{sv}", "1.6.4", 1,
                        "frobnicate", "b", 1);
        g_assert_cmpstr(error, ==, SD_BUS_ERROR_INVALID_ARGS);
        g_assert_nonnull(strstr(sentence, "frobnicate"));
        g_free(error);
        g_free(sentence);

        error = call_error(harness->superuser, &sentence, ICE, DRIVER, "Select", "sa{sv}", "1.6.4", 1,
                        "ignore", "b", 1);
        g_assert_cmpstr(error, ==, SD_BUS_ERROR_INVALID_ARGS);
        g_assert_nonnull(strstr(sentence, "ignore"));
        g_free(error);
        g_free(sentence);

        error = call_error(harness->superuser, &sentence, ICE, DRIVER, "Select", "sa{sv}", "1.6.4", 1,
                        "kernels", "as", 1, "../../etc");
        g_assert_nonnull(strstr(sentence, "../../etc"));
        g_assert_true(g_str_equal(error, SD_BUS_ERROR_INVALID_ARGS) || g_str_equal(error, NO_SUCH_VERSION));
        g_free(error);
        g_free(sentence);

        error = call_error(harness->superuser, &sentence, ICE, DRIVER, "Deselect", "a{sv}", 1, "ignore",
                        "as", 0);
        g_assert_cmpstr(error, ==, SD_BUS_ERROR_INVALID_ARGS);
        g_free(error);
        g_free(sentence);

        error = call_error(harness->superuser, &sentence, MANAGER_PATH, MANAGER, "GetHistory", "a{sv}", 1,
                        "limit", "s", "many");
        g_assert_cmpstr(error, ==, SD_BUS_ERROR_INVALID_ARGS);
        g_free(error);
        g_free(sentence);
        snapshot_assert_same(harness->sample.dir.path, before);
        g_free(before);
}

static void test_targets(void)
{
        Harness *harness CLEANUP_HARNESS = new_host();
        char *before = snapshot_take(harness->sample.dir.path);
        char *sentence, *error;

        error = call_error(harness->superuser, &sentence, MANAGER_PATH, MANAGER, "Select", "a(ss)a{sv}", 2,
                        "ice", "1.6.4", "ice", "1.11.17.1", 0);
        check_error(error, sentence, "org.hostdriver1.Error.Conflict", "two versions of one driver");
        error = call_error(
                        harness->superuser, &sentence, MANAGER_PATH, MANAGER, "Select", "a(ss)a{sv}", 0, 0);
        check_error(error, sentence, SD_BUS_ERROR_INVALID_ARGS, "no target");
        snapshot_assert_same(harness->sample.dir.path, before);
        g_free(before);
}

/* Objects that aren't there, and methods that aren't theirs. */
static void test_objects(void)
{
        static const struct {
                const char *path, *interface, *member, *error;
        } table[] = {
                { "/org/hostdriver1/driver/nothing", DRIVER, "Why", NO_SUCH_DRIVER },
                { "/org/hostdriver1/driver/_2e_2e", DRIVER, "Why", NO_SUCH_DRIVER },
                { "/org/hostdriver1/driver/_zz", DRIVER, "Why", NO_SUCH_DRIVER },
                { "/org/hostdriver1/job/1", JOB, "Cancel", SD_BUS_ERROR_UNKNOWN_OBJECT },
                { "/org/hostdriver1/job/99999999999999999999", JOB, "Cancel", SD_BUS_ERROR_UNKNOWN_OBJECT },
                { ICE, DRIVER, "Explode", SD_BUS_ERROR_UNKNOWN_METHOD },
                { ICE, MANAGER, "ListDrivers", SD_BUS_ERROR_UNKNOWN_INTERFACE },
        };
        Harness *harness CLEANUP_HARNESS = new_host();

        for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
                char *error = call_error(harness->stranger, NULL, table[i].path, table[i].interface,
                                table[i].member, NULL);

                /* sd-bus says UnknownMethod where the object has other interfaces. */
                if (!g_str_equal(error, table[i].error) && !g_str_equal(error, SD_BUS_ERROR_UNKNOWN_METHOD))
                        g_error("%s.%s: %s", table[i].path, table[i].member, error);
                g_free(error);
        }
}

/* The bus ends a connection that sends what isn't UTF-8, so the service never sees it. */
static void test_not_utf8(void)
{
        Harness *harness CLEANUP_HARNESS = new_host();
        sd_bus_message *message = NULL;

        g_assert_cmpint(sd_bus_message_new_method_call(harness->stranger, &message, SERVICE_NAME,
                                        MANAGER_PATH, MANAGER, "GetDriver"),
                        >=, 0);
        g_assert_cmpint(sd_bus_message_append(message, "s", "\xff\xfe"), <, 0);
        (void) sd_bus_message_unref(message);
        assert_property(harness->stranger, ICE, DRIVER, "Name", "ice");
}

static void test_wrong_signature(void)
{
        Harness *harness CLEANUP_HARNESS = new_host();
        char *error = call_error(harness->superuser, NULL, ICE, DRIVER, "Select", "s", "1.6.4");

        g_assert_cmpstr(error, ==, SD_BUS_ERROR_INVALID_ARGS);
        g_free(error);
        error = call_error(harness->superuser, NULL, ICE, DRIVER, "Select", "u", 1);
        g_assert_cmpstr(error, ==, SD_BUS_ERROR_INVALID_ARGS);
        g_free(error);
}

static void add_tests(void)
{
        g_test_add_func("/bad-arguments/drivers", test_drivers);
        g_test_add_func("/bad-arguments/versions", test_versions);
        g_test_add_func("/bad-arguments/options", test_options);
        g_test_add_func("/bad-arguments/targets", test_targets);
        g_test_add_func("/bad-arguments/objects", test_objects);
        g_test_add_func("/bad-arguments/not-utf8", test_not_utf8);
        g_test_add_func("/bad-arguments/wrong-signature", test_wrong_signature);
}

int main(int argc, char *argv[])
{
        return harness_main(argc, argv, add_tests);
}
