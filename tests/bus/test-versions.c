/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Versions that come and go, on the whole service: arguments, leave, objects. */

#include <fcntl.h>
#include <gio/gunixfdlist.h>
#include <string.h>

#include "service-fixture.h"

#define TG3 "/org/hostdriver1/driver/tg3"
#define ICE "/org/hostdriver1/driver/ice"

static char *job_of(GVariant *reply)
{
        char *job;

        g_variant_get(reply, "(o)", &job);
        g_variant_unref(reply);
        return job;
}

static void call(ServiceFixture *fixture, const char *path, const char *interface, const char *method,
                const char *what, const char *options)
{
        GVariant *dictionary = g_variant_new_parsed(options);

        g_free(job_of(service_fixture_call(
                        fixture, path, interface, method, g_variant_new("(s@a{sv})", what, dictionary))));
        service_fixture_finish_jobs(fixture);
}

static void call_fails(ServiceFixture *fixture, const char *path, const char *interface, const char *method,
                const char *what, const char *options, const char *name)
{
        GVariant *dictionary = g_variant_new_parsed(options);

        g_free(service_fixture_call_fails(fixture, path, interface, method,
                        g_variant_new("(s@a{sv})", what, dictionary), name));
}

static void test_adopt(ServiceFixture *fixture, gconstpointer data)
{
        sample_root_add_module(&fixture->sample, SAMPLE_KERNEL, "updates/tg3.ko", "3.137");
        sample_root_depmod(&fixture->sample, SAMPLE_KERNEL);
        g_variant_unref(service_fixture_call(fixture, MANAGER_PATH, MANAGER_INTERFACE, "Rescan", NULL));
        call(fixture, MANAGER_PATH, MANAGER_INTERFACE, "Adopt", "tg3", "@a{sv} {'package': <'broadcom'>}");
        g_assert_cmpstr(scripted_polkit_question(&fixture->authority, 1), ==,
                        "org.hostdriver1.manage-versions driver=tg3 package=broadcom version=3.137 0");
        service_fixture_check_property(fixture, TG3, DRIVER_INTERFACE, "Selected", "'3.137'");
        service_fixture_check_property(fixture, TG3, DRIVER_INTERFACE, "Package", "'broadcom'");
        service_fixture_check_property(fixture, TG3, DRIVER_INTERFACE, "Effective",
                        "'/lib/modules/" SAMPLE_KERNEL "/xenserver/broadcom/3.137/tg3.ko'");
        call_fails(fixture, MANAGER_PATH, MANAGER_INTERFACE, "Adopt", "tg3", "@a{sv} {}", "NoSuchDriver");
        call(fixture, MANAGER_PATH, MANAGER_INTERFACE, "Unadopt", "tg3", "@a{sv} {}");
        g_assert_cmpstr(scripted_polkit_question(&fixture->authority, 2), ==,
                        "org.hostdriver1.manage-versions driver=tg3 package=broadcom version=3.137 0");
        call_fails(fixture, MANAGER_PATH, MANAGER_INTERFACE, "Unadopt", "tg3", "@a{sv} {}", "NoSuchDriver");
}

static void test_remove(ServiceFixture *fixture, gconstpointer data)
{
        call_fails(fixture, ICE, DRIVER_INTERFACE, "Remove", "1.11.17.1", "@a{sv} {}", "InUse");
        call_fails(fixture, ICE, DRIVER_INTERFACE, "Remove", "kernel", "@a{sv} {}", "NotSupported");
        call_fails(fixture, ICE, DRIVER_INTERFACE, "Remove", "9", "@a{sv} {}", "NoSuchVersion");
        g_assert_cmpuint(fixture->authority.questions->len, ==, 0);
        call(fixture, ICE, DRIVER_INTERFACE, "Remove", "1.6.4", "@a{sv} {}");
        g_assert_cmpstr(scripted_polkit_question(&fixture->authority, 0), ==,
                        "org.hostdriver1.manage-versions driver=ice package=intel-ice version=1.6.4 0");
        service_fixture_check_property(
                        fixture, ICE, DRIVER_INTERFACE, "Versions", "['kernel', '1.11.17.1']");
}

