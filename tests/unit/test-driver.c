/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The driver's value: its versions and their names, the truth table of RebootRequired, what is told of the
 * selection, and whether two values are the same. */

#include <glib.h>
#include <string.h>

#include "facts-builder.h"
#include "model/driver-compare.h"
#include "model/driver.h"
#include "model/version-id.h"

#define ICE_1 "xenserver/intel-ice/1.6.4/ice.ko"
#define ICE_2 "xenserver/intel-ice/1.11.17.1/ice.ko"
#define ICE_K "kernel/drivers/net/ice.ko"

static void check_versions(const FactsSpec *spec, const char *module, const char *expected)
{
        Driver *driver CLEANUP(driver_freep) = facts_derive(spec, module);
        GString *ids = g_string_new(NULL);

        for (size_t i = 0; i < driver->version_count; i++)
                g_string_append_printf(ids, "%s%s", i > 0 ? " " : "", driver->versions[i].id);
        g_assert_cmpstr(ids->str, ==, expected);
        g_string_free(ids, TRUE);
}

static void test_versions(void)
{
        static const struct {
                FactsSpec spec;
                const char *expected;
        } table[] = {
                { { .files = { { ICE_2 }, { ICE_1 }, { ICE_K } } }, "kernel 1.6.4 1.11.17.1" },
                { { .files = { { ICE_1 } } }, "1.6.4" },
                { { .releases = { "5.10", "6.1" }, .files = { { ICE_1, "5.10" }, { ICE_2 }, { ICE_1 } } },
                                "1.6.4 1.11.17.1" },
                { { .files = { { ICE_1 }, { "xenserver/oot-ice/1.2/ice.ko" }, { ICE_K } } },
                                "kernel oot-ice/1.2 intel-ice/1.6.4" },
                { { .files = { { ICE_1 }, { "xenserver/oot-ice/1.6.4/ice.ko" } } },
                                "intel-ice/1.6.4 oot-ice/1.6.4" },
                { { .files = { { ICE_1 }, { "xenserver/intel-ice/kernel/ice.ko" }, { ICE_K } } },
                                "kernel intel-ice/kernel 1.6.4" },
                { { .releases = { "5.10", "6.1" },
                                  .files = { { ICE_1 }, { "dmv/intel-ice/1.6.4/ice.ko", "5.10" } } },
                                "dmv/intel-ice/1.6.4 xenserver/intel-ice/1.6.4" },
                { { .files = { { "xenserver/p/1.0/ice.ko" }, { "xenserver/p/1.0~rc1/ice.ko" },
                                    { "xenserver/p/01.0/ice.ko" } } },
                                "1.0~rc1 01.0 1.0" },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(table); i++)
                check_versions(&table[i].spec, "ice", table[i].expected);
}

/* What was written when other packages were there, or fewer. */
static void test_version_meant(void)
{
        static const struct {
                FactsSpec spec;
                const char *text, *expected; /* NULL: none */
        } table[] = {
                { { .files = { { ICE_1 }, { ICE_2 } } }, "1.6.4", "xenserver/intel-ice/1.6.4" },
                { { .files = { { ICE_1 }, { ICE_2 } } }, "intel-ice/1.6.4", "xenserver/intel-ice/1.6.4" },
                { { .files = { { ICE_1 }, { ICE_2 } } }, "xenserver/intel-ice/1.6.4",
                                "xenserver/intel-ice/1.6.4" },
                { { .files = { { ICE_1 }, { ICE_2 } } }, "xenserver/other/1.6.4", NULL },
                { { .files = { { ICE_1 }, { ICE_2 } } }, "dmv/intel-ice/1.6.4", NULL },
                { { .files = { { ICE_1 }, { ICE_2 } } }, "other/1.6.4", NULL },
                { { .files = { { ICE_1 }, { ICE_2 } } }, "", NULL },
                { { .files = { { ICE_1 }, { ICE_2 } } }, "kernel", NULL },
                { { .files = { { ICE_1 }, { ICE_K } } }, "kernel", "kernel" },
                { { .files = { { "xenserver/p/kernel/ice.ko" } } }, "kernel", NULL },
                { { .files = { { ICE_1 }, { "xenserver/other/2/ice.ko" } } }, "1.6.4",
                                "xenserver/intel-ice/1.6.4" },
                { { .files = { { ICE_1 }, { "xenserver/other/1.6.4/ice.ko" } } }, "1.6.4", NULL },
                { { .files = { { ICE_1 }, { "xenserver/other/1.6.4/ice.ko" } } }, "other/1.6.4",
                                "xenserver/other/1.6.4" },
                { { .files = { { ICE_1 }, { "dmv/intel-ice/1.6.4/ice.ko" } } }, "intel-ice/1.6.4", NULL },
                { { .files = { { ICE_1 }, { "dmv/intel-ice/1.6.4/ice.ko" } } }, "dmv/intel-ice/1.6.4",
                                "dmv/intel-ice/1.6.4" },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
                Driver *driver CLEANUP(driver_freep) = facts_derive(&table[i].spec, "ice");
                const DriverVersion *version = driver_version_meant(driver, table[i].text);
                char *full CLEANUP_FREE = version ? driver_version_full(version) : NULL;

                g_test_message("%zu: %s", i, table[i].text);
                g_assert_cmpstr(full, ==, table[i].expected);
        }
}

