/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the bus says of devices: which ones versions cover, which one the module drives, and what follows if
 * one comes. Built-in modules, which drive devices from no file, and why a reboot is required. */

#include <string.h>

#include "service-fixture.h"

#define ICE "/org/hostdriver1/driver/ice"
#define MODULES "lib/modules/" SAMPLE_KERNEL "/"
#define NIC "/sys/devices/pci/0000:3b:00.0"
#define DMV MODULES "dmv/vendor-net/"
#define VENDOR "/org/hostdriver1/driver/vendor"

#define check_driver(path, property, value) \
        service_fixture_check_property(fixture, path, DRIVER_INTERFACE, property, value)

static void rescan(ServiceFixture *fixture)
{
        g_variant_unref(service_fixture_call(fixture, MANAGER_PATH, MANAGER_INTERFACE, "Rescan", NULL));
}

/* What VersionDetails says of KEY, as text; "" if nothing. The caller frees it. */
static char *detail(ServiceFixture *fixture, const char *path, const char *version, const char *key)
{
        GVariant *reply = service_fixture_call(fixture, path, "org.freedesktop.DBus.Properties", "Get",
                        g_variant_new("(ss)", DRIVER_INTERFACE, "VersionDetails"));
        GVariant *versions, *details, *value;
        char *text;

        g_variant_get(reply, "(v)", &versions);
        details = g_variant_lookup_value(versions, version, G_VARIANT_TYPE("a{sv}"));
        g_assert_nonnull(details);
        value = g_variant_lookup_value(details, key, NULL);
        text = value ? g_variant_print(value, TRUE) : g_strdup("");
        if (value)
                g_variant_unref(value);
        g_variant_unref(details);
        g_variant_unref(versions);
        g_variant_unref(reply);
        return text;
}

static void check_detail(ServiceFixture *fixture, const char *path, const char *version, const char *key,
                const char *expected)
{
        g_autofree char *text = detail(fixture, path, version, key);

        g_assert_cmpstr(text, ==, expected);
}

static void add_variant(ServiceFixture *fixture, const char *variant, const char *pci_ids)
{
        g_autofree char *info = g_strdup_printf(DMV "%s/info.json", variant);
        g_autofree char *module = g_strdup_printf("dmv/vendor-net/%s/vendor.ko", variant);
        g_autofree char *text = g_strdup_printf(
                        "{\"category\":\"network\",\"name\":\"vendor-net\",\"description\":\"Vendor NICs\","
                        "\"variant\":\"%s\",\"version\":\"4.%s\",\"priority\":30,\"status\":\"beta\","
                        "\"pci_ids\":%s}",
                        variant, variant, pci_ids);

        temp_dir_write(&fixture->sample.dir, info, text);
        sample_root_add_module_spec(&fixture->sample, SAMPLE_KERNEL, module,
                        &(ModuleSpec){ .note_version = variant,
                                        .note_driver_version = "4.1.0",
                                        .note_release = "4.1.0-2.xs9" });
}

#define ID(device) "{\"vendor_id\":\"14E4\",\"device_id\":\"" device "\"}"

static void add_nic(ServiceFixture *fixture, const char *name, const char *device)
{
        g_autofree char *modalias =
                        g_strdup_printf("pci:v000014E4d0000%ssv000014E4sd00000001bc02sc00i00", device);

        sample_root_add_device(&fixture->sample, "pci", name, modalias);
}

