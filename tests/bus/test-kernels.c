/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Kernel releases that come and go, on the whole service with the real depmod. */

#include <glib/gstdio.h>
#include <string.h>

#include "service-fixture.h"

#define ICE "/org/hostdriver1/driver/ice"
#define NEW "6.12.1"
#define OVERRIDES "etc/depmod.d/zz-hostdriver.conf"

#define check_driver(property, value) \
        service_fixture_check_property(fixture, ICE, DRIVER_INTERFACE, property, value)

/* The new kernel as its packages leave it: with a module of its own and an index. */
static void install(ServiceFixture *fixture, const char *version)
{
        char *path = version ? g_strdup_printf("xenserver/intel-ice/%s/ice.ko", version) : NULL;

        sample_root_add_kernel(&fixture->sample, NEW);
        sample_root_add_module(&fixture->sample, NEW, "kernel/drivers/net/ice.ko", NULL);
        if (path)
                sample_root_add_module(&fixture->sample, NEW, path, version);
        sample_root_depmod(&fixture->sample, NEW);
        g_free(path);
}

/* Returns the job's path. */
static char *added(ServiceFixture *fixture)
{
        GVariant *reply = service_fixture_call(fixture, MANAGER_PATH, MANAGER_INTERFACE, "KernelAdded",
                        g_variant_new("(sa{sv})", NEW, NULL));
        char *job;

        g_variant_get(reply, "(o)", &job);
        g_variant_unref(reply);
        service_fixture_finish_jobs(fixture);
        return job;
}

static void set_policy(ServiceFixture *fixture, const char *policy)
{
        g_variant_unref(service_fixture_call(fixture, ICE, DRIVER_INTERFACE, "SetPolicy",
                        g_variant_new("(sa{sv})", policy, NULL)));
}

static void check_selected(ServiceFixture *fixture, const char *here, const char *there)
{
        char *expected = g_strdup_printf("{'%s': '%s', '%s': '%s'}", SAMPLE_KERNEL, here, NEW, there);

        check_driver("SelectedByKernel", expected);
        g_free(expected);
}

static bool has_problem(ServiceFixture *fixture)
{
        char *problems = service_fixture_property(fixture, ICE, DRIVER_INTERFACE, "Problems");
        bool found = strstr(problems, "kernel-not-covered") != NULL;

        g_test_message("%s", problems);
        g_free(problems);
        return found;
}

static bool is_overridden(ServiceFixture *fixture, const char *line)
{
        char *path = g_build_filename(fixture->sample.dir.path, OVERRIDES, NULL), *text = NULL;
        bool found = g_file_get_contents(path, &text, NULL, NULL) && strstr(text, line);

        g_free(path);
        g_free(text);
        return found;
}

/* What the history says, newest first: "KIND KERNEL FROM TO UID" each. */
static char *history(ServiceFixture *fixture)
{
        GVariant *reply = service_fixture_call(fixture, MANAGER_PATH, MANAGER_INTERFACE, "GetHistory",
                        g_variant_new("(a{sv})", NULL));
        GString *text = g_string_new(NULL);
        GVariantIter *entries;
        GVariant *entry;

        g_variant_get(reply, "(aa{sv})", &entries);
        while ((entry = g_variant_iter_next_value(entries))) {
                const char *kind, *kernel, *from, *to;

                g_assert_true(g_variant_lookup(entry, "kind", "&s", &kind));
                g_assert_true(g_variant_lookup(entry, "kernel", "&s", &kernel));
                g_assert_true(g_variant_lookup(entry, "from", "&s", &from));
                g_assert_true(g_variant_lookup(entry, "to", "&s", &to));
                g_string_append_printf(text, "%s %s %s->%s\n", kind, kernel, from, to);
                g_variant_unref(entry);
        }
        g_variant_iter_free(entries);
        g_variant_unref(reply);
        return g_string_free(text, FALSE);
}

