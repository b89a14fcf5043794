/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What live objects say of themselves is what introspection/ documents: everything but the comments. */

#include <string.h>

#include "service-fixture.h"

static int compare_lines(const void *a, const void *b)
{
        return strcmp(*(const char *const *) a, *(const char *const *) b);
}

static void add_annotations(GPtrArray *lines, const char *owner, GDBusAnnotationInfo **annotations)
{
        for (size_t i = 0; annotations && annotations[i]; i++)
                g_ptr_array_add(lines, g_strdup_printf("%s annotation %s=%s", owner, annotations[i]->key,
                                                       annotations[i]->value));
}

static void add_arguments(GString *text, const char *direction, GDBusArgInfo **arguments)
{
        for (size_t i = 0; arguments && arguments[i]; i++) {
                g_assert_null(arguments[i]->annotations ? arguments[i]->annotations[0] : NULL);
                g_string_append_printf(
                                text, " %s %s:%s", direction, arguments[i]->name, arguments[i]->signature);
        }
}

/* One line for each member and each annotation, sorted: the order of members means nothing. */
static char *describe(GDBusInterfaceInfo *interface)
{
        GPtrArray *lines = g_ptr_array_new_with_free_func(g_free);
        char *text;

        for (size_t i = 0; interface->methods && interface->methods[i]; i++) {
                GString *line = g_string_new("method ");

                g_string_append(line, interface->methods[i]->name);
                add_annotations(lines, line->str, interface->methods[i]->annotations);
                add_arguments(line, "in", interface->methods[i]->in_args);
                add_arguments(line, "out", interface->methods[i]->out_args);
                g_ptr_array_add(lines, g_string_free(line, FALSE));
        }
        for (size_t i = 0; interface->signals && interface->signals[i]; i++) {
                GString *line = g_string_new("signal ");

                g_string_append(line, interface->signals[i]->name);
                add_annotations(lines, line->str, interface->signals[i]->annotations);
                add_arguments(line, "out", interface->signals[i]->args);
                g_ptr_array_add(lines, g_string_free(line, FALSE));
        }
        for (size_t i = 0; interface->properties && interface->properties[i]; i++) {
                GDBusPropertyInfo *property = interface->properties[i];
                char *line = g_strdup_printf(
                                "property %s %s %u", property->name, property->signature, property->flags);

                add_annotations(lines, line, property->annotations);
                g_ptr_array_add(lines, line);
        }
        g_ptr_array_sort(lines, compare_lines);
        g_ptr_array_add(lines, NULL);
        text = g_strjoinv("\n", (char **) lines->pdata);
        g_ptr_array_unref(lines);
        return text;
}

static char *describe_xml(const char *xml, const char *interface)
{
        GError *error = NULL;
        GDBusNodeInfo *node = g_dbus_node_info_new_for_xml(xml, &error);
        GDBusInterfaceInfo *info;
        char *text;

        g_assert_no_error(error);
        info = g_dbus_node_info_lookup_interface(node, interface);
        g_assert_nonnull(info);
        text = describe(info);
        g_assert_cmpstr(text, !=, "");
        g_dbus_node_info_unref(node);
        return text;
}

/* Takes LIVE_XML. */
static void compare(char *live_xml, const char *interface)
{
        char *file = g_strdup_printf("%s/%s.xml", INTROSPECTION_DIRECTORY, interface);
        char *documented_xml, *documented, *live;
        GError *error = NULL;

        g_assert_true(g_file_get_contents(file, &documented_xml, NULL, &error));
        g_assert_no_error(error);
        documented = describe_xml(documented_xml, interface);
        live = describe_xml(live_xml, interface);
        g_assert_cmpstr(live, ==, documented);
        g_free(live_xml);
        g_free(documented);
        g_free(documented_xml);
        g_free(live);
        g_free(file);
}

static void test_manager(ServiceFixture *fixture, gconstpointer data)
{
        compare(service_fixture_introspect(fixture, "/org/hostdriver1"), "org.hostdriver1.Manager");
}

static void test_driver(ServiceFixture *fixture, gconstpointer data)
{
        compare(service_fixture_introspect(fixture, "/org/hostdriver1/driver/ice"),
                        "org.hostdriver1.Driver");
}

static void test_job(ServiceFixture *fixture, gconstpointer data)
{
        char *path;

        compare(service_fixture_introspect_job(fixture, &path), "org.hostdriver1.Job");
        g_assert_true(g_str_has_prefix(path, "/org/hostdriver1/job/"));
        g_free(path);
}

/* All objects at once: what an object manager is for. */
static void test_objects(ServiceFixture *fixture, gconstpointer data)
{
        static const char *const paths[] = { "/org/hostdriver1/driver/bnx2fc",
                "/org/hostdriver1/driver/dell_5flaptop", "/org/hostdriver1/driver/ice" };
        GVariant *reply = service_fixture_call(fixture, "/org/hostdriver1",
                        "org.freedesktop.DBus.ObjectManager", "GetManagedObjects", NULL);
        GVariant *objects = g_variant_get_child_value(reply, 0);

        g_assert_cmpuint(g_variant_n_children(objects), ==, G_N_ELEMENTS(paths));
        for (size_t i = 0; i < G_N_ELEMENTS(paths); i++) {
                GVariant *interfaces = g_variant_lookup_value(objects, paths[i], NULL);
                GVariant *driver;

                g_assert_nonnull(interfaces);
                driver = g_variant_lookup_value(interfaces, "org.hostdriver1.Driver", NULL);
                g_assert_nonnull(driver);
                g_variant_unref(driver);
                g_variant_unref(interfaces);
        }
        g_variant_unref(objects);
        g_variant_unref(reply);
}

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
#define TEST(name, function)                                                                       \
        g_test_add("/introspection/" name, ServiceFixture, NULL, service_fixture_set_up, function, \
                        service_fixture_tear_down)
        TEST("manager", test_manager);
        TEST("driver", test_driver);
        TEST("job", test_job);
        TEST("objects", test_objects);
        return g_test_run();
}
