/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A further tree of a known layout is one row. This program has a table of its own, with one row more, which
 * the linker takes in place of trees.c: all else is the real code. */

#include <glib.h>
#include <string.h>

#include "change/plan/plan-new.h"
#include "change/plan/plan.h"
#include "model/driver-derive.h"
#include "sample-root.h"

const Tree tree_xenserver = { .name = "xenserver",
        .setting = "XenServer",
        .base = "xenserver",
        .has_packages = true,
        .is_writable = true };
const Tree tree_dmv = { .name = "dmv", .setting = "Dmv", .base = "dmv", .has_packages = true };
static const Tree tree_vendor = {
        .name = "vendor", .setting = "Vendor", .base = "oem", .has_packages = true
};
const Tree tree_kernel = { .name = KERNEL_VERSION_ID, .base = "kernel", .is_fallback = true };
const Tree *const all_trees[] = { &tree_xenserver, &tree_dmv, &tree_vendor, &tree_kernel, NULL };

typedef struct Fixture {
        SampleRoot sample;
        Config config;
        Facts *facts;
        Driver *driver;
} Fixture;

static void set_up(Fixture *fixture, gconstpointer data)
{
        sample_root_init(&fixture->sample, SAMPLE_KERNEL);
        sample_root_add_module(&fixture->sample, SAMPLE_KERNEL, "kernel/drivers/net/ice.ko", "0.8");
        sample_root_add_module(&fixture->sample, SAMPLE_KERNEL, "oem/intel-ice/2.0/ice.ko", "2.0");
        sample_root_add_module(&fixture->sample, SAMPLE_KERNEL, "elsewhere/intel-ice/3.0/ice.ko", "3.0");
}

static void tear_down(Fixture *fixture, gconstpointer data)
{
        (void) driver_free(fixture->driver);
        (void) facts_free(fixture->facts);
        config_done(&fixture->config);
        sample_root_done(&fixture->sample);
}

static void read_host(Fixture *fixture)
{
        g_assert_cmpint(config_read(fixture->sample.root, &fixture->config), ==, 0);
        g_assert_cmpint(facts_read(fixture->sample.root, &fixture->config, NULL, NULL, &fixture->facts), ==,
                        0);
}

static void derive(Fixture *fixture)
{
        g_assert_cmpuint(fixture->facts->catalogue->modules.count, ==, 1);
        g_assert_cmpint(driver_derive(fixture->facts, 0, &fixture->driver), ==, 0);
}

static void test_value(Fixture *fixture, gconstpointer data)
{
        read_host(fixture);
        g_assert_cmpuint(fixture->config.warnings.count, ==, 0);
        derive(fixture);
        g_assert_cmpuint(fixture->driver->version_count, ==, 2);
        g_assert_cmpstr(fixture->driver->versions[0].id, ==, "kernel");
        g_assert_cmpstr(fixture->driver->versions[1].id, ==, "2.0");
        g_assert_true(fixture->driver->versions[1].tree == &tree_vendor);
        g_assert_cmpstr(fixture->driver->package, ==, "intel-ice");
}

/* Where the same package ships the same module in two trees, ids name the tree. */
static void test_ids(Fixture *fixture, gconstpointer data)
{
        sample_root_add_module(&fixture->sample, SAMPLE_KERNEL, "dmv/intel-ice/2.1/ice.ko", "2.1");
        read_host(fixture);
        derive(fixture);
        g_assert_cmpuint(fixture->driver->version_count, ==, 3);
        g_assert_nonnull(driver_version(fixture->driver, "vendor/intel-ice/2.0"));
        g_assert_nonnull(driver_version(fixture->driver, "dmv/intel-ice/2.1"));
}

static void test_plan(Fixture *fixture, gconstpointer data)
{
        PlanTarget target;
        Refusal refusal CLEANUP_REFUSAL = { 0 };
        Plan *plan CLEANUP(plan_freep) = NULL;

        read_host(fixture);
        derive(fixture);
        target = (PlanTarget){ fixture->driver, "2.0" };
        g_assert_cmpint(plan_new(fixture->facts, &target, 1, NULL, &plan, &refusal), ==, 0);
        g_assert_cmpuint(plan->change_count, ==, 1);
        g_assert_cmpstr(plan->changes[0].after.target, ==, "../oem/intel-ice/2.0/ice.ko");
        g_assert_cmpstr(plan->changes[0].after.directory, ==, "oem/intel-ice/2.0");
}

static void test_setting(Fixture *fixture, gconstpointer data)
{
        temp_dir_write(&fixture->sample.dir, "etc/hostdriver/hostdriver.conf",
                        "[Trees]\nVendor=elsewhere\n");
        read_host(fixture);
        g_assert_cmpuint(fixture->config.warnings.count, ==, 0);
        derive(fixture);
        g_assert_nonnull(driver_version(fixture->driver, "3.0"));
        g_assert_null(driver_version(fixture->driver, "2.0"));
}

static void test_switched_off(Fixture *fixture, gconstpointer data)
{
        temp_dir_write(&fixture->sample.dir, "etc/hostdriver/hostdriver.conf", "[Trees]\nVendor=\n");
        read_host(fixture);
        g_assert_cmpuint(fixture->facts->catalogue->modules.count, ==, 0);
}

/* In one place with another one, it is the later row that goes. */
static void test_same_place(Fixture *fixture, gconstpointer data)
{
        temp_dir_write(&fixture->sample.dir, "etc/hostdriver/hostdriver.conf", "[Trees]\nVendor=dmv\n");
        read_host(fixture);
        g_assert_cmpuint(fixture->config.warnings.count, ==, 1);
        g_assert_cmpstr(fixture->config.warnings.items[0], ==,
                        "Dmv= and Vendor= name the same directory. Vendor= was switched off.");
        g_assert_cmpstr(config_tree_directory(&fixture->config, &tree_vendor), ==, "");
        g_assert_cmpstr(config_tree_directory(&fixture->config, &tree_dmv), ==, "dmv");
}

int main(int argc, char *argv[])
{
        static const struct {
                const char *path;
                void (*test)(Fixture *fixture, gconstpointer data);
        } tests[] = {
                { "/trees/value", test_value },
                { "/trees/ids", test_ids },
                { "/trees/plan", test_plan },
                { "/trees/setting", test_setting },
                { "/trees/switched-off", test_switched_off },
                { "/trees/same-place", test_same_place },
        };

        g_test_init(&argc, &argv, NULL);
        for (size_t i = 0; i < G_N_ELEMENTS(tests); i++)
                g_test_add(tests[i].path, Fixture, NULL, set_up, tests[i].test, tear_down);
        return g_test_run();
}
