/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a job is about to settle is never told as a problem, not even for a moment; what stands when it has
 * ended is. */

#include <string.h>

#include "sample-initramfs.h"
#include "service-fixture.h"

#define ICE "/org/hostdriver1/driver/ice"
#define TG3 "/org/hostdriver1/driver/tg3"
#define NEW "6.12.1"

/* Every "DRIVER CODE" that was published, in whatever signal. */
typedef struct Record {
        ServiceFixture *fixture;
        GHashTable *codes;
        unsigned subscription;
} Record;

static void add_problems(Record *record, const char *path, GVariant *properties)
{
        GVariant *problems = g_variant_lookup_value(properties, "Problems", G_VARIANT_TYPE("a(sss)"));
        GVariantIter iter;
        const char *code, *sentence;

        if (!problems)
                return;
        g_variant_iter_init(&iter, problems);
        while (g_variant_iter_next(&iter, "(&s&s&s)", NULL, &code, &sentence)) {
                g_test_message("%s: %s", code, sentence);
                g_hash_table_add(record->codes, g_strdup_printf("%s %s\n", strrchr(path, '/') + 1, code));
        }
        g_variant_unref(problems);
}

static void on_signal(GDBusConnection *connection, const char *sender, const char *path,
                const char *interface, const char *member, GVariant *parameters, void *userdata)
{
        GVariantIter *interfaces;
        GVariant *properties;

        if (g_str_equal(member, "PropertiesChanged")) {
                properties = g_variant_get_child_value(parameters, 1);
                add_problems(userdata, path, properties);
                g_variant_unref(properties);
        } else if (g_str_equal(member, "InterfacesAdded")) {
                g_variant_get(parameters, "(&oa{sa{sv}})", &path, &interfaces);
                while (g_variant_iter_next(interfaces, "{s@a{sv}}", NULL, &properties)) {
                        add_problems(userdata, path, properties);
                        g_variant_unref(properties);
                }
                g_variant_iter_free(interfaces);
        }
}

static void record_begin(Record *record, ServiceFixture *fixture)
{
        *record = (Record){ .fixture = fixture,
                .codes = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL) };
        record->subscription = g_dbus_connection_signal_subscribe(fixture->private_bus.client, BUS_NAME,
                        NULL, NULL, NULL, NULL, G_DBUS_SIGNAL_FLAGS_NONE, on_signal, record, NULL);
        g_free(service_fixture_take_events(fixture));
}

/* EXPECTED: what was told, "DRIVER CODE" a line. */
static void record_end(Record *record, const char *expected)
{
        g_autofree char *told = NULL;
        GList *codes;
        GString *text = g_string_new(NULL);

        g_free(service_fixture_take_events(record->fixture));
        g_dbus_connection_signal_unsubscribe(record->fixture->private_bus.client, record->subscription);
        codes = g_list_sort(g_hash_table_get_keys(record->codes), (GCompareFunc) strcmp);
        for (GList *item = codes; item; item = item->next)
                g_string_append(text, item->data);
        told = g_string_free(text, FALSE);
        g_assert_cmpstr(told, ==, expected);
        g_list_free(codes);
        g_hash_table_unref(record->codes);
}

static void call(ServiceFixture *fixture, const char *path, const char *interface, const char *method,
                const char *arguments)
{
        g_variant_unref(service_fixture_call(
                        fixture, path, interface, method, g_variant_new_parsed(arguments)));
        service_fixture_finish_jobs(fixture);
}

static void rescan(ServiceFixture *fixture)
{
        g_variant_unref(service_fixture_call(fixture, MANAGER_PATH, MANAGER_INTERFACE, "Rescan", NULL));
}

