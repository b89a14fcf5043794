/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which devices the versions cover: the look-up by an alias's beginning, against a loop over all devices and
 * aliases. The loop is run for a part of the versions, and its time multiplied. */

#include <fnmatch.h>
#include <string.h>

#include "bench.h"
#include "host/hardware/hardware.h"
#include "host/module/module-read.h"

#define DEVICES 2000
#define VERSIONS 5000
#define ALIASES 50
#define NAIVE_PART 200 /* one version of so many */
#define RUNS 3

/* A third of the devices is on each of three buses, with ids that a version may have or not. */
static GPtrArray *add_devices(const SampleRoot *root)
{
        GPtrArray *modaliases = g_ptr_array_new_with_free_func(g_free);

        for (unsigned i = 0; i < DEVICES; i++) {
                g_autofree char *name = g_strdup_printf("d%u", i);
                char *modalias;

                if (i % 3 == 0)
                        modalias = g_strdup_printf("pci:v%08Xd%08Xsv%08Xsd%08Xbc02sc00i00", 0x1000 + i % 40,
                                        i * 7, 0x8086, i);
                else if (i % 3 == 1)
                        modalias = g_strdup_printf("usb:v%04Xp%04Xd0100dc00dsc00dp00icFFisc00ip00in00",
                                        0x1000 + i % 40, i * 7);
                else
                        modalias = g_strdup_printf("platform:device-%u", i);
                sample_root_add_device(root, "any", name, modalias);
                g_ptr_array_add(modaliases, modalias);
        }
        return modaliases;
}

/* Nine of ten aliases name vendor and device, one a vendor and a class. */
static ModuleFile *make_file(unsigned version)
{
        char *aliases[ALIASES + 1] = { NULL };
        ModuleSpec spec = { .name = "x", .license = "GPL", .aliases = (const char *const *) aliases };
        uint8_t *data CLEANUP_FREE = NULL;
        ModuleFile *file = NULL;
        size_t size;

        for (unsigned i = 0; i < ALIASES; i++) {
                unsigned number = version / 5 * ALIASES + i;

                if (i % 10 == 9)
                        aliases[i] = g_strdup_printf("pci:v%08Xd*sv*sd*bc0Csc03i*", 0x1000 + number % 80);
                else
                        aliases[i] = g_strdup_printf("pci:v%08Xd%08Xsv*sd*bc*sc*i*", 0x1000 + number % 80,
                                        number % 65536);
        }
        module_writer_image(&spec, &data, &size);
        g_assert_cmpint(module_file_parse(data, size, &file), ==, 0);
        for (unsigned i = 0; i < ALIASES; i++)
                g_free(aliases[i]);
        return file;
}

static double measure_index(const Hardware *hardware, ModuleFile *const files[], size_t *ret_covering)
{
        double begin = bench_now();

        *ret_covering = 0;
        for (unsigned i = 0; i < VERSIONS; i++) {
                const DeviceClaim claim = { .file = files[i], .module = "x" };
                uint64_t fingerprint;

                g_assert_cmpint(hardware_fingerprint(hardware, &claim, &fingerprint), ==, 0);
                *ret_covering += fingerprint != 0;
        }
        return bench_now() - begin;
}

static double measure_loop(const GPtrArray *modaliases, ModuleFile *const files[])
{
        double begin = bench_now();

        for (unsigned i = 0; i < VERSIONS; i += NAIVE_PART)
                for (guint j = 0; j < modaliases->len; j++) {
                        const char *alias = NULL;

                        while ((alias = module_file_next(files[i], "alias", alias)))
                                if (fnmatch(alias, modaliases->pdata[j], 0) == 0)
                                        break;
                }
        return (bench_now() - begin) * NAIVE_PART;
}

int main(int argc, char *argv[])
{
        static ModuleFile *files[VERSIONS];
        g_autoptr(GPtrArray) modaliases = NULL;
        double index[RUNS], loop, reading;
        Hardware *hardware = NULL;
        SampleRoot root;
        size_t covering;

        bench_init(argc, argv);
        sample_root_init(&root, BENCH_KERNEL);
        modaliases = add_devices(&root);
        for (unsigned i = 0; i < VERSIONS; i++)
                files[i] = make_file(i);
        reading = bench_now();
        g_assert_cmpint(hardware_read(root.root, &hardware), ==, 0);
        reading = bench_now() - reading;
        for (unsigned i = 0; i < RUNS; i++)
                index[i] = measure_index(hardware, files, &covering);
        loop = measure_loop(modaliases, files);
        bench_report("a loop over 2000 devices and the 50 aliases of 5000 versions", loop, "the look-up",
                        bench_median(index, RUNS), "ms", 100);
        g_print("%zu versions cover a device; reading the devices: %.3f ms\n", covering, reading);
        for (unsigned i = 0; i < VERSIONS; i++)
                (void) module_file_unref(files[i]);
        (void) hardware_free(hardware);
        sample_root_done(&root);
        return EXIT_SUCCESS;
}
