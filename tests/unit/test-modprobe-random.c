/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Random files of modprobe.d, and what is told of a selected driver, beside what libkmod makes of them.
 * Another --seed makes others, and HOSTDRIVER_RANDOM_RUNS more of them. */

#include <glib.h>
#include <string.h>
#include <sys/stat.h>

#include "model/driver-derive.h"
#include "model/driver-devices.h"
#include "modprobe-run.h"
#include "random-modprobe.h"
#include "sample-root.h"

#define RELEASE "lib/modules/" SAMPLE_KERNEL
#define VERSION "xenserver/p/1/" RANDOM_MODPROBE_FILE
#define SELF RANDOM_MODPROBE_SELF
#define MODALIAS RANDOM_MODPROBE_MODALIAS
#define RUNS 150

static void add_code(GString *codes, const char *code)
{
        g_string_append_printf(codes, "%s%s", codes->len > 0 ? " " : "", code);
}

static void tell(const char *what, char **list)
{
        g_autofree char *text = g_strjoinv(" ", list);

        g_test_message("by its %s: %s", what, text);
}

/* What libkmod's answers mean: the codes of the problems, in order, and whether the file is effective. */
static char *expect(const SampleRoot *sample, bool *ret_effective)
{
        static const char *const needed[] = { "below", "lowest" };
        g_auto(GStrv) direct = modprobe_dry_list(sample, SAMPLE_KERNEL, SELF, MODPROBE_ASK_MODULE);
        g_auto(GStrv) named = modprobe_dry_list(sample, SAMPLE_KERNEL, SELF, MODPROBE_ASK_NAME);
        g_auto(GStrv) device = modprobe_dry_list(sample, SAMPLE_KERNEL, MODALIAS, MODPROBE_ASK_ALIAS);
        g_auto(GStrv) listed = modprobe_dry_list(sample, SAMPLE_KERNEL, MODALIAS, MODPROBE_ASK_DEVICE);
        const char *action = random_modprobe_action(direct, SELF);
        bool blacklisted = modprobe_is_blacklisted(sample, SAMPLE_KERNEL, SELF);
        GString *codes = g_string_new(NULL);
        bool told = false;

        tell("module", direct);
        tell("name", named);
        tell("device", device);
        tell("device for udev", listed);
        *ret_effective = random_modprobe_action(named, SELF) && !random_modprobe_is_nothing(action);
        if (!random_modprobe_action(named, SELF))
                add_code(codes, "alias-elsewhere");
        /* By what is blacklisted instead of it, it isn't loaded either. */
        if (!random_modprobe_action(device, SELF) || (!blacklisted && !random_modprobe_action(listed, SELF)))
                add_code(codes, "alias-elsewhere");
        if (*action)
                add_code(codes, random_modprobe_is_nothing(action) ? "blocked" : "install-command");
        for (size_t i = 0; i < G_N_ELEMENTS(needed); i++) {
                const char *other = random_modprobe_action(direct, needed[i]);

                if (!random_modprobe_is_nothing(other))
                        continue;
                *ret_effective = false;
                /* One line may be about both; the first dependency that is blocked is told. */
                if (!told && strcmp(other, action) != 0)
                        add_code(codes, "dependency-blocked");
                told = true;
        }
        if (blacklisted)
                add_code(codes, "blocked");
        return g_string_free(codes, FALSE);
}

/* The version covers its device if udev loads it. */
static void compare_covers(const SampleRoot *sample, const Facts *facts, const Driver *driver)
{
        static const char *const needed[] = { SELF, "below", "lowest" };
        g_auto(GStrv) listed = modprobe_dry_list(sample, SAMPLE_KERNEL, MODALIAS, MODPROBE_ASK_DEVICE);
        g_auto(GStrv) direct = modprobe_dry_list(sample, SAMPLE_KERNEL, SELF, MODPROBE_ASK_MODULE);
        StringSet covers CLEANUP_STRING_SET = { 0 }, kept CLEANUP_STRING_SET = { 0 };
        bool loaded = random_modprobe_action(listed, SELF) != NULL;

        for (size_t i = 0; i < G_N_ELEMENTS(needed); i++)
                loaded = loaded && !random_modprobe_is_nothing(random_modprobe_action(direct, needed[i]));
        g_assert_cmpint(driver_version_devices(facts, driver, &driver->versions[0], &covers, &kept), ==, 0);
        g_assert_cmpuint(covers.count + kept.count, ==, 1);
        g_assert_cmpuint(covers.count, ==, loaded ? 1 : 0);
}

static void compare(const SampleRoot *sample)
{
        static const Config config = { 0 };
        Facts *facts CLEANUP(facts_freep) = NULL;
        Driver *driver CLEANUP(driver_freep) = NULL;
        g_autoptr(GString) found = g_string_new(NULL);
        bool effective;
        g_autofree char *expected = expect(sample, &effective);

        g_assert_cmpint(facts_read(sample->root, &config, NULL, NULL, &facts), ==, 0);
        g_assert_cmpuint(facts->catalogue->modules.count, ==, 1);
        g_assert_cmpint(driver_derive(facts, 0, &driver), ==, 0);
        for (size_t i = 0; i < driver->problems.count; i++) {
                g_test_message("%s", driver->problems.items[i].sentence);
                add_code(found, driver->problems.items[i].code);
        }
        g_assert_cmpstr(found->str, ==, expected);
        compare_covers(sample, facts, driver);
        g_assert_cmpstr(driver->effective, ==, effective ? "/" RELEASE "/updates/dell-laptop.ko" : "");
}

static void test_random(void)
{
        static const char *const versions[] = { VERSION, NULL }, *const releases[] = { SAMPLE_KERNEL, NULL };
        const char *runs = g_getenv("HOSTDRIVER_RANDOM_RUNS");
        SampleRoot sample;

        sample_root_init(&sample, SAMPLE_KERNEL);
        random_modprobe_add_modules(&sample, SAMPLE_KERNEL, versions, "below", NULL);
        sample_root_add_device(&sample, "pci", "0000:00:01.0", MODALIAS);
        sample_root_select(&sample, SAMPLE_KERNEL, VERSION);
        sample_root_depmod(&sample, SAMPLE_KERNEL);
        for (long i = runs ? strtol(runs, NULL, 10) : RUNS; i > 0; i--) {
                random_modprobe_write(&sample, releases);
                compare(&sample);
        }
        sample_root_done(&sample);
}

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/modprobe-random/selected", test_random);
        return g_test_run();
}