/* Who may remove may cancel that, also when the service has died meanwhile. */
static void test_recovered(ServiceFixture *fixture, gconstpointer data)
{
        const Job *job;
        GVariant *canceled;
        GError *error = NULL;

        g_free(job_of(service_fixture_call(fixture, ICE, DRIVER_INTERFACE, "Remove",
                        g_variant_new_parsed("('1.6.4', @a{sv} {})"))));
        service_fixture_stop(fixture);
        service_fixture_start(fixture);
        g_assert_cmpuint(fixture->service->jobs->count, ==, 1);
        job = fixture->service->jobs->entries[0]->job;
        g_assert_cmpstr(job->plan->operation->name, ==, "remove");
        g_assert_true(job->recovered);
        /* It may have ended by then. */
        canceled = private_bus_call(fixture->private_bus.client, BUS_NAME, "/org/hostdriver1/job/1",
                        JOB_INTERFACE, "Cancel", NULL, 0, &error);
        if (fixture->authority.questions->len > 1)
                g_assert_cmpstr(scripted_polkit_question(&fixture->authority, 1), ==,
                                "org.hostdriver1.manage-versions driver=ice package=intel-ice version=1.6.4 "
                                "from=1.11.17.1 0");
        g_test_message("%s, after %u questions", canceled ? "in time" : error->message,
                        fixture->authority.questions->len);
        service_fixture_finish_jobs(fixture);
        g_clear_pointer(&canceled, g_variant_unref);
        g_clear_error(&error);
}

static void test_arguments(ServiceFixture *fixture, gconstpointer data)
{
        call_fails(fixture, MANAGER_PATH, MANAGER_INTERFACE, "Adopt", "../x", "@a{sv} {}", "NoSuchDriver");
        call_fails(fixture, MANAGER_PATH, MANAGER_INTERFACE, "Adopt", "tg3", "{'force': <true>}",
                        "InvalidArgs");
        call_fails(fixture, MANAGER_PATH, MANAGER_INTERFACE, "Adopt", "tg3", "{'package': <7>}",
                        "InvalidArgs");
        call_fails(fixture, MANAGER_PATH, MANAGER_INTERFACE, "Unadopt", "tg3", "{'package': <'x'>}",
                        "InvalidArgs");
        call_fails(fixture, ICE, DRIVER_INTERFACE, "Remove", "1.6.4", "{'version': <'x'>}", "InvalidArgs");
        call_fails(fixture, ICE, DRIVER_INTERFACE, "Remove", "1.6.4", "{'kernels': <['7.0']>}",
                        "InvalidArgs");
        g_assert_cmpuint(fixture->authority.questions->len, ==, 0);
}

static void test_refused(ServiceFixture *fixture, gconstpointer data)
{
        fixture->authority.mood = POLKIT_NO;
        call_fails(fixture, ICE, DRIVER_INTERFACE, "Remove", "1.6.4", "@a{sv} {}", "AccessDenied");
        service_fixture_check_property(
                        fixture, ICE, DRIVER_INTERFACE, "Versions", "['kernel', '1.6.4', '1.11.17.1']");
}

/* --- import: descriptors need more than the fixture's calls ----------------------------------------------
 */

typedef struct ImportCall {
        GVariant *reply;
        GError *error;
        bool done;
} ImportCall;

static void on_reply(GObject *source, GAsyncResult *result, gpointer userdata)
{
        ImportCall *import = userdata;

        import->reply = g_dbus_connection_call_with_unix_fd_list_finish(
                        G_DBUS_CONNECTION(source), NULL, result, &import->error);
        import->done = true;
}

static bool is_done(void *userdata)
{
        return ((const ImportCall *) userdata)->done;
}

/* Asks to import FILE, which lies at PATH below the root. */
static void import_begin(ServiceFixture *fixture, const char *file, const char *path, ImportCall *call_state)
{
        g_autoptr(GUnixFDList) list = g_unix_fd_list_new();
        int fd CLEANUP_FD = openat(fixture->sample.dir.fd, path, O_RDONLY | O_CLOEXEC);
        GVariantBuilder files;

        g_assert_cmpint(g_unix_fd_list_append(list, fd, NULL), ==, 0);
        g_variant_builder_init(&files, G_VARIANT_TYPE("a(sh)"));
        g_variant_builder_add(&files, "(sh)", file, 0);
        g_dbus_connection_call_with_unix_fd_list(fixture->private_bus.client, "org.hostdriver1",
                        MANAGER_PATH, MANAGER_INTERFACE, "Import",
                        g_variant_new("(a(sh)a{sv})", &files, NULL), NULL, G_DBUS_CALL_FLAGS_NONE, -1, list,
                        NULL, on_reply, call_state);
}