static void test_version_of_releases(void)
{
        FactsSpec spec = {
                .releases = { "5.10", "6.1", "6.6" },
                .files = { { "xenserver/p/1/ice.ko", "5.10", .version = "a" }, { "xenserver/p/1/x/ice.ko" },
                                { "xenserver/p/1/ice.ko", "6.6", .version = "c" },
                                { "xenserver/p/2/ice.ko", "5.10", .version = "d" },
                                { "xenserver/p/2/y/ice.ko", "6.6", .version = "e" } },
        };
        Driver *driver CLEANUP(driver_freep) = facts_derive(&spec, "ice");

        g_assert_cmpuint(driver->version_count, ==, 2);
        g_assert_cmpuint(driver->versions[0].releases.count, ==, 3);
        g_assert_cmpstr(driver->versions[0].path, ==, "xenserver/p/1/x/ice.ko");
        g_assert_cmpstr(driver->versions[0].file->version, ==, "");
        /* Not there for the running release: the last one that has it. */
        g_assert_cmpstr(driver->versions[1].path, ==, "xenserver/p/2/y/ice.ko");
        g_assert_cmpstr(driver->versions[1].file->version, ==, "e");
        g_assert_cmpuint(driver->release_count, ==, 3);
}

static void test_texts(void)
{
        static const TreeInfo info = { .type = (char *) "network",
                .description = (char *) "from info",
                .status = (char *) "production",
                .version = (char *) "1.6",
                .priority = 7 };
        FactsSpec spec = {
                .files = { { "dmv/intel-ice/a/ice.ko", .description = "from file", .info = &info },
                                { ICE_K, .description = "in-box" } },
                .updates = { { "ice.ko", .path = "dmv/intel-ice/a/ice.ko" } },
                .effective = { { "ice", .path = "updates/ice.ko" } },
        };
        Driver *driver CLEANUP(driver_freep) = facts_derive(&spec, "ice");

        g_assert_cmpstr(driver->description, ==, "from info");
        g_assert_cmpstr(driver->type, ==, "network");
        g_assert_cmpstr(driver->package, ==, "intel-ice");
        g_assert_cmpstr(driver_version_status(&driver->versions[1]), ==, "production");
        g_assert_cmpstr(driver_version_told(&driver->versions[1]), ==, "1.6");
        g_assert_cmpint(driver->versions[1].info->priority, ==, 7);
        g_assert_cmpuint(driver->problems.count, ==, 0);
}

/* What the newest version doesn't say, an older one does. */
static void test_silent(void)
{
        static const TreeInfo info = { .type = (char *) "network", .description = (char *) "from info" };
        FactsSpec spec = {
                .files = { { "dmv/intel-ice/1/ice.ko", .info = &info }, { "dmv/intel-ice/2/ice.ko" } },
        };
        Driver *driver CLEANUP(driver_freep) = facts_derive(&spec, "ice");

        g_assert_cmpstr(driver->description, ==, "from info");
        g_assert_cmpstr(driver->type, ==, "network");
}

