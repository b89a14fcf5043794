/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* driver-tool against the real service, called as xapi calls it; its output is held against every rule of
 * xapi's parser (ocaml/xapi/xapi_host_driver_tool.ml of xen-api, and what xapi_host_driver.ml does with the
 * result). */

#include <errno.h>
#include <glib.h>
#include <jansson.h>
#include <sys/stat.h>

#include "host.h"
#include "tool-gate.h"

#define DMV "lib/modules/" SAMPLE_KERNEL "/dmv/vendor-net/"
#define VENDOR DRIVER_PATH("vendor")

static void add_variant(const SampleRoot *sample, const char *variant, const char *device, const char *info)
{
        g_autofree char *path = g_strdup_printf(DMV "%s/info.json", variant);
        g_autofree char *module = g_strdup_printf("dmv/vendor-net/%s/vendor.ko", variant);
        g_autofree char *text = g_strdup_printf(
                        "{\"category\":\"network\",\"name\":\"vendor-net\",\"description\":\"Vendor\\tNICs\","
                        "\"variant\":\"%s\",\"version\":\"4.1\",\"priority\":100,\"status\":\"beta\","
                        "\"pci_ids\":{\"vendor.ko\":[{\"vendor_id\":\"14E4\",\"device_id\":\"%s\"}]}}",
                        variant, device);

        temp_dir_write(&sample->dir, path, info ? info : text);
        sample_root_add_module_spec(sample, SAMPLE_KERNEL, module,
                        &(ModuleSpec){ .note_version = variant, .version = info ? NULL : "from-modinfo" });
}

/* A variant whose info.json has other names than the directories. */
static void add_named(const SampleRoot *sample, const char *directory, const char *variant_directory,
                const char *name, const char *variant)
{
        g_autofree char *path = g_strdup_printf(
                        "lib/modules/" SAMPLE_KERNEL "/dmv/%s/%s/", directory, variant_directory);
        g_autofree char *info = g_strconcat(path, "info.json", NULL);
        g_autofree char *module =
                        g_strdup_printf("dmv/%s/%s/%s-mod.ko", directory, variant_directory, directory);
        g_autofree char *text = g_strdup_printf(
                        "{\"category\":\"storage\",\"name\":\"%s\",\"description\":\"d\",\"variant\":\"%s\","
                        "\"version\":\"1\",\"priority\":0,\"status\":\"s\",\"pci_ids\":{}}",
                        name, variant);

        temp_dir_write(&sample->dir, info, text);
        sample_root_add_module_spec(sample, SAMPLE_KERNEL, module, &(ModuleSpec){ .note_version = variant });
}

/* Beside two packages of one module each, one with two modules in one variant, one in the others. */
static void init_host(SampleRoot *sample)
{
        host_with_nics(sample);
        sample_root_add_device(sample, "pci", "0000:05:00.0",
                        "pci:v000014E4d0000163Csv000014E4sd00000001bc02sc00i00");
        add_variant(sample, "generic", "163c", NULL);
        add_variant(sample, "oem", "9999", NULL);
        add_variant(sample, "broken", "", "[1");
        add_named(sample, "net-dir", "a", "Net", "plain");
        add_named(sample, "net-dir", "b", "Net", "same");
        add_named(sample, "net-dir", "c", "Net", "same");
        add_named(sample, "net-dir", "d", "Net", "a");
        add_named(sample, "net-dir", "e", "Net", "a\\u0007b");
        add_named(sample, "one-dir", "1", "both", "first");
        add_named(sample, "two-dir", "1", "both", "two-dir");
        sample_root_add_module_spec(sample, SAMPLE_KERNEL, "dmv/vendor-net/generic/vendor-rdma.ko",
                        &(ModuleSpec){ .note_version = "generic" });
        sample_root_depmod(sample, SAMPLE_KERNEL);
}

static Harness *new_host(void)
{
        Harness *harness = harness_new(init_host);
        char *copy CLEANUP_FREE = temp_dir_path(&harness->work, "driver-tool");
        g_autofree char *binary = NULL;
        gsize size;

        g_assert_true(g_file_get_contents(harness_setting("DRIVER_TOOL"), &binary, &size, NULL));
        g_assert_true(g_file_set_contents_full(
                        copy, binary, (gssize) size, G_FILE_SET_CONTENTS_NONE, 0755, NULL));
        g_assert_cmpint(chmod(copy, 0755), ==, 0);
        harness_start_polkitd_with_example(harness);
        harness_start_daemon(harness);
        return harness;
}

