/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Devices of a sample host, and which of them the aliases of a module file match. */

#include <glib.h>
#include <string.h>

#include "host/hardware/hardware.h"
#include "host/module/module-read.h"
#include "sample-root.h"

/* A module file with these aliases, read as any other is. */
static ModuleFile *file_with(const char *const *aliases)
{
        ModuleSpec spec = { .name = "ice", .license = "GPL", .aliases = aliases };
        ModuleFile *file = NULL;
        uint8_t *data CLEANUP_FREE = NULL;
        size_t size;

        module_writer_image(&spec, &data, &size);
        g_assert_cmpint(module_file_parse(data, size, &file), ==, 0);
        g_assert_cmpint(file->defect, ==, MODULE_SOUND);
        return file;
}

/* Whether FILE alone covers anything, by the two ways of asking. */
static bool covers(const Hardware *hardware, const ModuleFile *file)
{
        const DeviceClaim claim = { .file = file, .module = "ice" };
        StringSet devices CLEANUP_STRING_SET = { 0 };
        uint64_t fingerprint;

        g_assert_cmpint(hardware_fingerprint(hardware, &claim, &fingerprint), ==, 0);
        g_assert_cmpint(hardware_devices(hardware, &claim, &devices), ==, 0);
        g_assert_cmpint(fingerprint != 0, ==, devices.count > 0);
        return fingerprint != 0;
}

static Hardware *read_hardware(const SampleRoot *sample)
{
        Hardware *hardware = NULL;

        g_assert_cmpint(hardware_read(sample->root, &hardware), ==, 0);
        return hardware;
}

static void add_devices(const SampleRoot *sample)
{
        sample_root_add_device(sample, "pci", "0000:3b:00.0",
                        "pci:v00008086d00001592sv00008086sd00000002bc02sc00i00");
        sample_root_add_device(sample, "pci", "0000:3b:00.1",
                        "pci:v00008086d00001592sv00008086sd00000002bc02sc00i00");
        sample_root_add_device(sample, "pci", "0000:00:1f.2",
                        "pci:v00008086d00002922sv00001AF4sd00001100bc01sc06i01");
        sample_root_add_device(sample, "virtio", "virtio0", "virtio:d00000001v00001AF4");
        sample_root_add_device(
                        sample, "usb", "1-0:1.0", "usb:v1D6Bp0002d0601dc09dsc00dp00ic09isc00ip00in00");
        sample_root_add_device(sample, "platform", "reg-dummy", "platform:reg-dummy");
        sample_root_add_device(sample, "auxiliary", "ice.roce.0", NULL);
        temp_dir_write(&sample->dir, "sys/devices/auxiliary/ice.roce.0/uevent",
                        "DRIVER=irdma\nMODALIAS=auxiliary:ice.roce\nSEQNUM=1\n");
        /* Without any modalias. */
        sample_root_add_device(sample, "cpu", "cpu0", NULL);
        sample_root_add_device(sample, "odd", "bracket", "odd:a]b");
        sample_root_add_device(sample, "odd", "backslash", "odd:a\\b");
        /* A device of a class, which is on no bus. */
        temp_dir_write(&sample->dir, "sys/devices/virtual/dmi/id/modalias", "dmi:bvnDell:svnDellInc.:\n");
        temp_dir_link(&sample->dir, "sys/class/dmi/id", "../../devices/virtual/dmi/id");
}

#define SATA "/sys/devices/pci/0000:00:1f.2 "
#define NICS "/sys/devices/pci/0000:3b:00.0 /sys/devices/pci/0000:3b:00.1 "

/* The patterns, and what each covers. */
static const struct {
        const char *alias;
        const char *devices; /* with a blank behind each; "" if it covers none */
} rows[] = {
        { "pci:v00008086d00001592sv*sd*bc*sc*i*", NICS },
        { "pci:v00008086d00001593sv*sd*bc*sc*i*", "" },
        { "pci:v*d*sv*sd*bc01sc06i01*", SATA },
        { "pci:v00008086d0000[12]*", SATA NICS },
        { "pci:", "" },
        { "pci:*", SATA NICS },
        { "virtio:d00000001v*", "/sys/devices/virtio/virtio0 " },
        { "virtio:d0000000?v00001AF4", "/sys/devices/virtio/virtio0 " },
        { "virtio:d00000001v00001AF4", "/sys/devices/virtio/virtio0 " },
        { "virtio:d00000001v00001AF", "" },
        { "virtio:d00000001v00001AF45", "" },
        { "usb:v*p*d*dc09dsc*dp*ic*isc*ip*in*", "/sys/devices/usb/1-0:1.0 " },
        /* Either spelling, on either side. */
        { "platform:reg-dummy", "/sys/devices/platform/reg-dummy " },
        { "platform:reg_dummy", "/sys/devices/platform/reg-dummy " },
        { "platform:reg[-_]dummy", "/sys/devices/platform/reg-dummy " },
        { "auxiliary:ice.roce", "/sys/devices/auxiliary/ice.roce.0 " },
        { "*:ice.roce", "/sys/devices/auxiliary/ice.roce.0 " },
        { "?irtio:*", "/sys/devices/virtio/virtio0 " },
        { "zzz:*", "" },
        { "", "" },
        { "dmi*:svnDellInc.:*", "/sys/devices/virtual/dmi/id " },
        /* A pattern that libkmod refuses. */
        { "virtio:[d", "" },
        { "virtio:d00000001]*", "" },
        { "virtio:[]d]*", "" },
        { "*[", "" },
        /* Before the first wildcard a backslash is itself, behind it one escapes. */
        { "virtio:\\d00000001v00001AF4", "" },
        { "odd:a\\b", "/sys/devices/odd/backslash " },
        { "odd:a\\*", "/sys/devices/odd/backslash " },
        { "odd:?\\\\b", "/sys/devices/odd/backslash " },
        { "odd:?\\b", "" },
        { "odd:*]b", "" },
};