static void test_details(ServiceFixture *fixture, gconstpointer data)
{
        add_nic(fixture, "0000:05:00.0", "163C");
        add_nic(fixture, "0000:06:00.0", "163D");
        add_variant(fixture, "1", "{\"vendor.ko\":[" ID("163c") "]}");
        add_variant(fixture, "2", "{\"vendor.ko\":[" ID("163c") "," ID("0x163D") "],\"more.ko\":[]}");
        add_variant(fixture, "3", "{\"vendor.ko\":[" ID("9999") "]}");
        add_variant(fixture, "4", "{\"other.ko\":[" ID("163c") "]}");
        add_variant(fixture, "5", "[]");
        rescan(fixture);
        check_driver(VENDOR, "HardwarePresent", "true");
        check_driver(VENDOR, "Devices", "[]");
        check_detail(fixture, VENDOR, "1", "hardware-present", "true");
        check_detail(fixture, VENDOR, "1", "covers", "['/sys/devices/pci/0000:05:00.0']");
        check_detail(fixture, VENDOR, "1", "hardware-missing", "");
        check_detail(fixture, VENDOR, "1", "status", "'beta'");
        check_detail(fixture, VENDOR, "1", "priority", "int64 30");
        check_detail(fixture, VENDOR, "1", "module-version", "'4.1'");
        check_detail(fixture, VENDOR, "1", "driver-name", "'vendor-net'");
        check_detail(fixture, VENDOR, "1", "variant", "'1'");
        check_detail(fixture, VENDOR, "1", "note", "'1'");
        check_detail(fixture, VENDOR, "1", "note-version", "'4.1.0'");
        check_detail(fixture, VENDOR, "1", "note-release", "'4.1.0-2.xs9'");
        check_detail(fixture, ICE, "1.6.4", "note-release", "");
        check_detail(fixture, ICE, "1.6.4", "variant", "");
        check_detail(fixture, VENDOR, "2", "covers",
                        "['/sys/devices/pci/0000:05:00.0', '/sys/devices/pci/0000:06:00.0']");
        check_detail(fixture, VENDOR, "3", "covers", "@as []");
        check_detail(fixture, VENDOR, "3", "hardware-present", "false");
        check_detail(fixture, VENDOR, "3", "hardware-missing", "true");
        /* Nothing is known of what it is for. */
        check_detail(fixture, VENDOR, "4", "hardware-present", "false");
        check_detail(fixture, VENDOR, "4", "hardware-missing", "");
        check_detail(fixture, VENDOR, "5", "hardware-missing", "");
        check_detail(fixture, ICE, "1.6.4", "covers", "['" NIC "']");
        g_free(service_fixture_call_fails(fixture, VENDOR, DRIVER_INTERFACE, "Select",
                        g_variant_new("(sa{sv})", "3", NULL), ".NoHardware"));
        g_variant_unref(service_fixture_call(
                        fixture, VENDOR, DRIVER_INTERFACE, "Select", g_variant_new("(sa{sv})", "4", NULL)));
        service_fixture_finish_jobs(fixture);
        check_driver(VENDOR, "Selected", "'4'");
}

/* A version that covers one device more is told, and nothing else. */
static void test_device_comes(ServiceFixture *fixture, gconstpointer data)
{
        sample_root_add_device(&fixture->sample, "pci", "0000:3b:00.1",
                        "pci:v00008086d00001592sv00008086sd00000002bc02sc00i00");
        rescan(fixture);
        service_fixture_check_events(fixture, ICE " PropertiesChanged VersionDetails!\n");
        check_detail(fixture, ICE, "1.6.4", "covers", "['" NIC "', '/sys/devices/pci/0000:3b:00.1']");
        /* One that no version covers is nobody's business. */
        sample_root_add_device(&fixture->sample, "pci", "0000:3c:00.0",
                        "pci:v0000FFFFd00001592sv00008086sd00000002bc02sc00i00");
        rescan(fixture);
        service_fixture_check_events(fixture, "");
        sample_root_load(&fixture->sample, &(SampleLoaded){ .module = "ice", .note_version = "1.11.17.1" });
        sample_root_bind_device(&fixture->sample, "pci", "0000:3b:00.0", "ice");
        rescan(fixture);
        service_fixture_check_events(fixture, ICE " PropertiesChanged Active ActiveBy Devices Loaded\n");
        check_driver(ICE, "Devices", "['" NIC "']");
}

