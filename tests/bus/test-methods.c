/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Every method that is documented either asks polkit or changes nothing: nobody may do by a method what
 * polkit forbids. */

#include <fcntl.h>
#include <gio/gunixfdlist.h>
#include <unistd.h>

#include "bus/methods.h"
#include "disk-state.h"
#include "sample-initramfs.h"
#include "service-fixture.h"

#define ICE DRIVER_PREFIX "/ice"
/* That is imported. */
#define MODULE "lib/modules/" SAMPLE_KERNEL "/updates/igb.ko"

/* What means something on the sample host, by the argument's name: so a call comes as far as it can. */
static const char *value_of(const char *method, const char *argument)
{
        static const struct {
                const char *method; /* NULL: any */
                const char *argument, *value;
        } table[] = {
                { "GetDriver", "name", "'ice'" },
                { "Unadopt", "name", "'e1000e'" },
                { NULL, "name", "'igb'" },
                { NULL, "uuid", "'00000000-0000-0000-0000-000000000000'" },
                { NULL, "version", "'1.6.4'" },
                { NULL, "targets", "[('ice', '1.6.4')]" },
                { NULL, "files", "[('tg3.ko', handle 0)]" },
                { NULL, "release", "'9.9.9-gone'" },
                { NULL, "releases", "@as []" },
                { NULL, "policy", "'newest'" },
                { NULL, "a", "'1.0'" },
                { NULL, "b", "'2.0'" },
                { NULL, "options", "@a{sv} {}" },
                { NULL, "filter", "@a{sv} {}" },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(table); i++)
                if (g_str_equal(argument, table[i].argument) &&
                                (!table[i].method || g_str_equal(method, table[i].method)))
                        return table[i].value;
        g_error("%s has an argument '%s' that this test has no value for", method, argument);
}

static GVariant *arguments_of(const GDBusMethodInfo *method)
{
        GVariantBuilder builder;

        g_variant_builder_init(&builder, G_VARIANT_TYPE_TUPLE);
        for (size_t i = 0; method->in_args && method->in_args[i]; i++)
                g_variant_builder_add_value(&builder,
                                g_variant_new_parsed(value_of(method->name, method->in_args[i]->name)));
        return g_variant_builder_end(&builder);
}

typedef struct Outcome {
        bool is_there;
        char *error; /* NULL: it succeeded */
} Outcome;

static void on_reply(GObject *source, GAsyncResult *result, void *userdata)
{
        g_autoptr(GError) error = NULL;
        g_autoptr(GVariant) reply = g_dbus_connection_call_with_unix_fd_list_finish(
                        G_DBUS_CONNECTION(source), NULL, result, &error);
        Outcome *outcome = userdata;

        outcome->error = reply ? NULL : g_dbus_error_get_remote_error(error);
        outcome->is_there = true;
}

static bool is_there(void *userdata)
{
        return ((const Outcome *) userdata)->is_there;
}

/* The error's name, or NULL; the caller frees it. */
static char *call(ServiceFixture *fixture, const char *path, const char *interface,
                const GDBusMethodInfo *method)
{
        g_autoptr(GUnixFDList) list = g_unix_fd_list_new();
        int fd CLEANUP_FD = openat(fixture->sample.dir.fd, MODULE, O_RDONLY | O_CLOEXEC);
        Outcome outcome = { 0 };

        g_assert_cmpint(g_unix_fd_list_append(list, fd, NULL), ==, 0);
        g_dbus_connection_call_with_unix_fd_list(fixture->private_bus.client, BUS_NAME, path, interface,
                        method->name, arguments_of(method), NULL, G_DBUS_CALL_FLAGS_NONE, -1, list, NULL,
                        on_reply, &outcome);
        private_bus_run_until(is_there, &outcome);
        return outcome.error;
}

