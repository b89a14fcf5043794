/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which devices wait for a driver that was selected, and that their uevent files are written to. */

#include <errno.h>
#include <glib.h>
#include <string.h>

#include "change/stages/stage-devices.h"
#include "model/driver-derive.h"
#include "sample-root.h"

#define DEVICE "/sys/devices/pci/0000:3b:00.0"

typedef struct Fixture {
        SampleRoot sample;
        Config config;
        Facts *facts;
        Driver *ice;
} Fixture;

static void read_facts(Fixture *fixture)
{
        g_assert_cmpint(facts_read(fixture->sample.root, &fixture->config, NULL, NULL, &fixture->facts), ==,
                        0);
        for (size_t i = 0; i < fixture->facts->catalogue->modules.count; i++)
                if (strcmp(fixture->facts->catalogue->modules.items[i], "ice") == 0)
                        g_assert_cmpint(driver_derive(fixture->facts, i, &fixture->ice), ==, 0);
}

static void set_up(Fixture *fixture, gconstpointer data)
{
        sample_root_init_xenserver(&fixture->sample);
        g_assert_cmpint(config_read(fixture->sample.root, &fixture->config), ==, 0);
}

static void tear_down(Fixture *fixture, gconstpointer data)
{
        (void) driver_free(fixture->ice);
        (void) facts_free(fixture->facts);
        config_done(&fixture->config);
        sample_root_done(&fixture->sample);
}

static void expect(const Fixture *fixture, const char *release, const char *version, const char *device)
{
        const PlanSubject subject = {
                .driver = (char *) "ice", .release = (char *) release, .to = (char *) version
        };
        StringSet found CLEANUP_STRING_SET = { 0 };

        g_assert_cmpint(devices_find_waiting(fixture->sample.root, fixture->facts, fixture->ice, &subject,
                                        &found),
                        ==, 0);
        g_assert_cmpuint(found.count, ==, device ? 1 : 0);
        if (device)
                g_assert_cmpstr(found.items[0], ==, device);
}

static void test_waiting(Fixture *fixture, gconstpointer data)
{
        read_facts(fixture);
        expect(fixture, SAMPLE_KERNEL, "1.6.4", DEVICE);
        /* Another kernel's selection, and a deselection, change nothing for a device. */
        expect(fixture, "6.1.0", "1.6.4", NULL);
        expect(fixture, SAMPLE_KERNEL, "", NULL);
}

static void test_bound(Fixture *fixture, gconstpointer data)
{
        sample_root_bind_device(&fixture->sample, "pci", "0000:3b:00.0", "other");
        read_facts(fixture);
        expect(fixture, SAMPLE_KERNEL, "1.6.4", NULL);
}

static void test_loaded(Fixture *fixture, gconstpointer data)
{
        sample_root_load_file(&fixture->sample, SAMPLE_KERNEL, "xenserver/intel-ice/1.6.4/ice.ko");
        read_facts(fixture);
        expect(fixture, SAMPLE_KERNEL, "1.6.4", NULL);
}

static void test_announce(Fixture *fixture, gconstpointer data)
{
        StringSet devices CLEANUP_STRING_SET = { 0 };
        const char *failed = NULL;
        char *path = temp_dir_path(&fixture->sample.dir, &(DEVICE "/uevent")[1]);
        g_autofree char *text = NULL;

        temp_dir_write(&fixture->sample.dir, &(DEVICE "/uevent")[1], "");
        g_assert_cmpint(string_set_add(&devices, "/sys/devices/pci/0000:00:00.0"), ==, 1);
        g_assert_cmpint(string_set_add(&devices, DEVICE), ==, 1);
        g_assert_cmpint(devices_announce(fixture->sample.root, &devices, &failed), ==, -ENOENT);
        g_assert_cmpstr(failed, ==, "/sys/devices/pci/0000:00:00.0");
        g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
        g_assert_cmpstr(text, ==, "add");
        free(path);
}

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
#define TEST(name, function) g_test_add("/stage-devices/" name, Fixture, NULL, set_up, function, tear_down)
        TEST("waiting", test_waiting);
        TEST("bound", test_bound);
        TEST("loaded", test_loaded);
        TEST("announce", test_announce);
        return g_test_run();
}
