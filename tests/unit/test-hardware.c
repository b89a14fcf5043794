/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Devices of a sample host, and which of them the aliases of a module file match. */

#include <fnmatch.h>
#include <glib.h>
#include <string.h>

#include "host/hardware.h"
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
}

#define SATA "/sys/devices/pci/0000:00:1f.2 "
#define NICS "/sys/devices/pci/0000:3b:00.0 /sys/devices/pci/0000:3b:00.1 "

static void test_covers(void)
{
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
                { "virtio:[d", "" },
                { "virtio:\\d00000001v00001AF4", "/sys/devices/virtio/virtio0 " },
        };
        SampleRoot sample CLEANUP_SAMPLE_ROOT = { 0 };
        Hardware *hardware CLEANUP(hardware_freep) = NULL;

        sample_root_init(&sample, "6.1.0");
        add_devices(&sample);
        hardware = read_hardware(&sample);
        g_assert_cmpuint(hardware_count(hardware), ==, 6);
        for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
                const char *const aliases[] = { "none:*", rows[i].alias, "none:", NULL };
                ModuleFile *file CLEANUP(module_file_unrefp) = file_with(aliases);
                StringSet devices CLEANUP_STRING_SET = { 0 };
                g_autoptr(GString) text = g_string_new(NULL);

                g_test_message("%s", rows[i].alias);
                g_assert_cmpint(hardware_covers(hardware, file), ==, rows[i].devices[0] != '\0');
                g_assert_cmpint(hardware_devices(hardware, file, &devices), ==, 0);
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
        StringSet devices = { 0 };

        sample_root_init(&sample, "6.1.0");
        add_devices(&sample);
        hardware = read_hardware(&sample);
        g_assert_false(hardware_covers(hardware, file));
        g_assert_cmpint(hardware_devices(hardware, file, &devices), ==, 0);
        g_assert_cmpuint(devices.count, ==, 0);
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
        g_assert_false(hardware_covers(hardware, file));
}

/* The shortcut by the pattern's beginning leaves nothing out that fnmatch(3) would match. */
static void test_shortcut(void)
{
        static const char alphabet[] = "ab:_*?";
        SampleRoot sample CLEANUP_SAMPLE_ROOT = { 0 };
        Hardware *hardware CLEANUP(hardware_freep) = NULL;
        g_autoptr(GPtrArray) modaliases = g_ptr_array_new_with_free_func(g_free);

        sample_root_init(&sample, "6.1.0");
        for (unsigned i = 0; i < 60; i++) {
                g_autofree char *name = g_strdup_printf("d%u", i);
                g_autoptr(GString) text = g_string_new("a");

                for (int n = g_test_rand_int_range(0, 6); n > 0; n--)
                        g_string_append_c(text, alphabet[g_test_rand_int_range(0, 4)]);
                sample_root_add_device(&sample, "any", name, text->str);
                g_ptr_array_add(modaliases, g_strdup(text->str));
        }
        hardware = read_hardware(&sample);
        for (unsigned i = 0; i < 500; i++) {
                g_autoptr(GString) text = g_string_new(NULL);
                const char *const aliases[] = { text->str, NULL };
                ModuleFile *file CLEANUP(module_file_unrefp) = NULL;
                StringSet devices CLEANUP_STRING_SET = { 0 };
                size_t expected = 0;

                for (int n = g_test_rand_int_range(1, 6); n > 0; n--)
                        g_string_append_c(text, alphabet[g_test_rand_int_range(0, 6)]);
                file = file_with(aliases);
                for (guint j = 0; j < modaliases->len; j++)
                        expected += fnmatch(text->str, modaliases->pdata[j], 0) == 0;
                g_assert_cmpint(hardware_devices(hardware, file, &devices), ==, 0);
                g_assert_cmpuint(devices.count, ==, expected);
                g_assert_cmpint(hardware_covers(hardware, file), ==, expected > 0);
        }
}

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/hardware/covers", test_covers);
        g_test_add_func("/hardware/no-aliases", test_no_aliases);
        g_test_add_func("/hardware/no-hardware", test_no_hardware);
        g_test_add_func("/hardware/shortcut", test_shortcut);
        return g_test_run();
}