static void test_covers(void)
{
        SampleRoot sample CLEANUP_SAMPLE_ROOT = { 0 };
        Hardware *hardware CLEANUP(hardware_freep) = NULL;

        sample_root_init(&sample, "6.1.0");
        add_devices(&sample);
        hardware = read_hardware(&sample);
        g_assert_cmpuint(hardware_count(hardware), ==, 8);
        for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
                const char *const aliases[] = { "none:*", rows[i].alias, "none:", NULL };
                ModuleFile *file CLEANUP(module_file_unrefp) = file_with(aliases);
                StringSet devices CLEANUP_STRING_SET = { 0 };
                g_autoptr(GString) text = g_string_new(NULL);

                g_test_message("%s", rows[i].alias);
                g_assert_cmpint(covers(hardware, file), ==, rows[i].devices[0] != '\0');
                g_assert_cmpint(hardware_devices(hardware, &(DeviceClaim){ .file = file, .module = "ice" },
                                                &devices),
                                ==, 0);
                for (size_t j = 0; j < devices.count; j++)
                        g_string_append_printf(text, "%s ", devices.items[j]);
                g_assert_cmpstr(text->str, ==, rows[i].devices);
        }
}

static void test_no_aliases(void)
{
        SampleRoot sample CLEANUP_SAMPLE_ROOT = { 0 };
        Hardware *hardware CLEANUP(hardware_freep) = NULL;
        ModuleFile *file CLEANUP(module_file_unrefp) = file_with(NULL);

        sample_root_init(&sample, "6.1.0");
        add_devices(&sample);
        hardware = read_hardware(&sample);
        g_assert_false(covers(hardware, file));
}

static void test_no_hardware(void)
{
        static const char *const aliases[] = { "*", NULL };
        SampleRoot sample CLEANUP_SAMPLE_ROOT = { 0 };
        Hardware *hardware CLEANUP(hardware_freep) = NULL;
        ModuleFile *file CLEANUP(module_file_unrefp) = file_with(aliases);

        sample_root_init(&sample, "6.1.0");
        hardware = read_hardware(&sample);
        g_assert_cmpuint(hardware_count(hardware), ==, 0);
        g_assert_false(covers(hardware, file));
}

/* One spelling of a modalias for two devices, and two spellings that are equal to a module. */
static void test_spellings(void)
{
        static const char *const aliases[] = { "platform:a_b", NULL };
        SampleRoot sample CLEANUP_SAMPLE_ROOT = { 0 };
        Hardware *hardware CLEANUP(hardware_freep) = NULL;
        ModuleFile *file CLEANUP(module_file_unrefp) = file_with(aliases);
        StringSet devices CLEANUP_STRING_SET = { 0 };

        sample_root_init(&sample, "6.1.0");
        sample_root_add_device(&sample, "platform", "one", "platform:a-b");
        sample_root_add_device(&sample, "platform", "two", "platform:a_b");
        sample_root_add_device(&sample, "platform", "three", "platform:a-b");
        hardware = read_hardware(&sample);
        g_assert_cmpuint(hardware_count(hardware), ==, 2);
        g_assert_cmpstr(hardware_modalias(hardware, 0), ==, "platform:a-b");
        g_assert_cmpuint(hardware_devices_at(hardware, 0)->count, ==, 2);
        g_assert_cmpstr(hardware_modalias(hardware, 1), ==, "platform:a_b");
        g_assert_cmpint(hardware_devices(
                                        hardware, &(DeviceClaim){ .file = file, .module = "ice" }, &devices),
                        ==, 0);
        g_assert_cmpuint(devices.count, ==, 3);
}

/* The fingerprint tells sets of devices apart. */
static void test_fingerprint(void)
{
        static const char *const both[] = { "pci:v00008086d*", NULL },
                                 *const nics[] = { "pci:v00008086d00001592sv*", NULL },
                                 *const nics_twice[] = { "pci:*d00001592*", "pci:v00008086d00001592sv*",
                                         NULL };
        ModuleFile *files[3];
        uint64_t before[3], after[3];

        for (unsigned run = 0; run < 2; run++) {
                SampleRoot sample CLEANUP_SAMPLE_ROOT = { 0 };
                Hardware *hardware CLEANUP(hardware_freep) = NULL;

                files[0] = file_with(both);
                files[1] = file_with(nics);
                files[2] = file_with(nics_twice);
                sample_root_init(&sample, "6.1.0");
                add_devices(&sample);
                if (run > 0)
                        sample_root_add_device(&sample, "pci", "0000:3b:00.2",
                                        "pci:v00008086d00001592sv00008086sd00000002bc02sc00i00");
                hardware = read_hardware(&sample);
                for (unsigned i = 0; i < 3; i++) {
                        g_assert_cmpint(hardware_fingerprint(hardware,
                                                        &(DeviceClaim){ .file = files[i], .module = "ice" },
                                                        run > 0 ? &after[i] : &before[i]),
                                        ==, 0);
                        (void) module_file_unref(files[i]);
                }
        }
        g_assert_cmpuint(before[0], !=, before[1]);
        g_assert_cmpuint(before[1], ==, before[2]);
        for (unsigned i = 0; i < 3; i++)
                g_assert_cmpuint(before[i], !=, after[i]);
}

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/hardware/covers", test_covers);
        g_test_add_func("/hardware/no-aliases", test_no_aliases);
        g_test_add_func("/hardware/no-hardware", test_no_hardware);
        g_test_add_func("/hardware/spellings", test_spellings);
        g_test_add_func("/hardware/fingerprint", test_fingerprint);
        return g_test_run();
}