/* Runs the tool as UID. Returns what it printed, which begins with the sentence of a failure. */
static char *run_tool(Harness *harness, uid_t uid, int expected, const char *line)
{
        g_autofree char *address = g_strconcat("DBUS_SYSTEM_BUS_ADDRESS=", harness->address, NULL);
        char *log CLEANUP_FREE = temp_dir_path(&harness->work, "tool.log");
        char *program CLEANUP_FREE = temp_dir_path(&harness->work, "driver-tool");
        g_autofree char *whole = g_strconcat(program, line[0] ? " " : "", line, NULL);
        g_auto(GStrv) argv = g_strsplit(whole, " ", -1);
        char *output;
        Process *process;

        (void) unlink(log);
        process = process_start(harness->event, log, (const char *const *) argv,
                        (const char *const[]){ address, NULL }, uid);
        process_wait(process);
        process_check_output(process);
        output = process_output(process);
        if (process_status(process) != expected)
                g_error("driver-tool %s: exit status %d, not %d:\n%s", line, process_status(process),
                                expected, output);
        (void) process_free(process);
        return output;
}

/* What worked says nothing. */
static void check_worked(Harness *harness, uid_t uid, const char *line)
{
        g_autofree char *output = run_tool(harness, uid, 0, line);

        g_assert_cmpstr(output, ==, "");
}

/* The object that the tool ends with where something went wrong. QUIET: there is nothing else. */
static void check_failed(
                Harness *harness, uid_t uid, int code, const char *line, const char *part, bool quiet)
{
        g_autofree char *output = run_tool(harness, uid, 1, line);
        const char *begin = strchr(output, '{');
        json_t *object CLEANUP(json_decrefp) =
                        begin ? json_loads(begin, JSON_REJECT_DUPLICATES, NULL) : NULL;
        const char *message;

        g_test_message("%s: %s", line, output);
        g_assert_true(json_is_object(object));
        g_assert_true(json_is_number(json_object_get(object, "version")));
        g_assert_true(json_is_integer(json_object_get(object, "exit_code")));
        g_assert_cmpint(json_integer_value(json_object_get(object, "exit_code")), ==, code);
        message = json_string_value(json_object_get(object, "message"));
        g_assert_nonnull(message);
        g_assert_nonnull(strstr(message, part));
        g_assert_true(g_str_has_prefix(output, quiet ? "{" : "driver-tool: "));
}

/* A command line that the tool can't read: argparse's status, and no object. */
static void check_usage(Harness *harness, const char *line, const char *part)
{
        g_autofree char *output = run_tool(harness, 0, 2, line);

        g_assert_nonnull(strstr(output, part));
        g_assert_null(strchr(output, '{'));
}

static void assert_string(const json_t *object, const char *key)
{
        if (!json_is_string(json_object_get(object, key)))
                g_error("%s is no string", key);
}

static void check_variant(const json_t *variant)
{
        const json_t *priority = json_object_get(variant, "priority");

        g_assert_true(json_is_object(variant));
        assert_string(variant, "version");
        assert_string(variant, "status");
        g_assert_true(json_is_boolean(json_object_get(variant, "hardware_present")));
        g_assert_true(json_is_number(priority));
        /* OCaml's integers have 63 bits. */
        g_assert_true(!json_is_integer(priority) || ABS(json_integer_value(priority)) < INT64_C(1) << 62);
}

/* Null, or the name of one of the variants: xapi looks it up there. */
static void check_choice(const json_t *driver, const char *key)
{
        const json_t *value = json_object_get(driver, key);

        if (json_is_null(value))
                return;
        assert_string(driver, key);
        g_assert_nonnull(json_object_get(json_object_get(driver, "variants"), json_string_value(value)));
}

/* xapi doesn't read these; XenServer's tool has each as often as there are variants of it. */
static void check_loaded_modules(const json_t *driver)
{
        const json_t *loaded = json_object_get(driver, "loaded modules");

        g_assert_true(json_is_array(loaded));
        for (size_t i = 0; i < json_array_size(loaded); i++)
                g_assert_true(g_str_has_suffix(json_string_value(json_array_get(loaded, i)), ".ko"));
}

