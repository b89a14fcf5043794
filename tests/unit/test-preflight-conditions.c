/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The preflight on sample hosts: whether the kernel lets a module have the symbols that are there. */

#include <glib.h>
#include <string.h>

#include "change/checks/preflight.h"
#include "model/driver-derive.h"
#include "sample-root.h"

#define RELEASE "6.1.0"
#define NEW "xenserver/intel-ice/2.0/ice.ko"

typedef struct Fixture {
        SampleRoot sample;
} Fixture;

static const ModuleSymbol printk[] = { { "printk", 0x11 }, { NULL } };
static const ModuleSymbol needs_both[] = { { "printk", 0x11 }, { "aux_register", 0x22 }, { NULL } };

static void set_up(Fixture *fixture, gconstpointer data)
{
        sample_root_init(&fixture->sample, RELEASE);
        sample_root_add_module_spec(&fixture->sample, RELEASE, "kernel/lib/printer.ko",
                        &(ModuleSpec){ .imports = printk });
}

static void tear_down(Fixture *fixture, gconstpointer data)
{
        sample_root_done(&fixture->sample);
}

static void add(Fixture *fixture, const char *path, const ModuleSpec *spec)
{
        sample_root_add_module_spec(&fixture->sample, RELEASE, path, spec);
}

/* There is that finding alone, with a sentence that holds PART; CODE NULL: none. */
static void check(Fixture *fixture, const char *code, Severity severity, const char *part)
{
        ProblemList problems CLEANUP_PROBLEM_LIST = { 0 };
        Facts *facts CLEANUP(facts_freep) = NULL;
        Preflight *preflight CLEANUP(preflight_freep) = NULL;
        Driver *driver CLEANUP(driver_freep) = NULL;
        Config config;

        sample_root_depmod(&fixture->sample, RELEASE);
        g_assert_cmpint(config_read(fixture->sample.root, &config), ==, 0);
        g_assert_cmpint(facts_read(fixture->sample.root, &config, NULL, NULL, &facts), ==, 0);
        g_assert_cmpuint(facts->catalogue->modules.count, ==, 1);
        g_assert_cmpint(driver_derive(facts, 0, &driver), ==, 0);
        g_assert_cmpint(preflight_new(fixture->sample.root, facts, RELEASE, &(PlannedFiles){ 0 },
                                        &preflight),
                        ==, 0);
        g_assert_cmpint(preflight_check(preflight, driver, driver_version(driver, "2.0"), &problems), ==, 0);
        for (size_t i = 0; i < problems.count; i++)
                g_test_message("%s", problems.items[i].sentence);
        g_assert_cmpuint(problems.count, ==, code ? 1 : 0);
        if (code) {
                g_assert_cmpstr(problems.items[0].code, ==, code);
                g_assert_cmpint(problems.items[0].severity, ==, severity);
                g_assert_nonnull(strstr(problems.items[0].sentence, part));
        }
        config_done(&config);
}

/* By the licence that the file has, and by the namespaces that it imports; the kernel's exports and a
 * module's.
 */
static void test_conditions(Fixture *fixture, gconstpointer data)
{
        static const ModuleSymbol gpl[] = {
                { "aux_register", 0x22, .is_gpl_only = true, .name_space = "AUX" }, { NULL }
        };
        static const char *const namespaces[] = { "AUX", "CORE", NULL };
        ModuleSpec spec = { .imports = needs_both, .license = "Proprietary" };

        temp_dir_write(&fixture->sample.dir, "usr/src/linux-headers-" RELEASE "/Module.symvers",
                        "0x00000011\tprintk\tvmlinux\tEXPORT_SYMBOL_GPL\tCORE\n");
        add(fixture, "kernel/lib/aux.ko", &(ModuleSpec){ .exports = gpl });
        add(fixture, NEW, &spec);
        check(fixture, "symbol-gpl-only", SEVERITY_ERROR, ": aux_register, printk.");
        spec.license = "Dual MIT/GPL";
        add(fixture, NEW, &spec);
        check(fixture, "symbol-namespace", SEVERITY_WARNING, ": aux_register, printk.");
        temp_dir_write(&fixture->sample.dir, "boot/config-" RELEASE, "CONFIG_MODULES=y\n");
        check(fixture, "symbol-namespace", SEVERITY_ERROR, NEW);
        spec.namespaces = namespaces;
        add(fixture, NEW, &spec);
        check(fixture, NULL, SEVERITY_INFO, NULL);
}