static void test_select(ServiceFixture *fixture, gconstpointer data)
{
        Record record;

        record_begin(&record, fixture);
        call(fixture, ICE, DRIVER_INTERFACE, "Select", "('1.6.4', @a{sv} {})");
        call(fixture, ICE, DRIVER_INTERFACE, "Select", "('kernel', @a{sv} {})");
        call(fixture, ICE, DRIVER_INTERFACE, "Deselect", "(@a{sv} {},)");
        call(fixture, ICE, DRIVER_INTERFACE, "Select", "('1.11.17.1', @a{sv} {})");
        call(fixture, MANAGER_PATH, MANAGER_INTERFACE, "Select",
                        "([('ice', '1.6.4'), ('bnx2fc', '2.12.13')], @a{sv} {})");
        call(fixture, ICE, DRIVER_INTERFACE, "Remove", "('1.11.17.1', @a{sv} {})");
        record_end(&record, "");
        service_fixture_check_property(fixture, ICE, DRIVER_INTERFACE, "Problems", "[]");
        service_fixture_check_property(fixture, ICE, DRIVER_INTERFACE, "Selected", "'1.6.4'");
}

/* It is chosen for the next load from the reply on, though it stays blocked until the index names it. */
static void test_reselect(ServiceFixture *fixture, gconstpointer data)
{
        g_autofree char *selected = NULL, *job = NULL;

        do {
                GVariant *reply;

                g_free(selected);
                g_free(job);
                call(fixture, ICE, DRIVER_INTERFACE, "Deselect", "(@a{sv} {},)");
                service_fixture_check_property(fixture, ICE, DRIVER_INTERFACE, "Selected", "''");
                reply = service_fixture_call(fixture, ICE, DRIVER_INTERFACE, "Select",
                                g_variant_new_parsed("('1.6.4', @a{sv} {})"));
                g_variant_unref(reply);
                selected = service_fixture_property(fixture, ICE, DRIVER_INTERFACE, "Selected");
                job = service_fixture_property(fixture, ICE, DRIVER_INTERFACE, "Job");
                service_fixture_finish_jobs(fixture);
        } while (g_str_equal(job, "'/'")); /* it was done before it was looked at */
        g_assert_cmpstr(selected, ==, "'1.6.4'");
        service_fixture_check_property(fixture, ICE, DRIVER_INTERFACE, "Selected", "'1.6.4'");
        service_fixture_check_property(fixture, ICE, DRIVER_INTERFACE, "Effective",
                        "'/lib/modules/" SAMPLE_KERNEL "/xenserver/intel-ice/1.6.4/ice.ko'");
}

static bool image_holds(ServiceFixture *fixture, const char *version)
{
        g_autofree char *inside = service_fixture_property(fixture, ICE, DRIVER_INTERFACE, "InInitramfs");
        g_autofree char *expected = g_strdup_printf("{'" SAMPLE_KERNEL "': '%s'}", version);

        return g_str_equal(inside, expected);
}

/* An image with the old version isn't stale while it is being built anew. It is read when nothing else is to
 * be done. */
static void test_image(ServiceFixture *fixture, gconstpointer data)
{
        Record record;

        if (sample_initramfs_obstacle()) {
                g_test_skip(sample_initramfs_obstacle());
                return;
        }
        sample_initramfs_init(&fixture->sample, "ice\n");
        service_reload(fixture->service);
        sample_initramfs_build(&fixture->sample, SAMPLE_KERNEL);
        rescan(fixture);
        while (!image_holds(fixture, "1.11.17.1"))
                continue;
        (void) sample_initramfs_take_runs(&fixture->sample);
        record_begin(&record, fixture);
        call(fixture, ICE, DRIVER_INTERFACE, "Select", "('1.6.4', @a{sv} {})");
        while (!image_holds(fixture, "1.6.4"))
                continue;
        record_end(&record, "");
        g_assert_cmpuint(sample_initramfs_take_runs(&fixture->sample), ==, 1);
        service_fixture_check_property(fixture, ICE, DRIVER_INTERFACE, "Problems", "[]");
}

/* Canceled while its links stand. */
static void test_cancel(ServiceFixture *fixture, gconstpointer data)
{
        Record record;
        GVariant *reply, *canceled;
        GError *error = NULL;
        const char *job;

        record_begin(&record, fixture);
        reply = service_fixture_call(fixture, ICE, DRIVER_INTERFACE, "Select",
                        g_variant_new_parsed("('1.6.4', @a{sv} {})"));
        g_variant_get(reply, "(&o)", &job);
        /* It may have ended by then. */
        canceled = private_bus_call(fixture->private_bus.client, BUS_NAME, job, JOB_INTERFACE, "Cancel",
                        NULL, 0, &error);
        g_test_message("%s", canceled ? "in time" : error->message);
        service_fixture_finish_jobs(fixture);
        g_clear_pointer(&canceled, g_variant_unref);
        g_clear_error(&error);
        g_variant_unref(reply);
        record_end(&record, "");
}