/* Imports it. NULL, or the error, which the caller frees. */
static GError *import(ServiceFixture *fixture, const char *file, const char *path)
{
        g_autoptr(GVariant) reply = NULL;
        ImportCall call_state = { 0 };

        import_begin(fixture, file, path, &call_state);
        private_bus_run_until(is_done, &call_state);
        reply = call_state.reply;
        if (reply)
                service_fixture_finish_jobs(fixture);
        return call_state.error;
}

static void add_incoming(const ServiceFixture *fixture)
{
        const ModuleSpec spec = { .vermagic = SAMPLE_KERNEL " SMP mod_unload modversions ", .version = "2" };

        sample_root_add_module_spec(&fixture->sample, "..", "incoming/any.ko", &spec);
}

static void test_import(ServiceFixture *fixture, gconstpointer data)
{
        g_autoptr(GError) error = NULL;
        g_autoptr(GError) again = NULL;

        add_incoming(fixture);
        error = import(fixture, "tg3.ko", "lib/incoming/any.ko");
        g_assert_nonnull(error); /* it holds the module any */
        g_test_message("%s", error->message);
        g_assert_nonnull(strstr(error->message, "name-mismatch"));
        g_assert_cmpstr(scripted_polkit_question(&fixture->authority, 0), ==,
                        "org.hostdriver1.manage-versions driver=tg3 package= version= 0");
        again = import(fixture, "any.ko", "lib/incoming/any.ko");
        g_assert_no_error(again);
        service_fixture_check_property(
                        fixture, "/org/hostdriver1/driver/any", DRIVER_INTERFACE, "Versions", "['2']");
}

static bool is_read(void *userdata)
{
        return ((ServiceFixture *) userdata)->service->held;
}

/* A service that ends when it has nothing to do still has its files to read. */
static void test_import_idle(ServiceFixture *fixture, gconstpointer data)
{
        g_autoptr(GVariant) reply = NULL;
        ImportCall call_state = { 0 };
        Service *service = fixture->service;

        add_incoming(fixture);
        import_begin(fixture, "any.ko", "lib/incoming/any.ko", &call_state);
        private_bus_run_until(is_read, fixture);
        service->upkeep->config.exit_idle_sec = 0;
        g_assert_cmpint(service_exit_when_idle(service), >=, 0);
        private_bus_run_until(is_done, &call_state);
        g_assert_cmpint(sd_event_source_set_enabled(service->idle, SD_EVENT_OFF), >=, 0);
        g_assert_no_error(call_state.error);
        reply = call_state.reply;
        service_fixture_finish_jobs(fixture);
}

/* Before polkit bothers anybody. */
static void test_import_refused(ServiceFixture *fixture, gconstpointer data)
{
        static const char *const names[] = { "../tg3.ko", "tg3", "", "a/tg3.ko" };

        for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
                g_autoptr(GError) error = import(fixture, names[i], "etc/machine-id");

                g_assert_nonnull(error);
                g_assert_true(g_dbus_error_is_remote_error(error));
                g_assert_nonnull(strstr(error->message, "module file"));
        }
        g_assert_cmpuint(fixture->authority.questions->len, ==, 0);
}

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
#define ADD(name, function)                                                                   \
        g_test_add("/versions/" name, ServiceFixture, NULL, service_fixture_set_up, function, \
                        service_fixture_tear_down)
        ADD("adopt", test_adopt);
        ADD("remove", test_remove);
        ADD("recovered", test_recovered);
        ADD("arguments", test_arguments);
        ADD("refused", test_refused);
        ADD("import", test_import);
        ADD("import-idle", test_import_idle);
        ADD("import-refused", test_import_refused);
        return g_test_run();
}