/* ListDevices as text, of these drivers or with NULL of all. The caller frees it. */
static char *list_devices(ServiceFixture *fixture, const char *drivers)
{
        GVariant *reply = service_fixture_call(fixture, MANAGER_PATH, MANAGER_INTERFACE, "ListDevices",
                        drivers ? g_variant_new_parsed("({'drivers': <[%s]>},)", drivers)
                                : g_variant_new_parsed("(@a{sv} {},)"));
        GVariant *devices = g_variant_get_child_value(reply, 0);
        GString *text = g_string_new(NULL);

        for (size_t i = 0; i < g_variant_n_children(devices); i++) {
                g_autofree char *line = NULL;
                GVariant *device = g_variant_get_child_value(devices, i);

                line = g_variant_print(device, FALSE);
                g_string_append_printf(text, "%s\n", line);
                g_variant_unref(device);
        }
        g_variant_unref(devices);
        g_variant_unref(reply);
        return g_string_free(text, FALSE);
}

static void check_list(ServiceFixture *fixture, const char *drivers, const char *expected)
{
        g_autofree char *text = list_devices(fixture, drivers);

        g_assert_cmpstr(text, ==, expected);
}

#define ICE_DEVICE                                                                   \
        "{'path': <'" NIC "'>, 'bus': <'pci'>, 'id': <'0000:3b:00.0'>, 'modalias': " \
        "<'pci:v00008086d00001592sv00008086sd00000002bc02sc00i00'>, "
#define ICE_VERSIONS "'covered-by': <[('ice', 'kernel'), ('ice', '1.6.4'), ('ice', '1.11.17.1')]>}\n"
#define USB_DEVICE                                                                                      \
        "{'path': <'/sys/devices/usb/1-1:1.0'>, 'bus': <'usb'>, 'id': <'1-1:1.0'>, 'driver': <'ice'>, " \
        "'module': <'ice'>, 'active': <'1.6.4'>, 'covered-by': <@a(ss) []>}\n"

static void test_list(ServiceFixture *fixture, gconstpointer data)
{
        check_list(fixture, NULL, ICE_DEVICE ICE_VERSIONS);
        check_list(fixture, "ice", ICE_DEVICE ICE_VERSIONS);
        check_list(fixture, "intel-ice", ICE_DEVICE ICE_VERSIONS);
        check_list(fixture, "bnx2fc", "");
        /* A device is told as it is now, whether or not the service looked since. */
        sample_root_load_file(&fixture->sample, SAMPLE_KERNEL, "xenserver/intel-ice/1.6.4/ice.ko");
        sample_root_bind_device(&fixture->sample, "pci", "0000:3b:00.0", "ice");
        check_list(fixture, NULL, ICE_DEVICE "'driver': <'ice'>, 'module': <'ice'>, " ICE_VERSIONS);
        rescan(fixture);
        check_list(fixture, NULL,
                        ICE_DEVICE
                        "'driver': <'ice'>, 'module': <'ice'>, 'active': <'1.6.4'>, " ICE_VERSIONS);
        /* One that ice drives, though nothing says that it can. */
        sample_root_add_device(&fixture->sample, "usb", "1-1:1.0", NULL);
        sample_root_bind_device(&fixture->sample, "usb", "1-1:1.0", "ice");
        sample_root_add_device(&fixture->sample, "usb", "2-1:1.0", "usb:v1234p0001");
        rescan(fixture);
        check_list(fixture, "ice",
                        ICE_DEVICE "'driver': <'ice'>, 'module': <'ice'>, 'active': <'1.6.4'>, " ICE_VERSIONS
                                        USB_DEVICE);
        check_list(fixture, "dell-laptop", "");
        g_free(service_fixture_call_fails(fixture, MANAGER_PATH, MANAGER_INTERFACE, "ListDevices",
                        g_variant_new_parsed("({'drivers': <['ice', 'none']>},)"), ".NoSuchDriver"));
        g_free(service_fixture_call_fails(fixture, MANAGER_PATH, MANAGER_INTERFACE, "ListDevices",
                        g_variant_new_parsed("({'driver': <'ice'>},)"), ".InvalidArgs"));
        g_assert_cmpint(fixture->authority.questions->len, ==, 2); /* those of the rescans */
}

