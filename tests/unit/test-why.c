/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What each candidate of a sample host is told: the effective one is libkmod's word, the reasons fit. */

#include <errno.h>
#include <glib.h>
#include <string.h>

#include "model/driver-derive.h"
#include "model/why.h"
#include "sample-root.h"

/* Never written to. */
static const Config config = { 0 };

typedef struct Fixture {
        SampleRoot sample;
        WhyList why;
} Fixture;

static void set_up(Fixture *fixture, gconstpointer data)
{
        sample_root_init_xenserver(&fixture->sample);
}

static void tear_down(Fixture *fixture, gconstpointer data)
{
        why_list_done(&fixture->why);
        sample_root_done(&fixture->sample);
}

/* Why() and the property Effective say the same, whatever the host is like. */
static void assert_agrees(const Fixture *fixture, const Driver *driver)
{
        const char *effective = "";

        for (size_t i = 0; i < fixture->why.count; i++)
                if (fixture->why.items[i].effective) {
                        g_assert_cmpstr(effective, ==, "");
                        effective = fixture->why.items[i].path;
                }
        g_assert_cmpstr(effective, ==, driver->effective);
}

static void explain(Fixture *fixture, const char *module)
{
        const HostRoot *root = fixture->sample.root;
        Facts *facts CLEANUP(facts_freep) = NULL;
        Driver *driver CLEANUP(driver_freep) = NULL;
        DepmodConfig depmod CLEANUP_DEPMOD_CONFIG = { 0 };
        CandidateList candidates CLEANUP_CANDIDATE_LIST = { 0 };
        size_t position = 0;

        why_list_done(&fixture->why);
        g_assert_cmpint(facts_read(root, &config, NULL, NULL, &facts), ==, 0);
        while (strcmp(facts->catalogue->modules.items[position], module) != 0)
                position++;
        g_assert_cmpint(driver_derive(facts, position, &driver), ==, 0);
        g_assert_cmpint(depmod_config_read(root, SAMPLE_KERNEL, &depmod), ==, 0);
        g_assert_cmpint(candidates_read_module(
                                        root, SAMPLE_KERNEL, module, &depmod, &facts->formats, &candidates),
                        ==, 0);
        g_assert_cmpint(why_derive(facts, driver, SAMPLE_KERNEL, &depmod, &candidates, &fixture->why), ==,
                        0);
        assert_agrees(fixture, driver);
        g_assert_cmpint(why_derive(facts, driver, "6.1", &depmod, &candidates, &fixture->why), ==, -ENOENT);
}

/* The entry at PATH below the module directory says TEXT, among others. */
static void assert_entry(const Fixture *fixture, const char *path, const char *version, bool effective,
                const char *text)
{
        g_autofree char *absolute = g_strdup_printf("/lib/modules/" SAMPLE_KERNEL "/%s", path);

        for (size_t i = 0; i < fixture->why.count; i++) {
                const WhyEntry *entry = &fixture->why.items[i];

                if (strcmp(entry->path, absolute) != 0)
                        continue;
                g_test_message("%s: %s", path, entry->reason);
                g_assert_cmpstr(entry->version, ==, version);
                g_assert_cmpint(entry->effective, ==, effective);
                g_assert_nonnull(strstr(entry->reason, text));
                /* The effective one comes first. */
                g_assert_true(!effective || i == 0);
                return;
        }
        g_error("%s is no candidate", path);
}

#define IN_TREE "kernel/drivers/net/ethernet/intel/ice/ice.ko"
#define OLD "xenserver/intel-ice/1.6.4/ice.ko"
#define NEW "xenserver/intel-ice/1.11.17.1/ice.ko"

static void test_link(Fixture *fixture, gconstpointer data)
{
        explain(fixture, "ice");
        g_assert_cmpuint(fixture->why.count, ==, 4);
        assert_entry(fixture, "updates/ice.ko", "1.11.17.1", true,
                        "search order ranks updates above the places of all other files");
        assert_entry(fixture, IN_TREE, "kernel", false,
                        "search order ranks directories that it has no line for below updates");
        assert_entry(fixture, OLD, "1.6.4", false, "below updates");
        assert_entry(fixture, NEW, "1.11.17.1", false, "below updates");
}