/* Those that polkit guards are refused; those that it isn't asked about are permitted. */
static void check_method(ServiceFixture *fixture, const char *path, const char *interface,
                const GDBusMethodInfo *method)
{
        bool is_guarded = method_find(interface, method->name);
        g_autofree char *error = NULL;

        g_ptr_array_set_size(fixture->authority.questions, 0);
        error = call(fixture, path, interface, method);
        g_test_message("%s: %s", method->name, error ?: "done");
        /* What this host can't do is refused before polkit is asked. */
        if (sample_initramfs_obstacle() && g_strcmp0(error, "org.hostdriver1.Error.NotSupported") == 0)
                return;
        g_assert_true(is_guarded == (g_strcmp0(error, SD_BUS_ERROR_ACCESS_DENIED) == 0));
        g_assert_true(is_guarded == (fixture->authority.questions->len > 0));
}

static GDBusNodeInfo *read_interface(const char *interface, GDBusMethodInfo ***ret)
{
        g_autofree char *file = g_strdup_printf("%s/%s.xml", INTROSPECTION_DIRECTORY, interface),
                        *xml = NULL;
        GDBusNodeInfo *node;

        g_assert_true(g_file_get_contents(file, &xml, NULL, NULL));
        node = g_dbus_node_info_new_for_xml(xml, NULL);
        g_assert_nonnull(node);
        *ret = g_dbus_node_info_lookup_interface(node, interface)->methods;
        g_assert_nonnull(*ret);
        return node;
}

static void set_up(ServiceFixture *fixture, gconstpointer data)
{
        service_fixture_set_up(fixture, data);
        if (!sample_initramfs_obstacle()) {
                sample_initramfs_init(&fixture->sample, "");
                g_variant_unref(service_fixture_call(
                                fixture, MANAGER_PATH, MANAGER_INTERFACE, "Rescan", NULL));
        }
        g_variant_unref(service_fixture_call(fixture, MANAGER_PATH, MANAGER_INTERFACE, "Adopt",
                        g_variant_new_parsed("('e1000e', @a{sv} {})")));
        service_fixture_finish_jobs(fixture);
}

static void check_interface(ServiceFixture *fixture, const char *path, const char *interface)
{
        g_autofree char *before = disk_state(fixture->sample.dir.path);
        GDBusMethodInfo **methods;
        g_autoptr(GDBusNodeInfo) node = read_interface(interface, &methods);

        g_assert_nonnull(node);
        g_free(service_fixture_take_events(fixture));
        fixture->authority.mood = POLKIT_NO;
        for (size_t i = 0; methods[i]; i++) {
                g_autofree char *after = NULL;

                check_method(fixture, path, interface, methods[i]);
                after = disk_state(fixture->sample.dir.path);
                g_assert_cmpstr(after, ==, before);
                service_fixture_check_events(fixture, "");
        }
}

static void test_manager(ServiceFixture *fixture, gconstpointer data)
{
        check_interface(fixture, MANAGER_PATH, MANAGER_INTERFACE);
}

static void test_driver(ServiceFixture *fixture, gconstpointer data)
{
        check_interface(fixture, ICE, DRIVER_INTERFACE);
}

/* Each method of a job that runs. */
static void test_job(ServiceFixture *fixture, gconstpointer data)
{
        GDBusMethodInfo **methods;
        g_autoptr(GDBusNodeInfo) node = read_interface(JOB_INTERFACE, &methods);

        g_assert_nonnull(node);
        for (size_t i = 0; methods[i]; i++) {
                g_autoptr(GVariant) reply = NULL;
                const char *path;

                fixture->authority.mood = POLKIT_YES;
                reply = service_fixture_call(fixture, ICE, DRIVER_INTERFACE, "Select",
                                g_variant_new("(sa{sv})", i % 2 == 0 ? "1.6.4" : "1.11.17.1", NULL));
                g_variant_get(reply, "(&o)", &path);
                fixture->authority.mood = POLKIT_NO;
                check_method(fixture, path, JOB_INTERFACE, methods[i]);
                service_fixture_finish_jobs(fixture);
                service_fixture_check_property(fixture, ICE, DRIVER_INTERFACE, "Selected",
                                i % 2 == 0 ? "'1.6.4'" : "'1.11.17.1'");
        }
}

#define TEST(name, function) \
        g_test_add("/methods/" name, ServiceFixture, NULL, set_up, function, service_fixture_tear_down)

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
        TEST("manager", test_manager);
        TEST("driver", test_driver);
        TEST("job", test_job);
        return g_test_run();
}