static void test_adopt(ServiceFixture *fixture, gconstpointer data)
{
        Record record;

        sample_root_add_module(&fixture->sample, SAMPLE_KERNEL, "updates/tg3.ko", "3.137");
        sample_root_depmod(&fixture->sample, SAMPLE_KERNEL);
        rescan(fixture);
        record_begin(&record, fixture);
        call(fixture, MANAGER_PATH, MANAGER_INTERFACE, "Adopt", "('tg3', {'package': <'broadcom'>})");
        record_end(&record, "");
        service_fixture_check_property(fixture, TG3, DRIVER_INTERFACE, "Problems", "[]");
        record_begin(&record, fixture);
        call(fixture, MANAGER_PATH, MANAGER_INTERFACE, "Unadopt", "('tg3', @a{sv} {})");
        record_end(&record, "");
}

/* Of these the new kernel has nothing. */
#define OTHERS "bnx2fc kernel-not-covered\ndell_5flaptop kernel-not-covered\n"

static void install(ServiceFixture *fixture, const char *version)
{
        g_autofree char *path = g_strdup_printf("xenserver/intel-ice/%s/ice.ko", version);

        sample_root_add_kernel(&fixture->sample, NEW);
        sample_root_add_module(&fixture->sample, NEW, "kernel/drivers/net/ice.ko", NULL);
        sample_root_add_module(&fixture->sample, NEW, path, version);
        sample_root_depmod(&fixture->sample, NEW);
}

static void test_carry_over(ServiceFixture *fixture, gconstpointer data)
{
        Record record;

        install(fixture, "1.11.17.1");
        record_begin(&record, fixture);
        call(fixture, MANAGER_PATH, MANAGER_INTERFACE, "KernelAdded", "('" NEW "', @a{sv} {})");
        record_end(&record, OTHERS);
}

/* The kernel's own module stands in, which is told. */
static void test_uncovered(ServiceFixture *fixture, gconstpointer data)
{
        Record record;

        install(fixture, "2.0");
        record_begin(&record, fixture);
        call(fixture, MANAGER_PATH, MANAGER_INTERFACE, "KernelAdded", "('" NEW "', @a{sv} {})");
        record_end(&record, OTHERS "ice kernel-not-covered\n");
}

/* An administrator's LINE makes the job fail. */
static void fail(ServiceFixture *fixture, const char *line, const char *told)
{
        Record record;

        record_begin(&record, fixture);
        temp_dir_write(&fixture->sample.dir, "etc/depmod.d/zzz.conf", line);
        call(fixture, ICE, DRIVER_INTERFACE, "Select",
                        "('1.6.4', {'ignore': <['no-hardware', 'not-effective']>})");
        service_fixture_check_property(fixture, ICE, DRIVER_INTERFACE, "Selected", "'1.11.17.1'");
        record_end(&record, told);
}

/* After a failure, what is the matter then is told, and only that. */
static void test_failure(ServiceFixture *fixture, gconstpointer data)
{
        char *problems;

        /* What stood before is loaded as before. */
        fail(fixture, "override ice * xenserver/intel-ice/1.11.17.1\n", "");
        /* The index isn't what it was. */
        fail(fixture, "override ice 4.19.0 kernel/drivers/net/ethernet/intel/ice\n",
                        "ice effective-differs\n");
        problems = service_fixture_property(fixture, ICE, DRIVER_INTERFACE, "Problems");
        g_assert_nonnull(strstr(problems, "Version 1.11.17.1 of ice is selected"));
        g_free(problems);
}

#define add(name, function)                                                                       \
        g_test_add("/bus-settling/" name, ServiceFixture, NULL, service_fixture_set_up, function, \
                        service_fixture_tear_down)

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
        add("select", test_select);
        add("reselect", test_reselect);
        add("image", test_image);
        add("cancel", test_cancel);
        add("adopt", test_adopt);
        add("carry-over", test_carry_over);
        add("uncovered", test_uncovered);
        add("failure", test_failure);
        return g_test_run();
}