static void test_pin(ServiceFixture *fixture, gconstpointer data)
{
        char *job, *entries;

        install(fixture, "1.11.17.1");
        sample_root_add_module(&fixture->sample, NEW, "xenserver/intel-ice/2.0/ice.ko", "2.0");
        job = added(fixture);
        g_assert_cmpstr(job, ==, "/org/hostdriver1/job/1");
        g_assert_cmpstr(scripted_polkit_question(&fixture->authority, 0), ==,
                        "org.hostdriver1.kernel-policy 0");
        check_selected(fixture, "1.11.17.1", "1.11.17.1");
        g_assert_true(is_overridden(fixture, "^6[.]12[.]1$ xenserver/intel-ice/1.11.17.1\n"));
        g_assert_false(has_problem(fixture));
        entries = history(fixture);
        /* The other drivers have no module there at all. */
        g_assert_cmpstr(entries, ==, "carry-over 6.12.1 ->1.11.17.1\n");
        g_free(entries);
        g_free(job);

        /* Once more there is nothing to do. */
        job = added(fixture);
        g_assert_cmpstr(job, ==, "/");
        g_free(job);
}

/* The wanted version comes later than the kernel. */
static void test_substitute(ServiceFixture *fixture, gconstpointer data)
{
        install(fixture, "2.0");
        g_free(added(fixture));
        check_selected(fixture, "1.11.17.1", "kernel");
        g_assert_true(is_overridden(fixture, "^6[.]12[.]1$ kernel/drivers/net\n"));
        g_assert_true(has_problem(fixture));
        check_driver("KernelsNotCovered", "['" NEW "']");

        g_free(added(fixture));
        check_selected(fixture, "1.11.17.1", "kernel");
        sample_root_add_module(&fixture->sample, NEW, "xenserver/intel-ice/1.11.17.1/ice.ko", "1.11.17.1");
        g_free(added(fixture));
        check_selected(fixture, "1.11.17.1", "1.11.17.1");
        g_assert_false(has_problem(fixture));
}

/* A module that the new kernel would refuse is as good as none. */
static void test_unfit(ServiceFixture *fixture, gconstpointer data)
{
        static const ModuleSpec spec = { .vermagic = "5.0 SMP mod_unload " };

        install(fixture, NULL);
        sample_root_add_module_spec(&fixture->sample, NEW, "xenserver/intel-ice/1.11.17.1/ice.ko", &spec);
        g_free(added(fixture));
        check_selected(fixture, "1.11.17.1", "kernel");
}

static void test_newest(ServiceFixture *fixture, gconstpointer data)
{
        char *events;

        check_driver("Policy", "'pin'");
        set_policy(fixture, "newest");
        g_assert_cmpstr(scripted_polkit_question(&fixture->authority, 0), ==,
                        "org.hostdriver1.kernel-policy driver=ice package=intel-ice 0");
        events = service_fixture_take_events(fixture);
        g_assert_cmpstr(events, ==, ICE " PropertiesChanged Policy\n");
        g_free(events);
        service_fixture_stop(fixture);
        service_fixture_start(fixture);
        check_driver("Policy", "'newest'");

        install(fixture, "2.0");
        sample_root_add_module(&fixture->sample, NEW, "xenserver/intel-ice/1.6.4/ice.ko", "1.6.4");
        g_free(added(fixture));
        check_selected(fixture, "1.11.17.1", "2.0");
        g_assert_false(has_problem(fixture));
}

/* A variant of a package with a core module, which is for no hardware and comes first by name. */
static void add_variant(ServiceFixture *fixture, const char *release, const char *variant, int priority,
                const char *device)
{
        g_autofree char *directory = g_strdup_printf("dmv/vendor-net/%s", variant);
        g_autofree char *path = g_strdup_printf("lib/modules/%s/%s/info.json", release, directory);
        g_autofree char *core = g_strconcat(directory, "/core.ko", NULL);
        g_autofree char *module = g_strconcat(directory, "/vendor.ko", NULL);
        g_autofree char *text = g_strdup_printf(
                        "{\"category\":\"network\",\"name\":\"vendor-net\",\"description\":\"d\",\"variant\":\"%s\","
                        "\"version\":\"4\",\"priority\":%d,\"status\":\"s\",\"pci_ids\":{\"core.ko\":[],"
                        "\"vendor.ko\":[{\"vendor_id\":\"14e4\",\"device_id\":\"%s\"}]}}",
                        variant, priority, device);

        temp_dir_write(&fixture->sample.dir, path, text);
        sample_root_add_module(&fixture->sample, release, core, variant);
        sample_root_add_module(&fixture->sample, release, module, variant);
}