static void check_driver(const char *name, const json_t *driver)
{
        static const char *const strings[] = { "type", "friendly_name", "description", "info" };
        json_t *variants = json_object_get(driver, "variants"), *variant;
        const char *key;

        g_assert_true(json_is_object(driver));
        for (size_t i = 0; i < G_N_ELEMENTS(strings); i++) {
                assert_string(driver, strings[i]);
                for (const char *p = json_string_value(json_object_get(driver, strings[i])); *p; p++)
                        g_assert_false(g_ascii_iscntrl(*p));
        }
        /* xapi takes this for the name in its database, and hands it to -n and -d. */
        g_assert_cmpstr(json_string_value(json_object_get(driver, "friendly_name")), ==, name);
        check_choice(driver, "selected");
        check_choice(driver, "active");
        check_loaded_modules(driver);
        g_assert_true(json_is_object(variants));
        g_assert_cmpuint(json_object_size(variants), >, 0);
        json_object_foreach(variants, key, variant) check_variant(variant);
}

/* The list, which xapi could parse. Unref it. */
static json_t *list(Harness *harness)
{
        g_autofree char *output = run_tool(harness, 0, 0, "-l");
        json_t *document = json_loads(output, JSON_REJECT_DUPLICATES, NULL), *drivers, *driver;
        const char *name;

        g_test_message("%s", output);
        g_assert_true(json_is_object(document));
        g_assert_true(json_is_number(json_object_get(json_object_get(document, "protocol"), "version")));
        g_assert_true(json_is_boolean(json_object_get(json_object_get(document, "operation"), "reboot")));
        drivers = json_object_get(document, "drivers");
        g_assert_true(json_is_object(drivers));
        json_object_foreach(drivers, name, driver) check_driver(name, driver);
        return document;
}

static void check_state(Harness *harness, const char *driver, const char *selected, const char *active)
{
        json_t *document CLEANUP(json_decrefp) = list(harness);
        const json_t *object = json_object_get(json_object_get(document, "drivers"), driver);

        g_assert_cmpstr(json_string_value(json_object_get(object, "selected")), ==, selected);
        g_assert_cmpstr(json_string_value(json_object_get(object, "active")), ==, active);
}

static void check_one(const json_t *driver, const char *variant, const char *version, bool hardware,
                int priority, const char *status)
{
        const json_t *object = json_object_get(json_object_get(driver, "variants"), variant);

        g_assert_cmpstr(json_string_value(json_object_get(object, "version")), ==, version);
        g_assert_cmpint(json_is_true(json_object_get(object, "hardware_present")), ==, hardware);
        g_assert_cmpint(json_integer_value(json_object_get(object, "priority")), ==, priority);
        g_assert_cmpstr(json_string_value(json_object_get(object, "status")), ==, status);
}

static void test_list(void)
{
        Harness *harness CLEANUP_HARNESS = new_host();
        json_t *document CLEANUP(json_decrefp) = list(harness);
        const json_t *drivers = json_object_get(document, "drivers"),
                     *vendor = json_object_get(drivers, "vendor-net");

        g_assert_cmpuint(json_object_size(drivers), ==, 6);
        g_assert_false(json_is_true(json_object_get(json_object_get(document, "operation"), "reboot")));
        g_assert_cmpstr(json_string_value(json_object_get(vendor, "type")), ==, "network");
        g_assert_cmpstr(json_string_value(json_object_get(vendor, "description")), ==, "Vendor NICs");
        g_assert_cmpuint(json_object_size(json_object_get(vendor, "variants")), ==, 3);
        check_one(vendor, "generic", "4.1", true, 100, "beta");
        check_one(vendor, "oem", "4.1", false, 100, "beta");
        check_one(vendor, "broken", "broken", true, 0, "");
        check_one(json_object_get(drivers, "intel-ice"), "1.6.4", "1.6.4", true, 0, "");
        check_state(harness, "vendor-net", NULL, NULL);
}

static void check_names(const json_t *object, const char *const *expected)
{
        size_t count = 0;

        for (; expected[count]; count++)
                if (!json_object_get(object, expected[count]))
                        g_error("%s is missing", expected[count]);
        g_assert_cmpuint(json_object_size(object), ==, count);
}

