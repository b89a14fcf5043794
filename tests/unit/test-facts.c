/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* All facts of a whole sample host, with the index of a real depmod. */

#include <glib.h>
#include <string.h>

#include "host/facts.h"
#include "sample-root.h"

/* Never written to. */
static const Config config = { 0 };

typedef struct Fixture {
        SampleRoot sample;
} Fixture;

static void set_up(Fixture *fixture, gconstpointer data)
{
        sample_root_init_xenserver(&fixture->sample);
}

static void tear_down(Fixture *fixture, gconstpointer data)
{
        sample_root_done(&fixture->sample);
}

static Facts *read_facts(const Fixture *fixture, const Facts *previous)
{
        Facts *facts = NULL;

        g_assert_cmpint(facts_read(fixture->sample.root, &config, previous, NULL, &facts), ==, 0);
        return facts;
}

/* The positions of a module and of a release. */
static size_t module_at(const Facts *facts, const char *module)
{
        for (size_t i = 0; i < facts->catalogue->modules.count; i++)
                if (strcmp(facts->catalogue->modules.items[i], module) == 0)
                        return i;
        g_error("%s is no driver", module);
}

static const EffectiveFile *effective(const Facts *facts, const char *release, const char *module)
{
        for (size_t i = 0; i < facts->catalogue->release_count; i++)
                if (strcmp(facts->catalogue->releases[i].release, release) == 0)
                        return facts_effective(facts, i, module_at(facts, module));
        g_error("no release %s", release);
}

static void test_xenserver(Fixture *fixture, gconstpointer data)
{
        static const struct {
                const char *module;
                const char *effective;
        } rows[] = {
                { "bnx2fc", "updates/bnx2fc.ko" },
                { "dell_laptop", "updates/dell_laptop.ko" },
                { "ice", "updates/ice.ko" },
        };
        Facts *facts CLEANUP(facts_freep) = read_facts(fixture, NULL);

        g_assert_cmpstr(facts->kernel, ==, SAMPLE_KERNEL);
        g_assert_cmpuint(facts->catalogue->modules.count, ==, G_N_ELEMENTS(rows));
        g_assert_cmpuint(hardware_count(facts->hardware), ==, 1);
        for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
                size_t module = module_at(facts, rows[i].module);

                g_assert_cmpuint(module, ==, i);
                g_assert_cmpint(facts->loaded[module].state, ==, LOAD_ABSENT);
                g_assert_cmpstr(effective(facts, SAMPLE_KERNEL, rows[i].module)->path, ==,
                                rows[i].effective);
                g_assert_false(effective(facts, SAMPLE_KERNEL, rows[i].module)->builtin);
        }
}

static void test_loaded(Fixture *fixture, gconstpointer data)
{
        Facts *facts CLEANUP(facts_freep) = NULL;
        const LoadedModule *ice;

        sample_root_load_file(&fixture->sample, SAMPLE_KERNEL, "xenserver/intel-ice/1.6.4/ice.ko");
        sample_root_bind_device(&fixture->sample, "pci", "0000:3b:00.0", "ice");
        facts = read_facts(fixture, NULL);
        ice = &facts->loaded[module_at(facts, "ice")];
        g_assert_cmpint(ice->state, ==, LOAD_LIVE);
        g_assert_cmpstr(ice->note_version, ==, "1.6.4");
        g_assert_cmpuint(ice->devices.count, ==, 1);
        g_assert_cmpstr(ice->devices.items[0], ==, "/sys/devices/pci/0000:3b:00.0");
        g_assert_cmpint(facts->loaded[module_at(facts, "bnx2fc")].state, ==, LOAD_ABSENT);
}