/* As XenServer's installer chooses: "oem" is for other hardware, and "dell" comes before "generic". */
static void test_priority(ServiceFixture *fixture, gconstpointer data)
{
        static const char *const paths[] = { DRIVER_PREFIX "/core", DRIVER_PREFIX "/vendor" };

        sample_root_add_device(&fixture->sample, "pci", "0000:05:00.0",
                        "pci:v000014E4d0000163Csv000014E4sd00000001bc02sc00i00");
        install(fixture, NULL);
        add_variant(fixture, NEW, "generic", 10, "163c");
        add_variant(fixture, NEW, "oem", 50, "9999");
        add_variant(fixture, NEW, "dell", 10, "163c");
        add_variant(fixture, NEW, "old", 5, "163c");
        /* It had another priority in the kernel before. */
        add_variant(fixture, SAMPLE_KERNEL, "old", 99, "163c");
        sample_root_depmod(&fixture->sample, NEW);
        g_variant_unref(service_fixture_call(fixture, MANAGER_PATH, MANAGER_INTERFACE, "Rescan", NULL));
        g_variant_unref(service_fixture_call(fixture, DRIVER_PREFIX "/vendor", DRIVER_INTERFACE, "SetPolicy",
                        g_variant_new("(sa{sv})", "priority", NULL)));
        g_free(added(fixture));
        for (size_t i = 0; i < G_N_ELEMENTS(paths); i++) {
                char *selected = service_fixture_property(
                                fixture, paths[i], DRIVER_INTERFACE, "SelectedByKernel");

                g_test_message("%s: %s", paths[i], selected);
                g_assert_nonnull(strstr(selected, "'" NEW "': 'dell'"));
                service_fixture_check_property(fixture, paths[i], DRIVER_INTERFACE, "Policy", "'priority'");
                g_free(selected);
        }
}

static void test_kernel(ServiceFixture *fixture, gconstpointer data)
{
        set_policy(fixture, "kernel");
        install(fixture, "1.11.17.1");
        g_free(added(fixture));
        check_selected(fixture, "1.11.17.1", "kernel");
        g_assert_false(has_problem(fixture));
}

static GVariant *removed_arguments(const char *release, bool leaving)
{
        GVariantBuilder options;

        g_variant_builder_init(&options, G_VARIANT_TYPE_VARDICT);
        if (leaving)
                g_variant_builder_add(&options, "{sv}", "leaving", g_variant_new_boolean(TRUE));
        return g_variant_new("(sa{sv})", release, &options);
}

static void removed(ServiceFixture *fixture, const char *release, bool leaving)
{
        g_variant_unref(service_fixture_call(fixture, MANAGER_PATH, MANAGER_INTERFACE, "KernelRemoved",
                        removed_arguments(release, leaving)));
}

static void removed_is_refused(ServiceFixture *fixture, const char *release, bool leaving, const char *why)
{
        char *text = service_fixture_call_fails(fixture, MANAGER_PATH, MANAGER_INTERFACE, "KernelRemoved",
                        removed_arguments(release, leaving), ".InUse");

        g_test_message("%s", text);
        g_assert_nonnull(strstr(text, why));
        g_free(text);
}

static void remove_below(ServiceFixture *fixture, const char *path)
{
        char *absolute = g_build_filename(fixture->sample.dir.path, "lib/modules", NEW, path, NULL);

        g_assert_cmpint(g_remove(absolute), ==, 0);
        g_free(absolute);
}

/* Forgotten, a kernel that stays would load any version. */
static void test_removed_in_use(ServiceFixture *fixture, gconstpointer data)
{
        char *before = NULL, *after, *entries, *path = temp_dir_path(&fixture->sample.dir, OVERRIDES);

        install(fixture, "1.11.17.1");
        g_free(added(fixture));
        g_assert_true(g_file_get_contents(path, &before, NULL, NULL));
        removed_is_refused(fixture, SAMPLE_KERNEL, false, "is the one that runs");
        removed_is_refused(fixture, SAMPLE_KERNEL, true, "is the one that runs");
        removed_is_refused(fixture, NEW, false, "is installed");
        /* All drivers that a kernel has may be built in. */
        remove_below(fixture, "kernel/drivers/net/ice.ko");
        temp_dir_write(&fixture->sample.dir, "lib/modules/" NEW "/modules.builtin", "kernel/fs/ext4.ko\n");
        removed_is_refused(fixture, NEW, false, "is installed");
        g_assert_true(g_file_get_contents(path, &after, NULL, NULL));
        g_assert_cmpstr(after, ==, before);
        check_selected(fixture, "1.11.17.1", "1.11.17.1");
        /* What is refused to everybody, nobody is asked about. */
        g_assert_cmpint(fixture->authority.questions->len, ==, 1);

        /* Version directories, links and the index are what its package leaves behind. */
        remove_below(fixture, "modules.builtin");
        removed(fixture, NEW, false);
        g_assert_false(is_overridden(fixture, "6[.]12"));
        entries = history(fixture);
        g_assert_true(g_str_has_prefix(entries, "forget 6.12.1 1.11.17.1->\n"));
        g_free(entries);
        g_free(before);
        g_free(after);
        g_free(path);
}