/* The names of info.json, where they are unmistakable, and those of directories; selected by both. */
static void test_names(void)
{
        Harness *harness CLEANUP_HARNESS = new_host();
        json_t *document CLEANUP(json_decrefp) = list(harness);
        const json_t *drivers = json_object_get(document, "drivers");

        check_names(drivers, (const char *const[]){ "intel-ixgbe", "intel-ice", "vendor-net", "Net",
                                             "one-dir", "two-dir", NULL });
        check_names(json_object_get(json_object_get(drivers, "Net"), "variants"),
                        (const char *const[]){ "plain", "b", "c", "d", "e", NULL });
        check_names(json_object_get(json_object_get(drivers, "one-dir"), "variants"),
                        (const char *const[]){ "first", NULL });
        check_worked(harness, 0, "-s -n Net -v plain");
        check_state(harness, "Net", "plain", NULL);
        host_assert_link(harness, "net-dir-mod.ko", "../dmv/net-dir/a/net-dir-mod.ko");
        check_worked(harness, 0, "-s -n net-dir -v c");
        check_state(harness, "Net", "c", NULL);
        check_worked(harness, 0, "-s -n net-dir -v a");
        check_state(harness, "Net", "plain", NULL);
        check_failed(harness, 0, ENOENT, "-s -n Net -v same", "no variant \"same\"", false);
        check_failed(harness, 0, ENOENT, "-s -n both -v 1", "No driver \"both\"", false);
        check_worked(harness, 0, "-s -n two-dir -v two-dir");
        host_assert_link(harness, "two-dir-mod.ko", "../dmv/two-dir/1/two-dir-mod.ko");
}

static void check_loaded(Harness *harness, const char *driver, const char *expected)
{
        json_t *document CLEANUP(json_decrefp) = list(harness);
        const json_t *object = json_object_get(json_object_get(document, "drivers"), driver);
        g_autofree char *text = json_dumps(json_object_get(object, "loaded modules"), JSON_COMPACT);

        g_assert_cmpstr(text, ==, expected);
}

/* As xapi does: by the friendly name, and only what has hardware. */
static void test_select_all(void)
{
        Harness *harness CLEANUP_HARNESS = new_host();
        json_t *document CLEANUP(json_decrefp) = list(harness);
        json_t *drivers = json_object_get(document, "drivers"), *driver, *variant;
        const char *name, *key;

        json_object_foreach(drivers, name, driver)
                        json_object_foreach(json_object_get(driver, "variants"), key, variant)
        {
                g_autofree char *line = g_strdup_printf("-s -n %s -v %s",
                                json_string_value(json_object_get(driver, "friendly_name")), key);

                if (!json_is_true(json_object_get(variant, "hardware_present")))
                        continue;
                check_worked(harness, 0, line);
                check_state(harness, name, key, NULL);
        }
}

static void test_select(void)
{
        Harness *harness CLEANUP_HARNESS = new_host();

        check_worked(harness, 0, "-s -n vendor-net -v generic");
        host_assert_link(harness, "vendor.ko", "../dmv/vendor-net/generic/vendor.ko");
        host_assert_link(harness, "vendor-rdma.ko", "../dmv/vendor-net/generic/vendor-rdma.ko");
        check_failed(harness, 0, ENODEV, "-s -n vendor-net -v oem", "no device", false);
        check_state(harness, "vendor-net", "generic", NULL);
        /* Another tool's doing: the modules of the package disagree. */
        (void) unlinkat(harness->sample.dir.fd, "lib/modules/" SAMPLE_KERNEL "/updates/vendor.ko", 0);
        temp_dir_link(&harness->sample.dir, "lib/modules/" SAMPLE_KERNEL "/updates/vendor.ko",
                        "../dmv/vendor-net/oem/vendor.ko");
        g_free(call_text(harness->superuser, MANAGER_PATH, MANAGER, "Rescan", NULL));
        assert_property(harness->stranger, VENDOR, DRIVER, "Selected", "oem");
        check_state(harness, "vendor-net", NULL, NULL);
        check_worked(harness, 0, "-s -n vendor-net -v generic");
        check_state(harness, "vendor-net", "generic", NULL);
        check_worked(harness, 0, "-d vendor-net");
        host_assert_link(harness, "vendor.ko", "");
        host_assert_link(harness, "vendor-rdma.ko", "");
        check_state(harness, "vendor-net", NULL, NULL);
        /* What is deselected can be selected again. */
        check_worked(harness, 0, "-s -n vendor-net -v generic");
        check_state(harness, "vendor-net", "generic", NULL);
        check_worked(harness, SANDBOX_OPERATOR_UID, "-s -n intel-ice -v 1.6.4");
}

static void load(Harness *harness, const char *module, const char *note)
{
        sample_root_load(&harness->sample, &(SampleLoaded){ .module = module, .note_version = note });
        g_free(call_text(harness->superuser, MANAGER_PATH, MANAGER, "Rescan", NULL));
}

