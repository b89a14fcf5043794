/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The look-up of devices by claims, on random data: equal to the plain loop over all, and to what libkmod
 * finds in an index of the real depmod. */

#include <errno.h>
#include <fnmatch.h>
#include <glib.h>
#include <libkmod.h>
#include <string.h>

#include "host/hardware/hardware.h"
#include "host/module/module-read.h"
#include "sample-root.h"

#define RELEASE "6.1.0"
#define DEVICES 80
#define PATTERNS 300

/* Short texts of few letters, so that many match. */
static char *random_text(const char *beginning, const char *alphabet, int size_max)
{
        GString *text = g_string_new(beginning);

        for (int n = g_test_rand_int_range(0, size_max); n > 0; n--)
                g_string_append_c(text, alphabet[g_test_rand_int_range(0, (gint32) strlen(alphabet))]);
        return g_string_free(text, FALSE);
}

static GPtrArray *add_devices(const SampleRoot *sample, const char *alphabet)
{
        GPtrArray *modaliases = g_ptr_array_new_with_free_func(g_free);

        for (unsigned i = 0; i < DEVICES; i++) {
                g_autofree char *name = g_strdup_printf("d%u", i);
                char *text = random_text("x:", alphabet, 7);

                sample_root_add_device(sample, "any", name, text);
                g_ptr_array_add(modaliases, text);
        }
        return modaliases;
}

static ModuleFile *file_with(const char *alias)
{
        const char *const aliases[] = { alias, NULL };
        ModuleSpec spec = { .name = "ice", .license = "GPL", .aliases = aliases };
        ModuleFile *file = NULL;
        uint8_t *data CLEANUP_FREE = NULL;
        size_t size;

        module_writer_image(&spec, &data, &size);
        g_assert_cmpint(module_file_parse(data, size, &file), ==, 0);
        return file;
}

static bool covers_device(const Hardware *hardware, const ModuleFile *file, const TreeInfo *info, guint i)
{
        const DeviceClaim claim = { .file = file, .info = info, .module = "ice" };
        g_autofree char *path = g_strdup_printf("/sys/devices/any/d%u", i);
        StringSet devices CLEANUP_STRING_SET = { 0 };

        g_assert_cmpint(hardware_devices(hardware, &claim, &devices), ==, 0);
        return string_set_contains(&devices, path);
}

/* "-" is "_"; there are no brackets here. */
static char *plain_form(const char *text)
{
        return g_strdelimit(g_strdup(text), "-", '_');
}

static void test_loop(void)
{
        SampleRoot sample CLEANUP_SAMPLE_ROOT = { 0 };
        Hardware *hardware CLEANUP(hardware_freep) = NULL;
        g_autoptr(GPtrArray) modaliases = NULL;

        sample_root_init(&sample, RELEASE);
        modaliases = add_devices(&sample, "ab-_:");
        g_assert_cmpint(hardware_read(sample.root, &hardware), ==, 0);
        for (unsigned i = 0; i < PATTERNS; i++) {
                g_autofree char *alias = random_text(g_test_rand_bit() ? "x:" : "", "ab-_:*?", 7);
                g_autofree char *pattern = plain_form(alias);
                ModuleFile *file CLEANUP(module_file_unrefp) = file_with(alias);

                for (guint j = 0; j < modaliases->len; j++) {
                        g_autofree char *text = plain_form(modaliases->pdata[j]);
                        bool expected = fnmatch(pattern, text, 0) == 0;

                        if (covers_device(hardware, file, NULL, j) != expected)
                                g_error("%s and %s", alias, (const char *) modaliases->pdata[j]);
                }
        }
}

static char *module_name(unsigned number)
{
        return g_strdup_printf("m%u", number);
}

/* The names of the modules that libkmod would load for MODALIAS, with blanks between and around. */
static char *kmod_answer(struct kmod_ctx *context, const char *modalias)
{
        struct kmod_list *list = NULL, *item;
        GString *names = g_string_new(" ");
        int r = kmod_module_new_from_lookup(context, modalias, &list);

        g_assert_true(r >= 0 || r == -EINVAL);
        kmod_list_foreach(item, list)
        {
                struct kmod_module *module = kmod_module_get_module(item);

                g_string_append_printf(names, "%s ", kmod_module_get_name(module));
                (void) kmod_module_unref(module);
        }
        (void) kmod_module_unref_list(list);
        return g_string_free(names, FALSE);
}

static void test_libkmod(void)
{
        static const char *const no_config = NULL;
        SampleRoot sample CLEANUP_SAMPLE_ROOT = { 0 };
        Hardware *hardware CLEANUP(hardware_freep) = NULL;
        g_autoptr(GPtrArray) modaliases = NULL, answers = g_ptr_array_new_with_free_func(g_free);
        char *directory CLEANUP_FREE = NULL;
        struct kmod_ctx *context;
        char *aliases[PATTERNS];
        unsigned matches = 0;

        sample_root_init(&sample, RELEASE);
        /* No wildcards: what libkmod makes of those in a modalias depends on what else is in its index. */
        modaliases = add_devices(&sample, "ab-_]\\");
        for (unsigned i = 0; i < PATTERNS; i++) {
                g_autofree char *name = module_name(i);
                g_autofree char *path = g_strdup_printf("kernel/%s.ko", name);
                const char *list[] = { NULL, NULL };

                aliases[i] = random_text("x:", "ab-_*?[]\\", 7);
                list[0] = aliases[i];
                sample_root_add_module_spec(&sample, RELEASE, path, &(ModuleSpec){ .aliases = list });
        }
        sample_root_depmod(&sample, RELEASE);
        directory = temp_dir_path(&sample.dir, "lib/modules/" RELEASE);
        context = kmod_new(directory, &no_config);
        g_assert_nonnull(context);
        for (guint j = 0; j < modaliases->len; j++)
                g_ptr_array_add(answers, kmod_answer(context, modaliases->pdata[j]));
        (void) kmod_unref(context);
        g_assert_cmpint(hardware_read(sample.root, &hardware), ==, 0);
        for (unsigned i = 0; i < PATTERNS; i++) {
                ModuleFile *file CLEANUP(module_file_unrefp) = file_with(aliases[i]);
                g_autofree char *name = g_strdup_printf(" m%u ", i);

                for (guint j = 0; j < modaliases->len; j++) {
                        bool expected = strstr(answers->pdata[j], name);

                        matches += expected;
                        if (covers_device(hardware, file, NULL, j) != expected)
                                g_error("%s and %s: libkmod says %d", aliases[i],
                                                (const char *) modaliases->pdata[j], expected);
                }
                g_free(aliases[i]);
        }
        g_test_message("%u matches", matches);
        g_assert_cmpuint(matches, >, 0);
}