static void test_removed(ServiceFixture *fixture, gconstpointer data)
{
        char *entries, *link = g_build_filename(
                                       fixture->sample.dir.path, "lib/modules/" NEW "/updates/ice.ko", NULL);

        install(fixture, "1.11.17.1");
        g_free(added(fixture));
        g_assert_true(g_file_test(link, G_FILE_TEST_IS_SYMLINK));
        removed(fixture, NEW, true);
        g_assert_false(is_overridden(fixture, "6[.]12"));
        g_assert_false(g_file_test(link, G_FILE_TEST_IS_SYMLINK));
        check_driver("Selected", "'1.11.17.1'");
        entries = history(fixture);
        g_assert_cmpstr(entries, ==, "forget 6.12.1 1.11.17.1->\ncarry-over 6.12.1 ->1.11.17.1\n");
        g_free(entries);
        g_free(link);

        /* One that is long gone, too. */
        removed(fixture, "3.2.1", false);
}

/* The hook could not reach the service, which finds out at its next start. */
static void test_missed(ServiceFixture *fixture, gconstpointer data)
{
        char *entries;

        service_fixture_stop(fixture);
        install(fixture, "1.11.17.1");
        service_fixture_start(fixture);
        service_fixture_finish_jobs(fixture);
        check_selected(fixture, "1.11.17.1", "1.11.17.1");
        entries = history(fixture);
        g_assert_cmpstr(entries, ==, "carry-over 6.12.1 ->1.11.17.1\n");
        g_free(entries);
}

static void forget_everything(ServiceFixture *fixture)
{
        static const char *const endings[] = { "", "-wal", "-shm" };

        for (size_t i = 0; i < G_N_ELEMENTS(endings); i++) {
                char *path = g_strconcat(fixture->sample.dir.path, "/var/lib/hostdriver/hostdriver.db",
                                endings[i], NULL);

                g_assert_true(g_remove(path) == 0 || i > 0);
                g_free(path);
        }
}

/* A release that was left out on purpose is not one that came. */
static void test_left_out(ServiceFixture *fixture, gconstpointer data)
{
        char *entries;

        service_fixture_stop(fixture);
        forget_everything(fixture);
        install(fixture, "1.11.17.1");
        service_fixture_start(fixture);
        service_fixture_finish_jobs(fixture);
        service_fixture_stop(fixture);
        service_fixture_start(fixture);
        service_fixture_finish_jobs(fixture);
        g_assert_false(is_overridden(fixture, "6[.]12"));
        entries = history(fixture);
        g_assert_cmpstr(entries, ==, "");
        g_free(entries);
}

static void rescan(ServiceFixture *fixture)
{
        g_variant_unref(service_fixture_call(fixture, MANAGER_PATH, MANAGER_INTERFACE, "Rescan", NULL));
}

static void check_host_problem(ServiceFixture *fixture, const char *newest)
{
        g_autofree char *problems =
                        service_fixture_property(fixture, MANAGER_PATH, MANAGER_INTERFACE, "Problems");

        g_test_message("%s", problems);
        g_assert_cmpint(strstr(problems, "kernel-modules-missing") != NULL, ==, newest != NULL);
        if (newest) {
                g_assert_nonnull(strstr(problems, "running kernel " SAMPLE_KERNEL " "));
                g_assert_nonnull(strstr(problems, newest));
        }
}

/* Nobody can take it back but by a boot. */
static void test_modules_disabled(ServiceFixture *fixture, gconstpointer data)
{
        static const struct {
                const char *text;
                bool told;
        } rows[] = { { "0\n", false }, { "1\n", true } };

        for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
                g_autofree char *problems = NULL;

                temp_dir_write(&fixture->sample.dir, "proc/sys/kernel/modules_disabled", rows[i].text);
                rescan(fixture);
                problems = service_fixture_property(fixture, MANAGER_PATH, MANAGER_INTERFACE, "Problems");
                g_assert_cmpint(strstr(problems, "modules-disabled") != NULL, ==, rows[i].told);
        }
}