static void test_override(Fixture *fixture, gconstpointer data)
{
        temp_dir_write(&fixture->sample.dir, "etc/depmod.d/zz-hostdriver.conf",
                        "override ice ^4[.]19[.]0[+]1$ xenserver/intel-ice/1.6.4\n");
        sample_root_depmod(&fixture->sample, SAMPLE_KERNEL);
        explain(fixture, "ice");
        assert_entry(fixture, OLD, "1.6.4", true,
                        "The selection's override, line 1 of /etc/depmod.d/zz-hostdriver.conf, names it.");
        assert_entry(fixture, "updates/ice.ko", "1.11.17.1", false, "names " OLD " instead");
        /* Another file that comes later by name beats ours. */
        temp_dir_write(&fixture->sample.dir, "etc/depmod.d/zzz.conf", "override ice * updates\n");
        sample_root_depmod(&fixture->sample, SAMPLE_KERNEL);
        explain(fixture, "ice");
        assert_entry(fixture, "updates/ice.ko", "1.11.17.1", true,
                        "An override that isn't hostdriver's, line 1 of /etc/depmod.d/zzz.conf, names it.");
        assert_entry(fixture, OLD, "1.6.4", false,
                        "The override in line 1 of /etc/depmod.d/zzz.conf names updates/ice.ko instead.");
}

static void test_tie(Fixture *fixture, gconstpointer data)
{
        g_assert_cmpint(unlinkat(fixture->sample.dir.fd, "lib/modules/" SAMPLE_KERNEL "/updates/ice.ko", 0),
                        ==, 0);
        sample_root_depmod(&fixture->sample, SAMPLE_KERNEL);
        explain(fixture, "ice");
        g_assert_cmpuint(fixture->why.count, ==, 3);
        g_assert_true(fixture->why.items[0].effective);
        g_assert_nonnull(strstr(fixture->why.items[0].reason, "Other files rank as high"));
        g_assert_nonnull(strstr(fixture->why.items[1].reason, "It ranks as high as "));
        g_assert_nonnull(strstr(fixture->why.items[2].reason, "It ranks as high as "));
}

static void test_old_index(Fixture *fixture, gconstpointer data)
{
        temp_dir_write(&fixture->sample.dir, "etc/depmod.d/a.conf",
                        "override ice * xenserver/intel-ice/1.6.4\n");
        explain(fixture, "ice");
        assert_entry(fixture, "updates/ice.ko", "1.11.17.1", true,
                        "though depmod would take " OLD " now; run depmod " SAMPLE_KERNEL ".");
        assert_entry(fixture, OLD, "1.6.4", false,
                        "depmod would take it now, but the module index is older");
        g_assert_cmpint(unlinkat(fixture->sample.dir.fd, "lib/modules/" SAMPLE_KERNEL "/updates/ice.ko", 0),
                        ==, 0);
        explain(fixture, "ice");
        assert_entry(fixture, "updates/ice.ko", "", true, "The module index names it, but it is gone");
        assert_entry(fixture, IN_TREE, "kernel", false, "The module index doesn't name it");
}

static void test_passed_over(Fixture *fixture, gconstpointer data)
{
        temp_dir_write(&fixture->sample.dir, "etc/depmod.d/a.conf", "exclude xenserver\n");
        temp_dir_link(&fixture->sample.dir, "lib/modules/" SAMPLE_KERNEL "/extra/ice.ko", "nowhere");
        temp_dir_mkdir(&fixture->sample.dir, "lib/modules/" SAMPLE_KERNEL "/aside");
        temp_dir_link(&fixture->sample.dir, "lib/modules/" SAMPLE_KERNEL "/aside/ice.ko", "../extra");
        sample_root_depmod(&fixture->sample, SAMPLE_KERNEL);
        explain(fixture, "ice");
        assert_entry(fixture, "updates/ice.ko", "1.11.17.1", true, "search order ranks updates above");
        assert_entry(fixture, NEW, "1.11.17.1", false,
                        "Line 1 of /etc/depmod.d/a.conf, an exclude line, has depmod pass over everything named "
                        "xenserver.");
        assert_entry(fixture, "extra/ice.ko", "", false, "a link that leads nowhere");
        assert_entry(fixture, "aside/ice.ko", "", false, "no regular file");
}

/* depmod passes over what kmod can't decompress (Debian's can't gzip), but it stays the version's file. */
static void test_compressed(Fixture *fixture, gconstpointer data)
{
        const char *text;
        KmodFormats formats;

        g_assert_cmpint(kmod_formats_read(&formats), ==, 0);
        text = formats.lacks_gzip ? "compressed" : "";
        temp_dir_write(&fixture->sample.dir, "lib/modules/" SAMPLE_KERNEL "/xenserver/intel-ice/2/ice.ko.gz",
                        "");
        temp_dir_link(&fixture->sample.dir, "lib/modules/" SAMPLE_KERNEL "/extra/ice.ko.gz",
                        "../xenserver/intel-ice/2/ice.ko.gz");
        explain(fixture, "ice");
        assert_entry(fixture, "xenserver/intel-ice/2/ice.ko.gz", "2", false, text);
        assert_entry(fixture, "extra/ice.ko.gz", "2", false, text);
        assert_entry(fixture, "updates/ice.ko", "1.11.17.1", true, "");
}