static void test_package(void)
{
        FactsSpec spec = { .files = { { "xenserver/b/1/ice.ko" }, { "xenserver/a/1/ice.ko" }, { ICE_K } } };
        Driver *driver = facts_derive(&spec, "ice");

        g_assert_cmpstr(driver->package, ==, "a");
        (void) driver_free(driver);
        spec.updates[0] = (FactsUpdate){ "ice.ko", .path = "xenserver/b/1/ice.ko" };
        driver = facts_derive(&spec, "ice");
        g_assert_cmpstr(driver->package, ==, "b");
        g_assert_cmpstr(driver->selected, ==, "b/1");
        (void) driver_free(driver);
}

static void test_reboot_required(void)
{
        static const struct {
                LoadState state;
                const char *selected, *active;
                bool expected;
        } table[] = {
                { LOAD_ABSENT, "", "", false },
                { LOAD_ABSENT, "1", "", false },
                { LOAD_ABSENT, "", "1", false },
                { LOAD_ABSENT, "1", "1", false },
                { LOAD_ABSENT, "1", "2", false },
                { LOAD_LIVE, "", "", false },
                { LOAD_LIVE, "1", "", true },
                { LOAD_LIVE, "", "1", true },
                { LOAD_LIVE, "1", "1", false },
                { LOAD_LIVE, "1", "2", true },
                { LOAD_LIVE, "kernel", "1", true },
                { LOAD_BUILTIN, "", "", false },
                { LOAD_BUILTIN, "1", "", false },
                { LOAD_BUILTIN, "", "1", false },
                { LOAD_BUILTIN, "1", "1", false },
                { LOAD_BUILTIN, "1", "2", false },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(table); i++)
                if (driver_reboot_required(table[i].state, table[i].selected, table[i].active) !=
                                table[i].expected)
                        g_error("state %d, selected '%s', active '%s': not %d", table[i].state,
                                        table[i].selected, table[i].active, table[i].expected);
}

static void test_reboot_required_derived(void)
{
        FactsSpec spec = {
                .files = { { ICE_1, .build_id = "aa" }, { ICE_2, .build_id = "bb" } },
                .updates = { { "ice.ko", .path = ICE_2 } },
                .effective = { { "ice", .path = "updates/ice.ko" } },
                .loaded = { { "ice", LOAD_LIVE, .build_id = "aa" } },
        };
        Driver *driver CLEANUP(driver_freep) = facts_derive(&spec, "ice");

        g_assert_cmpstr(driver->selected, ==, "1.11.17.1");
        g_assert_cmpstr(driver->active, ==, "1.6.4");
        g_assert_true(driver->loaded);
        g_assert_true(driver->reboot_required);
}

/* What isn't published counts too when a refresh asks whether a value may stay. */
static void test_equal(void)
{
        FactsSpec spec = { .files = { { ICE_1 } } };
        Driver *a CLEANUP(driver_freep) = facts_derive(&spec, "ice");
        Driver *b CLEANUP(driver_freep) = facts_derive(&spec, "ice");
        DriverRelease *release = &b->releases[0];
        char *effective = release->effective, *initramfs = release->initramfs;

        g_assert_cmpuint(b->version_count, ==, 1);
        g_assert_false(driver_equal(a, b)); /* the same words, but of another reading */
        (void) module_file_unref(b->versions[0].file);
        b->versions[0].file = module_file_ref(a->versions[0].file);
        g_assert_true(driver_equal(a, b));

        release->chosen = !release->chosen;
        g_assert_false(driver_equal(a, b));
        release->chosen = !release->chosen;
        release->effective = (char *) "/lib/modules/elsewhere";
        g_assert_false(driver_equal(a, b));
        release->effective = effective;
        release->initramfs = (char *) "/boot/initrd.img";
        g_assert_false(driver_equal(a, b));
        release->initramfs = initramfs;
        g_assert_true(driver_equal(a, b));

        b->loaded = true;
        g_assert_false(driver_equal(a, b));
}

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/driver/versions", test_versions);
        g_test_add_func("/driver/version-meant", test_version_meant);
        g_test_add_func("/driver/version-of-releases", test_version_of_releases);
        g_test_add_func("/driver/texts", test_texts);
        g_test_add_func("/driver/silent", test_silent);
        g_test_add_func("/driver/package", test_package);
        g_test_add_func("/driver/reboot-required", test_reboot_required);
        g_test_add_func("/driver/reboot-required-derived", test_reboot_required_derived);
        g_test_add_func("/driver/equal", test_equal);
        return g_test_run();
}