static void test_driver_tool_mock(ServiceFixture *fixture, gconstpointer data)
{
        static const char *const texts[] = { "#!/bin/sh\n",
                "#!/bin/sh\n# mock\necho '{ \"friendly_name\": \"a\", \"hardware_present\": false }'\n" };

        for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
                g_autofree char *problems = NULL;

                temp_dir_write(&fixture->sample.dir, "usr/sbin/driver-tool", texts[i]);
                rescan(fixture);
                problems = service_fixture_property(fixture, MANAGER_PATH, MANAGER_INTERFACE, "Problems");
                g_assert_cmpint(strstr(problems, "driver-tool-mock") != NULL, ==, i == 1);
        }
}

/* The running kernel was upgraded or removed: told while another one is there to boot, whatever drivers
 * leave behind. */
static void test_running_gone(ServiceFixture *fixture, gconstpointer data)
{
        SampleRoot *sample = &fixture->sample;
        g_autofree char *kernel =
                        g_build_filename(sample->dir.path, "lib/modules/" SAMPLE_KERNEL "/kernel", NULL);
        g_autofree char *away = g_build_filename(sample->dir.path, "kernel", NULL);

        check_host_problem(fixture, NULL);
        g_assert_cmpint(g_rename(kernel, away), ==, 0);
        rescan(fixture);
        check_host_problem(fixture, NULL);
        install(fixture, NULL);
        sample_root_add_kernel(sample, "6.9");
        sample_root_add_module(sample, "6.9", "kernel/drivers/net/ice.ko", NULL);
        rescan(fixture);
        check_host_problem(fixture, "kernel is " NEW ".");
        g_assert_cmpint(g_rename(away, kernel), ==, 0);
        rescan(fixture);
        check_host_problem(fixture, NULL);
}

static void test_refused(ServiceFixture *fixture, gconstpointer data)
{
        g_free(service_fixture_call_fails(fixture, MANAGER_PATH, MANAGER_INTERFACE, "KernelAdded",
                        g_variant_new("(sa{sv})", "9.9", NULL), ".InvalidArgs"));
        g_free(service_fixture_call_fails(fixture, MANAGER_PATH, MANAGER_INTERFACE, "KernelAdded",
                        g_variant_new("(sa{sv})", "../etc", NULL), ".InvalidArgs"));
        g_free(service_fixture_call_fails(fixture, MANAGER_PATH, MANAGER_INTERFACE, "KernelRemoved",
                        g_variant_new("(sa{sv})", "a/b", NULL), ".InvalidArgs"));
        g_free(service_fixture_call_fails(fixture, ICE, DRIVER_INTERFACE, "SetPolicy",
                        g_variant_new("(sa{sv})", "latest", NULL), ".InvalidArgs"));
        fixture->authority.mood = POLKIT_NO;
        install(fixture, "1.11.17.1");
        g_free(service_fixture_call_fails(fixture, MANAGER_PATH, MANAGER_INTERFACE, "KernelAdded",
                        g_variant_new("(sa{sv})", NEW, NULL), ".AccessDenied"));
        g_free(service_fixture_call_fails(fixture, MANAGER_PATH, MANAGER_INTERFACE, "KernelRemoved",
                        removed_arguments(NEW, true), ".AccessDenied"));
        g_free(service_fixture_call_fails(fixture, ICE, DRIVER_INTERFACE, "SetPolicy",
                        g_variant_new("(sa{sv})", "kernel", NULL), ".AccessDenied"));
        check_driver("Policy", "'pin'");
        g_assert_false(is_overridden(fixture, "6[.]12"));
}

#define add(name, function)                                                                      \
        g_test_add("/bus-kernels/" name, ServiceFixture, NULL, service_fixture_set_up, function, \
                        service_fixture_tear_down)

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
        add("pin", test_pin);
        add("substitute", test_substitute);
        add("unfit", test_unfit);
        add("newest", test_newest);
        add("priority", test_priority);
        add("kernel", test_kernel);
        add("removed", test_removed);
        add("removed-in-use", test_removed_in_use);
        add("missed", test_missed);
        add("left-out", test_left_out);
        add("running-gone", test_running_gone);
        add("modules-disabled", test_modules_disabled);
        add("driver-tool-mock", test_driver_tool_mock);
        add("refused", test_refused);
        return g_test_run();
}