/* Several releases: one without an index, one where the driver is part of the kernel. */
static void test_releases(Fixture *fixture, gconstpointer data)
{
        Facts *facts CLEANUP(facts_freep) = NULL;

        sample_root_add_kernel(&fixture->sample, "6.1.0");
        sample_root_add_module(&fixture->sample, "6.1.0", "kernel/net/ice.ko", NULL);
        sample_root_add_kernel(&fixture->sample, "6.12.0");
        sample_root_add_module(&fixture->sample, "6.12.0", "kernel/net/bnx2fc.ko", NULL);
        temp_dir_write(&fixture->sample.dir, "lib/modules/6.12.0/modules.builtin",
                        "kernel/drivers/net/ice.ko\n");
        sample_root_depmod(&fixture->sample, "6.12.0");
        facts = read_facts(fixture, NULL);
        g_assert_cmpuint(facts->catalogue->release_count, ==, 3);
        g_assert_cmpstr(effective(facts, SAMPLE_KERNEL, "ice")->path, ==, "updates/ice.ko");
        g_assert_null(effective(facts, "6.1.0", "ice")->path);
        g_assert_false(effective(facts, "6.1.0", "ice")->builtin);
        g_assert_null(effective(facts, "6.12.0", "ice")->path);
        g_assert_true(effective(facts, "6.12.0", "ice")->builtin);
        g_assert_cmpstr(effective(facts, "6.12.0", "bnx2fc")->path, ==, "kernel/net/bnx2fc.ko");
}

/* What is built in is so whatever files there are; in the running kernel sysfs knows better. */
static void test_builtin(Fixture *fixture, gconstpointer data)
{
        Facts *facts CLEANUP(facts_freep) = NULL;

        temp_dir_write(&fixture->sample.dir, "lib/modules/" SAMPLE_KERNEL "/modules.builtin",
                        "kernel/drivers/net/ice.ko\nkernel/drivers/scsi/bnx2fc.ko\n");
        sample_root_depmod(&fixture->sample, SAMPLE_KERNEL);
        sample_root_load(&fixture->sample, &(SampleLoaded){ .module = "bnx2fc" });
        sample_root_load(&fixture->sample, &(SampleLoaded){ .module = "dell_laptop", .builtin = true });
        facts = read_facts(fixture, NULL);
        g_assert_cmpstr(effective(facts, SAMPLE_KERNEL, "ice")->path, ==, "updates/ice.ko");
        g_assert_true(effective(facts, SAMPLE_KERNEL, "ice")->builtin);
        g_assert_cmpstr(facts->catalogue->modules.items[0], ==, "bnx2fc");
        g_assert_false(facts_is_builtin(facts, 0, 0)); /* it is loaded from a file, as sysfs shows */
        g_assert_true(facts_is_builtin(facts, 0, 1));
        g_assert_true(facts_is_builtin(facts, 0, 2));
}

/* Nothing of the facts before is needed once there are new ones. */
static void test_previous(Fixture *fixture, gconstpointer data)
{
        Facts *first = read_facts(fixture, NULL), *second;
        const ModuleFile *file = first->catalogue->releases[0].files[0].file;

        second = read_facts(fixture, first);
        g_assert_true(second->catalogue->releases[0].files[0].file == file);
        first = facts_free(first);
        g_assert_cmpstr(effective(second, SAMPLE_KERNEL, "ice")->path, ==, "updates/ice.ko");
        g_assert_cmpstr(second->catalogue->releases[0].files[0].file->name, ==, "bnx2fc");
        second = facts_free(second);
}

/* A host with nothing at all: no trees, no sysfs. */
static void test_empty(void)
{
        TempDir dir CLEANUP_TEMP_DIR = { 0 };
        HostRoot *root CLEANUP(host_root_freep) = NULL;
        Facts *facts CLEANUP(facts_freep) = NULL;

        temp_dir_init(&dir, "facts");
        g_assert_cmpint(host_root_new(dir.path, "6.1", &root), ==, 0);
        g_assert_cmpint(facts_read(root, &config, NULL, NULL, &facts), ==, 0);
        g_assert_cmpuint(facts->catalogue->release_count, ==, 0);
        g_assert_cmpuint(facts->catalogue->modules.count, ==, 0);
        g_assert_cmpuint(hardware_count(facts->hardware), ==, 0);
}

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
#define TEST(name, function) g_test_add("/facts/" name, Fixture, NULL, set_up, function, tear_down)
        TEST("xenserver", test_xenserver);
        TEST("loaded", test_loaded);
        TEST("releases", test_releases);
        TEST("builtin", test_builtin);
        TEST("previous", test_previous);
        g_test_add_func("/facts/empty", test_empty);
        return g_test_run();
}