/* A kernel with module versions takes a file without any only by force. */
static void test_versions_missing(Fixture *fixture, gconstpointer data)
{
        static const struct {
                const char *config;
                Severity severity;
        } rows[] = {
                { "", SEVERITY_WARNING },
                { "CONFIG_MODULES=y\n# CONFIG_MODULE_FORCE_LOAD is not set\n", SEVERITY_ERROR },
                { "CONFIG_MODULES=y\nCONFIG_MODULE_FORCE_LOAD=y\n", SEVERITY_WARNING },
        };

        add(fixture, NEW, &(ModuleSpec){ .versions = MODULE_VERSIONS_NONE });
        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                temp_dir_write(&fixture->sample.dir, "boot/config-" RELEASE, rows[i].config);
                check(fixture, "symbol-versions-missing", rows[i].severity, NEW);
        }
        add(fixture, NEW,
                        &(ModuleSpec){ .versions = MODULE_VERSIONS_NONE,
                                        .vermagic = RELEASE " SMP mod_unload " });
        check(fixture, "vermagic-mismatch", SEVERITY_ERROR, NEW);
}

/* What another package exports counts as it will be, if that is switched in the same change. */
static void test_together(Fixture *fixture, gconstpointer data)
{
        static const ModuleSymbol before[] = { { "aux_register", 0x21 }, { NULL } };
        static const ModuleSymbol after[] = { { "aux_register", 0x22 }, { NULL } };
        const CatalogueFile *planned;
        ProblemList problems CLEANUP_PROBLEM_LIST = { 0 };
        Facts *facts CLEANUP(facts_freep) = NULL;
        Preflight *preflight CLEANUP(preflight_freep) = NULL;
        Driver *driver CLEANUP(driver_freep) = NULL;
        Config config;

        temp_dir_write(&fixture->sample.dir, "usr/src/linux-headers-" RELEASE "/Module.symvers",
                        "0x00000011\tprintk\tvmlinux\tEXPORT_SYMBOL\t\n");
        add(fixture, "kernel/lib/aux.ko", &(ModuleSpec){ .exports = before });
        add(fixture, NEW, &(ModuleSpec){ .imports = needs_both, .depends = "aux" });
        check(fixture, "symbol-crc-mismatch", SEVERITY_ERROR, "aux_register");
        add(fixture, "xenserver/aux/1/aux.ko.xz", &(ModuleSpec){ .exports = after });
        g_assert_cmpint(config_read(fixture->sample.root, &config), ==, 0);
        g_assert_cmpint(facts_read(fixture->sample.root, &config, NULL, NULL, &facts), ==, 0);
        planned = catalogue_file_at(
                        catalogue_release(facts->catalogue, RELEASE), "xenserver/aux/1/aux.ko.xz");
        g_assert_nonnull(planned);
        g_assert_cmpstr(facts->catalogue->modules.items[1], ==, "ice");
        g_assert_cmpint(driver_derive(facts, 1, &driver), ==, 0);
        g_assert_cmpint(preflight_new(fixture->sample.root, facts, RELEASE, &(PlannedFiles){ &planned, 1 },
                                        &preflight),
                        ==, 0);
        g_assert_cmpint(preflight_check(preflight, driver, driver_version(driver, "2.0"), &problems), ==, 0);
        g_assert_cmpuint(problems.count, ==, 0);
        config_done(&config);
}

#define ADD(name, function) \
        g_test_add("/preflight-conditions/" name, Fixture, NULL, set_up, function, tear_down)

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
        ADD("conditions", test_conditions);
        ADD("versions-missing", test_versions_missing);
        ADD("together", test_together);
        return g_test_run();
}
