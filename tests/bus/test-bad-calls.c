/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Calls that anybody may send and that nobody should: each costs an error, and not the service. */

#include <string.h>

#include "service-fixture.h"

#define ICE "/org/hostdriver1/driver/ice"
#define NOTHING "/org/hostdriver1/driver/nothing"
#define PROPERTIES "org.freedesktop.DBus.Properties"
/* As long as a text may be. */
#define LONG_BYTES ((gsize) 4096)
#define MANY 5000

/* Whatever is asked of a driver that isn't there. */
static void test_no_driver(ServiceFixture *fixture, gconstpointer data)
{
        static const struct {
                const char *interface, *method, *interface_argument;
        } table[] = {
                { DRIVER_INTERFACE, "Why", NULL },
                { DRIVER_INTERFACE, "Explode", NULL },
                { JOB_INTERFACE, "Cancel", NULL },
                { "org.freedesktop.DBus.Introspectable", "Introspect", NULL },
                { PROPERTIES, "GetAll", DRIVER_INTERFACE },
                { PROPERTIES, "GetAll", JOB_INTERFACE },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
                GVariant *parameters = table[i].interface_argument
                                                       ? g_variant_new("(s)", table[i].interface_argument)
                                                       : NULL;
                g_autofree char *sentence = service_fixture_call_fails(fixture, NOTHING, table[i].interface,
                                table[i].method, parameters, ".NoSuchDriver");

                g_assert_nonnull(strstr(sentence, "'nothing'"));
        }
}

/* The error would quote it, with four bytes for one. */
static void test_long(ServiceFixture *fixture, gconstpointer data)
{
        g_autofree char *name = g_strnfill(LONG_BYTES, '\x01');
        g_autofree char *sentence = service_fixture_call_fails(fixture, MANAGER_PATH, MANAGER_INTERFACE,
                        "GetDriver", g_variant_new("(s)", name), ".NoSuchDriver");

        g_assert_cmpuint(strlen(sentence), <, 8192);
        g_assert_true(g_str_has_prefix(sentence, "No driver '"));
        g_assert_true(g_str_has_suffix(sentence, "' is installed in a version of its own."));
}

static GVariant *names_of(gsize count, gsize bytes)
{
        g_autofree char *name = g_strnfill(bytes, 'x');
        GVariantBuilder builder;

        g_variant_builder_init(&builder, G_VARIANT_TYPE("as"));
        for (gsize i = 0; i < count; i++)
                g_variant_builder_add(&builder, "s", name);
        return g_variant_builder_end(&builder);
}

/* What is too large is refused before anybody looks at it, whatever it says. */
static void test_too_large(ServiceFixture *fixture, gconstpointer data)
{
        static const struct {
                gsize count, bytes;
                const char *error;
                bool looked_at;
        } table[] = {
                { 1, LONG_BYTES, ".InvalidArgs", true },
                { 1, LONG_BYTES + 1, ".InvalidArgs", false },
                { 1, 2 * 1024 * 1024, ".InvalidArgs", false },
                { 250, LONG_BYTES, ".InvalidArgs", true },
                { 256, LONG_BYTES, ".LimitsExceeded", false },
                { 100000, 10, ".LimitsExceeded", false },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
                GVariant *parameters = g_variant_new_parsed(
                                "('9', {'ignore': <%@as>})", names_of(table[i].count, table[i].bytes));

                g_autofree char *sentence = service_fixture_call_fails(
                                fixture, ICE, DRIVER_INTERFACE, "Select", parameters, table[i].error);

                g_assert_true(g_str_has_prefix(sentence, "No change is refused for a problem") ==
                                table[i].looked_at);
        }
}

/* sd-bus looks at each of its beginnings. */
static void test_long_path(ServiceFixture *fixture, gconstpointer data)
{
        g_autoptr(GString) path = g_string_new(NULL);

        while (path->len < 60000)
                g_string_append(path, "/a");
        g_free(service_fixture_call_fails(
                        fixture, path->str, "org.freedesktop.DBus.Peer", "Ping", NULL, ".UnknownObject"));
}

static GVariant *many_names(void)
{
        GVariantBuilder builder;

        g_variant_builder_init(&builder, G_VARIANT_TYPE("as"));
        for (unsigned i = 0; i < MANY; i++)
                g_variant_builder_add_value(&builder, g_variant_new_take_string(g_strdup_printf("%u.0", i)));
        return g_variant_builder_end(&builder);
}

/* The time that they take grows with their square. */
static void test_many(ServiceFixture *fixture, gconstpointer data)
{
        g_autofree char *option = service_fixture_call_fails(fixture, ICE, DRIVER_INTERFACE, "Check",
                        g_variant_new_parsed("('1.6.4', {'kernels': <%@as>})", many_names()),
                        ".InvalidArgs");
        g_autofree char *releases = service_fixture_call_fails(fixture, MANAGER_PATH, MANAGER_INTERFACE,
                        "RebuildInitramfs", g_variant_new("(@asa{sv})", many_names(), NULL), ".InvalidArgs");

        g_assert_nonnull(strstr(option, "4096"));
        g_assert_nonnull(strstr(releases, "4096"));
}

/* The bus doesn't count what comes with a message. */
static void test_no_descriptor(ServiceFixture *fixture, gconstpointer data)
{
        g_autofree char *sentence = service_fixture_call_fails(fixture, MANAGER_PATH, MANAGER_INTERFACE,
                        "Import", g_variant_new_parsed("([('ice.ko', handle 3)], @a{sv} {})"),
                        ".InvalidArgs");

        g_assert_nonnull(strstr(sentence, "descriptor"));
}

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
#define TEST(name, function)                                                                   \
        g_test_add("/bad-calls/" name, ServiceFixture, NULL, service_fixture_set_up, function, \
                        service_fixture_tear_down)
        TEST("no-driver", test_no_driver);
        TEST("long", test_long);
        TEST("too-large", test_too_large);
        TEST("long-path", test_long_path);
        TEST("many", test_many);
        TEST("no-descriptor", test_no_descriptor);
        return g_test_run();
}