static void test_no_index(Fixture *fixture, gconstpointer data)
{
        g_assert_cmpint(unlinkat(fixture->sample.dir.fd, "lib/modules/" SAMPLE_KERNEL "/modules.dep.bin", 0),
                        ==, 0);
        explain(fixture, "ice");
        for (size_t i = 0; i < fixture->why.count; i++) {
                g_assert_false(fixture->why.items[i].effective);
                g_assert_nonnull(strstr(fixture->why.items[i].reason, "There is no module index"));
        }
}

static void test_blocked(Fixture *fixture, gconstpointer data)
{
        temp_dir_write(&fixture->sample.dir, "etc/modprobe.d/hostdriver-ice.conf",
                        "install ice /bin/false\n");
        explain(fixture, "ice");
        assert_entry(fixture, "updates/ice.ko", "1.11.17.1", false, " But the driver is deselected: ");
}

static void test_other_modprobe_files(Fixture *fixture, gconstpointer data)
{
        temp_dir_write(&fixture->sample.dir, "run/modprobe.d/a.conf", "install ice :\n");
        explain(fixture, "ice");
        assert_entry(fixture, "updates/ice.ko", "1.11.17.1", false,
                        " But line 1 of /run/modprobe.d/a.conf has modprobe run `:` instead of loading it.");
        temp_dir_write(&fixture->sample.dir, "run/modprobe.d/a.conf", "install ice modprobe -i ice\n");
        temp_dir_write(&fixture->sample.dir, "etc/modprobe.d/hostdriver-ice.conf",
                        "install ice /bin/false\n");
        explain(fixture, "ice");
        for (size_t i = 0; i < fixture->why.count; i++)
                g_assert_null(strstr(fixture->why.items[i].reason, " But "));
}

static void test_aliases(Fixture *fixture, gconstpointer data)
{
        temp_dir_write(&fixture->sample.dir, "run/modprobe.d/a.conf", "alias ice other\n");
        explain(fixture, "ice");
        assert_entry(fixture, "updates/ice.ko", "1.11.17.1", false,
                        " But line 1 of /run/modprobe.d/a.conf has modprobe load other by the driver's name "
                        "instead.");
        temp_dir_write(&fixture->sample.dir, "run/modprobe.d/a.conf", "alias ic? ice\nblacklist ice\n");
        explain(fixture, "ice");
        assert_entry(fixture, "updates/ice.ko", "1.11.17.1", false,
                        " But line 1 of /run/modprobe.d/a.conf makes the driver's name an alias, so that "
                        "modprobe doesn't load by it what is blacklisted.");
        temp_dir_write(&fixture->sample.dir, "run/modprobe.d/a.conf", "alias net-pf-1 ice\nalias ice ice\n");
        explain(fixture, "ice");
        for (size_t i = 0; i < fixture->why.count; i++)
                g_assert_null(strstr(fixture->why.items[i].reason, " But "));
}

static void test_builtin(Fixture *fixture, gconstpointer data)
{
        temp_dir_write(&fixture->sample.dir, "lib/modules/" SAMPLE_KERNEL "/modules.builtin",
                        "kernel/net/ice.ko\n");
        temp_dir_write(&fixture->sample.dir, "etc/depmod.d/a.conf", "exclude xenserver updates kernel\n");
        sample_root_depmod(&fixture->sample, SAMPLE_KERNEL);
        temp_dir_write(&fixture->sample.dir, "etc/depmod.d/a.conf", "");
        explain(fixture, "ice");
        assert_entry(fixture, IN_TREE, "kernel", false, "The module is built into this kernel");
}

/* A file that the index names is no more loaded than the others. */
static void test_builtin_with_file(Fixture *fixture, gconstpointer data)
{
        temp_dir_write(&fixture->sample.dir, "lib/modules/" SAMPLE_KERNEL "/modules.builtin",
                        "kernel/net/ice.ko\n");
        sample_root_depmod(&fixture->sample, SAMPLE_KERNEL);
        explain(fixture, "ice");
        assert_entry(fixture, "updates/ice.ko", "1.11.17.1", false,
                        " But the module is built into this kernel, so that no file of it is loaded.");
}

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
#define TEST(name, function) g_test_add("/why/" name, Fixture, NULL, set_up, function, tear_down)
        TEST("link", test_link);
        TEST("override", test_override);
        TEST("tie", test_tie);
        TEST("old-index", test_old_index);
        TEST("passed-over", test_passed_over);
        TEST("compressed", test_compressed);
        TEST("no-index", test_no_index);
        TEST("blocked", test_blocked);
        TEST("other-modprobe-files", test_other_modprobe_files);
        TEST("aliases", test_aliases);
        TEST("builtin", test_builtin);
        TEST("builtin-with-file", test_builtin_with_file);
        return g_test_run();
}
