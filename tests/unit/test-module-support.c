/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SUSE's kmod loads supported modules only: what is told of versions that are, and that aren't. Its modprobe
 * isn't here to be asked: the expectations are from its patches (modprobe-rules.h). */

#include <glib.h>
#include <string.h>

#include "change/checks/preflight.h"
#include "model/driver-derive.h"
#include "model/driver-devices.h"
#include "model/why.h"
#include "sample-root.h"

#define SYSCTL "proc/sys/kernel/unsupported"
#define CONFIG "lib/modprobe.d/10-unsupported-modules.conf"
#define MODALIAS "pci:v00008086d00001592sv0"

static const Config config = { 0 };

/* Nothing of what is told contradicts that VERSION is refused, or loaded. */
static void check(const SampleRoot *sample, const char *version, bool refused)
{
        Facts *facts CLEANUP(facts_freep) = NULL;
        Driver *driver CLEANUP(driver_freep) = NULL;
        Preflight *preflight CLEANUP(preflight_freep) = NULL;
        ProblemList checked CLEANUP_PROBLEM_LIST = { 0 };
        DepmodConfig depmod CLEANUP_DEPMOD_CONFIG = { 0 };
        CandidateList candidates CLEANUP_CANDIDATE_LIST = { 0 };
        WhyList why CLEANUP_WHY_LIST = { 0 };
        StringSet covers CLEANUP_STRING_SET = { 0 }, kept CLEANUP_STRING_SET = { 0 };
        const CatalogueFile *file;
        unsigned told = 0;

        g_assert_cmpint(facts_read(sample->root, &config, NULL, NULL, &facts), ==, 0);
        g_assert_cmpint(driver_derive(facts, 0, &driver), ==, 0);
        g_assert_cmpstr(driver->selected, ==, version);
        g_assert_cmpint(*driver->effective == '\0', ==, refused);
        for (size_t i = 0; i < driver->problems.count; i++) {
                g_test_message("%s", driver->problems.items[i].sentence);
                told += strcmp(driver->problems.items[i].code, "unsupported-module") == 0;
        }
        g_assert_cmpuint(told, ==, refused ? 1 : 0);
        file = driver_version_file(facts, driver, driver_version(driver, version), SAMPLE_KERNEL);
        g_assert_cmpint(preflight_new(sample->root, facts, SAMPLE_KERNEL, &(PlannedFiles){ &file, 1 },
                                        &preflight),
                        ==, 0);
        g_assert_cmpint(preflight_check(preflight, driver, driver_version(driver, version), &checked), ==,
                        0);
        told = 0;
        for (size_t i = 0; i < checked.count; i++)
                told += strcmp(checked.items[i].code, "unsupported-module") == 0;
        g_assert_cmpuint(told, ==, refused ? 1 : 0);
        g_assert_cmpint(depmod_config_read(sample->root, SAMPLE_KERNEL, &depmod), ==, 0);
        g_assert_cmpint(candidates_read_module(sample->root, SAMPLE_KERNEL, "ice", &depmod, &facts->formats,
                                        &candidates),
                        ==, 0);
        g_assert_cmpint(why_derive(facts, driver, SAMPLE_KERNEL, &depmod, &candidates, &why), ==, 0);
        g_assert_cmpint(why.items[0].effective, ==, !refused);
        g_assert_cmpint(strstr(why.items[0].reason, "isn't marked as supported") != NULL, ==, refused);
        g_assert_cmpint(driver_version_devices(
                                        facts, driver, driver_version(driver, version), &covers, &kept),
                        ==, 0);
        g_assert_cmpuint(covers.count, ==, refused ? 0 : 1);
        g_assert_cmpuint(kept.count, ==, refused ? 1 : 0);
}

static void test_support(void)
{
        static const struct {
                const char *text, *more; /* MORE: in a later file */
                bool sysctl, refused;
        } rows[] = {
                { "allow_unsupported_modules 0\n", "", true, true },
                { "allow_unsupported_modules 1\n", "", true, false },
                { "# comment\n allow_unsupported_modules   no # x\n", "", true, true },
                { "allow_unsupported_modules 0\n", "allow_unsupported_modules yes\n", true, false },
                { "allow_unsupported_modules 1\n", "allow_unsupported_modules 0\n", true, true },
                { "allow_unsupported_modules 0\n",
                                "allow_unsupported_modules 2\nallow_unsupported_modules\n", true, true },
                { "", "", true, false },
                /* Another kernel. */
                { "allow_unsupported_modules 0\n", "", false, false },
        };
        static const char *const aliases[] = { "pci:v00008086d00001592*", NULL };
        static const char *const supports[] = { NULL, "yes", "external", "no" };
        SampleRoot sample CLEANUP_SAMPLE_ROOT = { 0 };

        sample_root_init(&sample, SAMPLE_KERNEL);
        sample_root_add_device(&sample, "pci", "0000:00:01.0", MODALIAS);
        for (size_t j = 0; j < G_N_ELEMENTS(supports); j++) {
                const ModuleSpec spec = { .aliases = aliases, .supported = supports[j] };
                bool supported = j == 1 || j == 2;

                sample_root_add_module_spec(&sample, SAMPLE_KERNEL, "xenserver/p/1/ice.ko", &spec);
                if (j == 0)
                        sample_root_select(&sample, SAMPLE_KERNEL, "xenserver/p/1/ice.ko");
                sample_root_depmod(&sample, SAMPLE_KERNEL);
                for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
                        g_test_message("%s %s %s", rows[i].text, rows[i].more, supports[j]);
                        temp_dir_write(&sample.dir, CONFIG, rows[i].text);
                        temp_dir_write(&sample.dir, "etc/modprobe.d/99-local.conf", rows[i].more);
                        (void) unlinkat(sample.dir.fd, SYSCTL, 0);
                        if (rows[i].sysctl)
                                temp_dir_write(&sample.dir, SYSCTL, "2\n");
                        check(&sample, "1", rows[i].refused && !supported);
                }
        }
}

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/module-support/rows", test_support);
        return g_test_run();
}
