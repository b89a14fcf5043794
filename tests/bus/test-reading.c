/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the objects say of drivers and host, and of mistakes in calls; who they are after a restart. */

#include <glib/gstdio.h>
#include <string.h>

#include "service-fixture.h"

#define ICE "/org/hostdriver1/driver/ice"

#define check_driver(property, value) \
        service_fixture_check_property(fixture, ICE, DRIVER_INTERFACE, property, value)
#define check_manager(property, value) \
        service_fixture_check_property(fixture, MANAGER_PATH, MANAGER_INTERFACE, property, value)

static void test_properties(ServiceFixture *fixture, gconstpointer data)
{
        char *host = service_fixture_property(fixture, MANAGER_PATH, MANAGER_INTERFACE, "HostID");

        check_driver("Name", "'ice'");
        check_driver("Host", host);
        check_driver("Package", "'intel-ice'");
        check_driver("Versions", "['kernel', '1.6.4', '1.11.17.1']");
        check_driver("Selected", "'1.11.17.1'");
        check_driver("Effective", "'/lib/modules/" SAMPLE_KERNEL "/updates/ice.ko'");
        check_driver("Active", "''");
        check_driver("ActiveBy", "''");
        check_driver("Loaded", "false");
        check_driver("RebootRequired", "false");
        check_driver("Description", "'Intel(R) Ethernet Connection E800 Series'");
        check_driver("Type", "''");
        check_driver("HardwarePresent", "true");
        check_driver("Devices", "[]"); /* it isn't loaded */
        check_driver("SelectedByKernel", "{'" SAMPLE_KERNEL "': '1.11.17.1'}");
        check_driver("Job", "'/'");
        check_manager("Version", "'" PROJECT_VERSION "'");
        check_manager("KernelRelease", "'" SAMPLE_KERNEL "'");
        check_manager("Kernels", "['" SAMPLE_KERNEL "']");
        check_manager("RebootRequired", "false");
        check_manager("RebootReasons", "[]");
        check_manager("Problems", "[]");
        g_free(host);
}

static void test_list(ServiceFixture *fixture, gconstpointer data)
{
        static const char *const names[] = { "bnx2fc", "dell_laptop", "ice" };
        GVariant *reply =
                        service_fixture_call(fixture, MANAGER_PATH, MANAGER_INTERFACE, "ListDrivers", NULL);
        GVariant *drivers = g_variant_get_child_value(reply, 0);

        g_assert_cmpint(g_variant_n_children(drivers), ==, G_N_ELEMENTS(names));
        for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
                const char *name, *path;
                char *encoded;

                g_variant_get_child(drivers, i, "(&sssssbo)", &name, NULL, NULL, NULL, NULL, NULL, NULL);
                g_assert_cmpstr(name, ==, names[i]);
                g_variant_get_child(drivers, i, "(sssssb&o)", NULL, NULL, NULL, NULL, NULL, NULL, &path);
                g_assert_cmpint(sd_bus_path_encode(DRIVER_PREFIX, name, &encoded), >=, 0);
                g_assert_cmpstr(path, ==, encoded);
                free(encoded);
        }
        g_variant_unref(drivers);
        g_variant_unref(reply);
}

/* Everything that has something to say is there, and nothing else. */
static void test_details(ServiceFixture *fixture, gconstpointer data)
{
        static const char *const keys[] = { "tree", "package", "path", "version", "srcversion", "build-id",
                "note", "vermagic", "license", "kernels", "hardware-present", "covers", "signed",
                "in-tree" };
        GVariant *reply = service_fixture_call(fixture, ICE, "org.freedesktop.DBus.Properties", "Get",
                        g_variant_new("(ss)", DRIVER_INTERFACE, "VersionDetails"));
        GVariant *versions, *details;
        const char *text;

        g_variant_get(reply, "(v)", &versions);
        g_assert_cmpint(g_variant_n_children(versions), ==, 3);
        details = g_variant_lookup_value(versions, "1.6.4", G_VARIANT_TYPE("a{sv}"));
        g_assert_true(g_variant_lookup(details, "tree", "&s", &text));
        g_assert_cmpstr(text, ==, "xenserver");
        g_assert_true(g_variant_lookup(details, "path", "&s", &text));
        g_assert_cmpstr(text, ==, "xenserver/intel-ice/1.6.4/ice.ko");
        for (size_t i = 0; i < g_variant_n_children(details); i++) {
                bool known = false;

                g_variant_get_child(details, i, "{&sv}", &text, NULL);
                for (size_t j = 0; !known && j < G_N_ELEMENTS(keys); j++)
                        known = g_str_equal(text, keys[j]);
                if (!known)
                        g_error("The key %s has nothing to say here.", text);
        }
        g_variant_unref(details);
        g_variant_unref(versions);
        g_variant_unref(reply);
}