/* What modprobe.d has udev do with the device. Seen from a version and from the device alike. */
static void test_kept(ServiceFixture *fixture, gconstpointer data)
{
        static const struct {
                const char *text;
                bool kept;
        } rows[] = {
                { "alias pci:v00008086d0000159[2]* off\n", true },
                { "alias pci:v00008086d00001592* ice\n", false },
                { "install pci:v00008086d00001592sv00008086sd00000002bc02sc00i00 /bin/false\n", true },
                { "install ice /bin/false\n", true },
                { "install ice /opt/load\n", false },
                { "blacklist ice\n", true },
                /* By its own name nobody asks udev. */
                { "alias ice off\n", false },
                { "blacklist igb\n", false },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
                bool kept = rows[i].kept;

                g_test_message("%s", rows[i].text);
                temp_dir_write(&fixture->sample.dir, "etc/modprobe.d/a.conf", rows[i].text);
                rescan(fixture);
                check_detail(fixture, ICE, "1.6.4", "covers", kept ? "@as []" : "['" NIC "']");
                check_detail(fixture, ICE, "1.6.4", "kept-from", kept ? "['" NIC "']" : "");
                check_detail(fixture, ICE, "1.6.4", "hardware-present", "true");
                check_list(fixture, "ice",
                                kept ? ICE_DEVICE
                                                "'covered-by': <@a(ss) []>, 'kept-from': <[('ice', 'kernel'), "
                                                "('ice', '1.6.4'), ('ice', '1.11.17.1')]>}\n"
                                     : ICE_DEVICE ICE_VERSIONS);
        }
}

/* Where a file lies says nothing of where it was built. */
static void test_in_tree(ServiceFixture *fixture, gconstpointer data)
{
        const SampleRoot *sample = &fixture->sample;

        sample_root_add_module_spec(sample, SAMPLE_KERNEL, "xenserver/intel-ice/1.6.4/ice.ko",
                        &(ModuleSpec){ .version = "1.6.4", .intree = "Y" });
        rescan(fixture);
        check_detail(fixture, ICE, "1.6.4", "in-tree", "true");
        check_detail(fixture, ICE, "1.11.17.1", "in-tree", "false");
        check_detail(fixture, ICE, "kernel", "in-tree", "false");
        sample_root_add_module_spec(sample, SAMPLE_KERNEL, "kernel/drivers/net/ethernet/intel/ice/ice.ko",
                        &(ModuleSpec){ .intree = "Y" });
        rescan(fixture);
        check_detail(fixture, ICE, "kernel", "in-tree", "true");
}

/* A deselection is ended by a selection: its block keeps nothing from being covered, what lies behind does.
 */
static void test_kept_deselected(ServiceFixture *fixture, gconstpointer data)
{
        temp_dir_write(&fixture->sample.dir, "etc/modprobe.d/hostdriver-ice.conf",
                        "softdep ice pre:\nblacklist ice\ninstall ice /bin/false\n");
        rescan(fixture);
        check_driver(ICE, "Selected", "''");
        check_detail(fixture, ICE, "1.6.4", "covers", "['" NIC "']");
        temp_dir_write(&fixture->sample.dir, "etc/modprobe.d/z.conf", "install ice /bin/false\n");
        g_free(service_fixture_take_events(fixture));
        rescan(fixture);
        service_fixture_check_events(fixture, ICE " PropertiesChanged VersionDetails!\n");
        check_detail(fixture, ICE, "1.6.4", "covers", "@as []");
        temp_dir_write(&fixture->sample.dir, "etc/modprobe.d/z.conf",
                        "softdep ice pre: bnx2fc\ninstall ice :\n");
        rescan(fixture);
        check_detail(fixture, ICE, "1.6.4", "covers", "['" NIC "']");
}