/* PCI ids cover what their own numbers say. */
static void test_pci_ids(void)
{
        SampleRoot sample CLEANUP_SAMPLE_ROOT = { 0 };
        Hardware *hardware CLEANUP(hardware_freep) = NULL;
        ModuleFile *file CLEANUP(module_file_unrefp) = file_with("none:");
        PciId devices[DEVICES];

        sample_root_init(&sample, RELEASE);
        for (unsigned i = 0; i < DEVICES; i++) {
                g_autofree char *name = g_strdup_printf("d%u", i), *modalias = NULL;
                const guint32 bits = (guint32) g_test_rand_int();

                devices[i] = (PciId){ 0x8086 + (bits & 1), 0xAB00 + (bits >> 1 & 1), bits >> 2 & 1,
                        bits >> 3 & 1 };
                modalias = g_strdup_printf("pci:v%08Xd%08Xsv%08Xsd%08Xbc02sc00i00", devices[i].vendor,
                                devices[i].device, devices[i].subvendor, devices[i].subdevice);
                sample_root_add_device(&sample, "any", name, modalias);
        }
        g_assert_cmpint(hardware_read(sample.root, &hardware), ==, 0);
        for (unsigned i = 0; i < PATTERNS; i++) {
                const guint32 bits = (guint32) g_test_rand_int();
                PciId id = { bits & 16 ? PCI_ID_ANY : 0x8086 + (bits & 1),
                        bits & 32 ? PCI_ID_ANY : 0xAB00 + (bits >> 1 & 1),
                        bits & 64 ? PCI_ID_ANY : bits >> 2 & 1, bits & 128 ? PCI_ID_ANY : bits >> 3 & 1 };
                PciIdList lists[] = {
                        { (char *) "other", &(PciId){ PCI_ID_ANY, PCI_ID_ANY, PCI_ID_ANY, PCI_ID_ANY }, 1 },
                        { (char *) "ice", &id, 1 }
                };
                const TreeInfo info = { .pci_ids = lists, .pci_ids_count = 2 };

                for (guint j = 0; j < DEVICES; j++)
                        g_assert_cmpint(covers_device(hardware, file, &info, j), ==,
                                        (id.vendor == PCI_ID_ANY || id.vendor == devices[j].vendor) &&
                                                        (id.device == PCI_ID_ANY ||
                                                                        id.device == devices[j].device) &&
                                                        (id.subvendor == PCI_ID_ANY ||
                                                                        id.subvendor == devices[j].subvendor) &&
                                                        (id.subdevice == PCI_ID_ANY ||
                                                                        id.subdevice == devices[j].subdevice));
        }
}

static void test_parse(void)
{
        static const struct {
                const char *text;
                int result;
                guint32 value;
        } rows[] = {
                { "*", 0, PCI_ID_ANY },
                { "8086", 0, 0x8086 },
                { "0x8086", 0, 0x8086 },
                { "0X15aB", 0, 0x15AB },
                { "14E4", 0, 0x14E4 },
                { "0", 0, 0 },
                { "00000000ffff", 0, 0xFFFF },
                { "10000", -EINVAL },
                { "ffffffffffffffffffffffffffffffffffff", -EINVAL },
                { "", -EINVAL },
                { "0x", -EINVAL },
                { "0x*", -EINVAL },
                { "**", -EINVAL },
                { " 8086", -EINVAL },
                { "8086 ", -EINVAL },
                { "-1", -EINVAL },
                { "80g6", -EINVAL },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
                guint32 value = 77;

                g_test_message("%s", rows[i].text);
                g_assert_cmpint(pci_id_parse(rows[i].text, &value), ==, rows[i].result);
                g_assert_cmphex(value, ==, rows[i].result == 0 ? rows[i].value : 77);
        }
}

static void test_pattern(void)
{
        char pattern[PCI_ID_PATTERN_SIZE];

        pci_id_pattern(&(PciId){ 0x8086, 0xabcd, PCI_ID_ANY, PCI_ID_ANY }, pattern);
        g_assert_cmpstr(pattern, ==, "pci:v00008086d0000ABCDsv*sd*bc*sc*i*");
        pci_id_pattern(&(PciId){ PCI_ID_ANY, 0, 0xFFFF, 1 }, pattern);
        g_assert_cmpstr(pattern, ==, "pci:v*d00000000sv0000FFFFsd00000001bc*sc*i*");
}

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/hardware-match/loop", test_loop);
        g_test_add_func("/hardware-match/libkmod", test_libkmod);
        g_test_add_func("/hardware-match/pci-ids", test_pci_ids);
        g_test_add_func("/hardware-match/parse", test_parse);
        g_test_add_func("/hardware-match/pattern", test_pattern);
        return g_test_run();
}