static void check_look_up(
                ServiceFixture *fixture, const char *method, const char *name, const char *expected)
{
        GVariant *reply = service_fixture_call(
                        fixture, MANAGER_PATH, MANAGER_INTERFACE, method, g_variant_new("(s)", name));
        const char *path;

        g_variant_get(reply, "(&o)", &path);
        g_assert_cmpstr(path, ==, expected);
        g_variant_unref(reply);
}

static void test_look_up(ServiceFixture *fixture, gconstpointer data)
{
        char *uuid = service_fixture_property(fixture, ICE, DRIVER_INTERFACE, "UUID");
        char *plain = g_strndup(uuid + 1, strlen(uuid) - 2), *upper = g_ascii_strup(plain, -1);

        check_look_up(fixture, "GetDriver", "ice", ICE);
        check_look_up(fixture, "GetDriver", "intel-ice", ICE);
        check_look_up(fixture, "GetDriver", "dell_laptop", "/org/hostdriver1/driver/dell_5flaptop");
        check_look_up(fixture, "GetDriver", "dell-laptop", "/org/hostdriver1/driver/dell_5flaptop");
        check_look_up(fixture, "GetDriverByUUID", plain, ICE);
        check_look_up(fixture, "GetDriverByUUID", upper, ICE);
        g_free(upper);
        g_free(plain);
        g_free(uuid);
}

/* An error of that name, in whose text the odd name can do no harm. */
static void check_refused(ServiceFixture *fixture, const char *path, const char *interface,
                const char *method, GVariant *parameters, const char *name)
{
        char *text = service_fixture_call_fails(fixture, path, interface, method, parameters, name);

        for (const char *p = text; *p; p++)
                g_assert_false(g_ascii_iscntrl(*p));
        g_free(text);
}

static void test_odd_names(ServiceFixture *fixture, gconstpointer data)
{
        char long_name[301];
        const char *const names[] = { "", ".", "..", "../../etc", "a/b", "a\nb", "\x1b[2J", "e1000", "%s%n",
                "\xc3\xa9t\xc3\xa9", long_name };

        memset(long_name, 'x', sizeof(long_name) - 1);
        long_name[sizeof(long_name) - 1] = '\0';
        for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
                const char *name = names[i];

                check_refused(fixture, MANAGER_PATH, MANAGER_INTERFACE, "GetDriver",
                                g_variant_new("(s)", name), ".NoSuchDriver");
                check_refused(fixture, MANAGER_PATH, MANAGER_INTERFACE, "GetDriverByUUID",
                                g_variant_new("(s)", name), ".NoSuchDriver");
                check_refused(fixture, ICE, DRIVER_INTERFACE, "Select",
                                g_variant_new("(sa{sv})", name, NULL), ".NoSuchVersion");
                check_refused(fixture, ICE, DRIVER_INTERFACE, "Check", g_variant_new("(sa{sv})", name, NULL),
                                ".NoSuchVersion");
                check_refused(fixture, ICE, DRIVER_INTERFACE, "Select",
                                g_variant_new_parsed("('1.6.4', {'kernels': <[%s]>})", name), "");
                check_refused(fixture, MANAGER_PATH, MANAGER_INTERFACE, "Select",
                                g_variant_new_parsed("([(%s, '1')], @a{sv} {})", name), ".NoSuchDriver");
        }
        check_refused(fixture, "/org/hostdriver1/driver/none", DRIVER_INTERFACE, "Why", NULL,
                        ".NoSuchDriver");
        check_refused(fixture, "/org/hostdriver1/job/1", JOB_INTERFACE, "Cancel", NULL, ".UnknownObject");
        g_assert_cmpint(fixture->authority.questions->len, ==, 0);
        service_fixture_check_events(fixture, "");
}

static void test_options(ServiceFixture *fixture, gconstpointer data)
{
        static const struct {
                const char *options, *sentence;
        } table[] = {
                { "{'colour': <'red'>}", "The option 'colour' isn't known to this method." },
                { "{'since': <uint64 1>}", "The option 'since' isn't known to this method." },
                { "{'a\\nb': <true>}", "The option 'a\\x0ab' isn't known to this method." },
                { "{'kernels': <'4.19.0+1'>}",
                                "The option 'kernels' must have the type 'as', and not 's'." },
                { "{'ignore': <[1, 2]>}", "The option 'ignore' must have the type 'as', and not 'ai'." },
                { "{'dry-run': <1>}", "The option 'dry-run' must have the type 'b', and not 'i'." },
                { "{'dry-run': <true>, 'dry-run': <true>}", "The option 'dry-run' is given twice." },
                { "{'kernels': <@as []>}",
                                "The option 'kernels' names no kernel release; leave it out to mean all." },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
                GError *error = NULL;
                GVariant *options = g_variant_parse(
                                G_VARIANT_TYPE("a{sv}"), table[i].options, NULL, NULL, &error);
                char *text;

                g_assert_no_error(error);
                text = service_fixture_call_fails(fixture, ICE, DRIVER_INTERFACE, "Select",
                                g_variant_new("(s@a{sv})", "1.6.4", options), ".InvalidArgs");
                g_assert_cmpstr(text, ==, table[i].sentence);
                g_free(text);
        }
        check_refused(fixture, MANAGER_PATH, MANAGER_INTERFACE, "Select",
                        g_variant_new("(a(ss)a{sv})", NULL, NULL), ".InvalidArgs");
        g_assert_cmpint(fixture->authority.questions->len, ==, 0);
}