static void test_active(void)
{
        Harness *harness CLEANUP_HARNESS = new_host();
        json_t *document CLEANUP(json_decrefp) = NULL;

        check_worked(harness, 0, "-s -n vendor-net -v generic");
        check_loaded(harness, "vendor-net", "[]");
        load(harness, "vendor", "generic"); /* the other one isn't loaded, and has no say */
        check_loaded(harness, "vendor-net", "[\"vendor.ko\"]");
        check_state(harness, "vendor-net", "generic", "generic");
        load(harness, "vendor_rdma", "generic");
        check_state(harness, "vendor-net", "generic", "generic");
        check_loaded(harness, "vendor-net", "[\"vendor.ko\",\"vendor-rdma.ko\"]");
        load(harness, "vendor_rdma", "foreign");
        check_state(harness, "vendor-net", "generic", NULL);
        load(harness, "vendor", "oem"); /* whose only module this is, but not the only one loaded */
        check_state(harness, "vendor-net", "generic", NULL);
        load(harness, "vendor_rdma", "generic");
        check_state(harness, "vendor-net", "generic", NULL);
        document = list(harness);
        g_assert_true(json_is_true(json_object_get(json_object_get(document, "operation"), "reboot")));
}

static void test_errors(void)
{
        static const struct {
                uid_t uid;
                int code;
                const char *line, *part;
        } table[] = {
                { 0, EINVAL, "-s -d vendor-net", "Only one of -s and -d" },
                { 0, ENOEXEC, "-s", "-s needs both" },
                { 0, ENOEXEC, "-s -n vendor-net", "-s needs both" },
                { 0, ENOEXEC, "-s -v generic", "-s needs both" },
                { 0, ENOEXEC, "-s -n vendor-net -v ", "-s needs both" },
                { 0, EINVAL, "-d ", "-d needs a name" },
                { 0, ENOENT, "-s -n nothing -v 1", "No driver \"nothing\"" },
                { 0, ENOENT, "-s -n vendor -v generic", "No driver \"vendor\"" },
                { 0, ENOENT, "-s -n vendor-net -v none", "no variant \"none\"" },
                { 0, ENOENT, "-s -n intel-ice -v kernel", "no variant \"kernel\"" },
                { 0, ENOENT, "-d nothing", "No driver \"nothing\"" },
                { SANDBOX_STRANGER_UID, EACCES, "-s -n vendor-net -v generic", "" },
                { SANDBOX_STRANGER_UID, EACCES, "-d vendor-net", "" },
        };
        static const char *const usage[][2] = {
                { "-s -n", "-n needs a value" },
                { "-d", "-d needs a value" },
                { "-l more", "\"more\" is one argument too many" },
                { "-x", "Unknown option" },
                { "--list", "Unknown option" },
        };
        Harness *harness CLEANUP_HARNESS = new_host();
        g_autofree char *help = run_tool(harness, 0, 0, "--help"),
                        *version = run_tool(harness, 0, 0, "--version");

        g_assert_nonnull(strstr(help, "-s -n NAME -v VARIANT"));
        g_assert_cmpstr(version, ==, "driver-tool " PROJECT_VERSION "\n");
        for (size_t i = 0; i < G_N_ELEMENTS(table); i++)
                check_failed(harness, table[i].uid, table[i].code, table[i].line, table[i].part, false);
        for (size_t i = 0; i < G_N_ELEMENTS(usage); i++)
                check_usage(harness, usage[i][0], usage[i][1]);
        check_failed(harness, 0, EINVAL, "", "One of -l, -s and -d", true);
        check_failed(harness, 0, EINVAL, "-n vendor-net -v generic", "One of -l, -s and -d", true);
        /* -l wins. */
        g_free(run_tool(harness, 0, 0, "-l -s -n vendor-net -v generic"));
        host_assert_link(harness, "vendor.ko", "");
        tool_gate_break(harness);
        check_failed(harness, 0, EIO, "-s -n vendor-net -v generic", "the test says so", false);
        tool_gate_open(harness);
        check_state(harness, "vendor-net", NULL, NULL);
        harness_stop_daemon(harness);
        check_failed(harness, 0, ECONNREFUSED, "-l", "systemctl start hostdriverd", false);
}

static void add_tests(void)
{
        g_test_add_func("/driver-tool/list", test_list);
        g_test_add_func("/driver-tool/names", test_names);
        g_test_add_func("/driver-tool/select-all", test_select_all);
        g_test_add_func("/driver-tool/select", test_select);
        g_test_add_func("/driver-tool/active", test_active);
        g_test_add_func("/driver-tool/errors", test_errors);
}

int main(int argc, char *argv[])
{
        return harness_main(argc, argv, add_tests);
}