static void test_builtin(ServiceFixture *fixture, gconstpointer data)
{
        g_autofree char *findings = NULL, *problems = NULL;
        GVariant *reply;

        temp_dir_write(&fixture->sample.dir, MODULES "modules.builtin", "kernel/drivers/net/ice.ko\n");
        sample_root_depmod(&fixture->sample, SAMPLE_KERNEL);
        rescan(fixture);
        /* It has no parameters, and so nothing in sysfs. */
        check_driver(ICE, "Loaded", "true");
        check_driver(ICE, "ActiveBy", "'builtin'");
        check_driver(ICE, "Active", "''");
        check_driver(ICE, "RebootRequired", "false");
        problems = service_fixture_property(fixture, ICE, DRIVER_INTERFACE, "Problems");
        g_assert_nonnull(strstr(problems, "('info', 'builtin', 'ice is a part of the running kernel"));
        g_assert_nonnull(strstr(problems, "selecting one has no effect"));
        reply = service_fixture_call(
                        fixture, ICE, DRIVER_INTERFACE, "Check", g_variant_new("(sa{sv})", "1.6.4", NULL));
        findings = g_variant_print(reply, FALSE);
        g_variant_unref(reply);
        g_assert_nonnull(strstr(findings, "('warning', 'builtin', 'ice is a part of the kernel"));
        g_assert_null(strstr(findings, "'error'"));
        g_variant_unref(service_fixture_call(
                        fixture, ICE, DRIVER_INTERFACE, "Select", g_variant_new("(sa{sv})", "1.6.4", NULL)));
        service_fixture_finish_jobs(fixture);
        check_driver(ICE, "Selected", "'1.6.4'");
        check_driver(ICE, "RebootRequired", "false");
        g_free(problems);
        problems = service_fixture_property(fixture, ICE, DRIVER_INTERFACE, "Problems");
        g_assert_nonnull(strstr(problems, "'builtin'"));
        /* As sysfs shows those that have parameters. */
        sample_root_load(&fixture->sample, &(SampleLoaded){ .module = "ice", .builtin = true });
        rescan(fixture);
        check_driver(ICE, "ActiveBy", "'builtin'");
        check_driver(ICE, "Loaded", "true");
}

static void test_reboot_reasons(ServiceFixture *fixture, gconstpointer data)
{
        g_autofree char *events = NULL;

        check_driver(ICE, "RebootReasons", "[]");
        sample_root_load_file(&fixture->sample, SAMPLE_KERNEL, "xenserver/intel-ice/1.6.4/ice.ko");
        rescan(fixture);
        check_driver(ICE, "RebootReasons",
                        "['Version 1.6.4 is loaded, and version 1.11.17.1 is selected for the next boot.']");
        events = service_fixture_take_events(fixture);
        g_assert_nonnull(strstr(events, "RebootReasons RebootRequired"));
        sample_root_load(&fixture->sample, &(SampleLoaded){ .module = "ice" });
        rescan(fixture);
        check_driver(ICE, "RebootReasons",
                        "[\"A version that can't be told is loaded, and version 1.11.17.1 is selected for the "
                        "next boot.\"]");
        service_fixture_check_property(fixture, MANAGER_PATH, MANAGER_INTERFACE, "RebootReasons",
                        "[\"ice: a version that can't be told is loaded, and version 1.11.17.1 is selected "
                        "for the next boot.\"]");
        sample_root_unload(&fixture->sample, "ice");
        rescan(fixture);
        check_driver(ICE, "RebootReasons", "[]");
}

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
#define TEST(name, function)                                                                 \
        g_test_add("/devices/" name, ServiceFixture, NULL, service_fixture_set_up, function, \
                        service_fixture_tear_down)
        TEST("details", test_details);
        TEST("device-comes", test_device_comes);
        TEST("list", test_list);
        TEST("kept", test_kept);
        TEST("kept-deselected", test_kept_deselected);
        TEST("in-tree", test_in_tree);
        TEST("builtin", test_builtin);
        TEST("reboot-reasons", test_reboot_reasons);
        return g_test_run();
}