static void test_order(ServiceFixture *fixture, gconstpointer data)
{
        static const struct {
                const char *a, *b;
                int result;
        } table[] = { { "1.6.4", "1.11.17.1", -1 }, { "2", "1", 1 }, { "1", "1", 0 } };

        for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
                GVariant *reply = service_fixture_call(fixture, MANAGER_PATH, MANAGER_INTERFACE,
                                "CompareVersions", g_variant_new("(ss)", table[i].a, table[i].b));
                int result;

                g_variant_get(reply, "(i)", &result);
                g_assert_cmpint(result, ==, table[i].result);
                g_variant_unref(reply);
        }
}

/* Each file of that name is a candidate, and one of them is the effective one. */
static void test_why(ServiceFixture *fixture, gconstpointer data)
{
        GVariant *reply = service_fixture_call(fixture, ICE, DRIVER_INTERFACE, "Why", NULL);
        GVariant *candidates = g_variant_get_child_value(reply, 0);
        const char *path, *version, *reason;
        gboolean effective;

        g_assert_cmpint(g_variant_n_children(candidates), ==, 4);
        g_variant_get_child(candidates, 0, "(&s&sb&s)", &path, &version, &effective, &reason);
        g_assert_cmpstr(path, ==, "/lib/modules/" SAMPLE_KERNEL "/updates/ice.ko");
        g_assert_cmpstr(version, ==, "1.11.17.1");
        g_assert_true(effective);
        for (size_t i = 1; i < g_variant_n_children(candidates); i++) {
                g_variant_get_child(candidates, i, "(&s&sb&s)", &path, &version, &effective, &reason);
                g_assert_false(effective);
                g_assert_cmpstr(reason, !=, "");
        }
        g_variant_unref(candidates);
        g_variant_unref(reply);
}

static void restart(ServiceFixture *fixture)
{
        service_fixture_stop(fixture);
        service_fixture_start(fixture);
}

static void test_restart(ServiceFixture *fixture, gconstpointer data)
{
        char *uuid = service_fixture_property(fixture, ICE, DRIVER_INTERFACE, "UUID");
        char *host = service_fixture_property(fixture, MANAGER_PATH, MANAGER_INTERFACE, "HostID");
        char *database = temp_dir_path(&fixture->sample.dir, "var/lib/hostdriver/hostdriver.db");

        restart(fixture);
        check_driver("UUID", uuid);

        /* A lost database loses no identity... */
        service_fixture_stop(fixture);
        g_assert_cmpint(g_unlink(database), ==, 0);
        service_fixture_start(fixture);
        check_driver("UUID", uuid);
        check_manager("HostID", host);

        /* ... and a new machine id none that is remembered. */
        service_fixture_stop(fixture);
        temp_dir_write(&fixture->sample.dir, "etc/machine-id", "00000000000000000000000000000001\n");
        service_fixture_start(fixture);
        check_driver("UUID", uuid);
        free(database);
        g_free(uuid);
        g_free(host);
}

static void test_no_machine_id(ServiceFixture *fixture, gconstpointer data)
{
        char *host, *problems;

        service_fixture_stop(fixture);
        temp_dir_write(&fixture->sample.dir, "etc/machine-id", "uninitialized\n");
        service_fixture_start(fixture);
        problems = service_fixture_property(fixture, MANAGER_PATH, MANAGER_INTERFACE, "Problems");
        g_assert_true(g_str_has_prefix(problems, "[('warning', 'machine-id-missing', "));
        host = service_fixture_property(fixture, MANAGER_PATH, MANAGER_INTERFACE, "HostID");
        restart(fixture);
        check_manager("HostID", host);
        g_free(host);
        g_free(problems);
}

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
#define TEST(name, function)                                                                 \
        g_test_add("/reading/" name, ServiceFixture, NULL, service_fixture_set_up, function, \
                        service_fixture_tear_down)
        TEST("properties", test_properties);
        TEST("list", test_list);
        TEST("details", test_details);
        TEST("look-up", test_look_up);
        TEST("odd-names", test_odd_names);
        TEST("options", test_options);
        TEST("order", test_order);
        TEST("why", test_why);
        TEST("restart", test_restart);
        TEST("no-machine-id", test_no_machine_id);
        return g_test_run();
}
