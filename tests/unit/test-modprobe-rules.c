/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* modprobe.d of a selected and of a deselected driver: what is told of it, beside what libkmod would do. */

#include <glib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "model/driver-derive.h"
#include "model/driver.h"
#include "modprobe-run.h"
#include "own-mounts.h"
#include "sample-root.h"

#define RELEASE "lib/modules/" SAMPLE_KERNEL
#define VERSION "xenserver/p/1/dell-laptop.ko"
#define ETC "etc/modprobe.d/"
#define OURS ETC "hostdriver-dell_laptop.conf"
#define BLOCK "softdep dell_laptop pre:\nblacklist dell_laptop\ninstall dell_laptop /bin/false\n"

/* What is loaded before it. */
#define NEEDS "lowest below "

/* Never written to. */
static const Config config = { 0 };

static bool own_mounts;

typedef struct Fixture {
        SampleRoot sample;
} Fixture;

#define DEVICE "pci:v00001028d00000001sv*"
#define MODALIAS "pci:v00001028d00000001sv0"

static void add(const SampleRoot *sample, const char *path, const char *needed, const char *exported,
                const char *version)
{
        static const char *const aliases[] = { DEVICE, NULL };
        const ModuleSymbol imports[] = { { .name = needed, .crc = 1 }, { NULL } };
        const ModuleSymbol exports[] = { { .name = exported, .crc = 1 }, { NULL } };
        const ModuleSpec spec = { .version = version,
                .depends = needed && strcmp(needed, "laptop") == 0 ? "dell-laptop" : needed,
                .aliases = version ? aliases : NULL,
                .imports = imports,
                .exports = exports };

        sample_root_add_module_spec(sample, SAMPLE_KERNEL, path, &spec);
}

/* Version 1 is selected; it needs "below", which needs "lowest"; "first" is there to be named, and needs
 * nothing, "above" needs dell_laptop. */
static void set_up(Fixture *fixture, gconstpointer data)
{
        SampleRoot *sample = &fixture->sample;

        sample_root_init(sample, SAMPLE_KERNEL);
        add(sample, VERSION, "below", "laptop", "1");
        add(sample, "kernel/below.ko", "lowest", "below", NULL);
        add(sample, "kernel/lowest.ko", NULL, "lowest", NULL);
        add(sample, "kernel/above.ko", "laptop", NULL, NULL);
        sample_root_add_module(sample, SAMPLE_KERNEL, "kernel/first.ko", NULL);
        sample_root_add_device(sample, "pci", "0000:00:01.0", MODALIAS);
        sample_root_select(sample, SAMPLE_KERNEL, VERSION);
        sample_root_depmod(sample, SAMPLE_KERNEL);
}

static void tear_down(Fixture *fixture, gconstpointer data)
{
        sample_root_done(&fixture->sample);
}

/* depmod finds its file all the same. */
static void deselect(const Fixture *fixture)
{
        g_assert_cmpint(unlinkat(fixture->sample.dir.fd, RELEASE "/updates/dell-laptop.ko", 0), ==, 0);
        sample_root_depmod(&fixture->sample, SAMPLE_KERNEL);
        temp_dir_write(&fixture->sample.dir, OURS, BLOCK);
}

typedef struct Row {
        const char *path, *text;
        const char *more_path, *more_text; /* another file; NULL: none */
        const char *named, *aliased;       /* what libkmod would do */
        const char *codes;                 /* of the driver's problems, with blanks between */
        const char *said;                  /* a part of the first one's sentence; NULL: there is none */
} Row;

static Driver *derive(const Fixture *fixture)
{
        Facts *facts CLEANUP(facts_freep) = NULL;
        Driver *driver = NULL;

        g_assert_cmpint(facts_read(fixture->sample.root, &config, NULL, NULL, &facts), ==, 0);
        g_assert_cmpuint(facts->catalogue->modules.count, ==, 1);
        g_assert_cmpint(driver_derive(facts, 0, &driver), ==, 0);
        return driver;
}

static void check_effective(const Driver *driver, bool loads)
{
        const char *expected = *driver->selected ? "updates/dell-laptop.ko" : VERSION;
        g_autofree char *path = loads ? g_strdup_printf("/" RELEASE "/%s", expected) : g_strdup("");

        g_assert_cmpstr(driver->effective, ==, path);
}

static void check_problems(const Driver *driver, const char *codes, const char *said)
{
        g_autoptr(GString) found = g_string_new(NULL);

        for (size_t i = 0; i < driver->problems.count; i++) {
                g_test_message("%s", driver->problems.items[i].sentence);
                g_string_append_printf(found, "%s%s", i > 0 ? " " : "", driver->problems.items[i].code);
        }
        g_assert_cmpstr(found->str, ==, codes);
        if (said)
                g_assert_nonnull(strstr(driver->problems.items[0].sentence, said));
}

/* The driver's effective file is the truth if libkmod would load it by its name. */
static void check_row(Fixture *fixture, const Row *row)
{
        const SampleRoot *sample = &fixture->sample;
        g_autofree char *named = NULL, *aliased = NULL;
        Driver *driver CLEANUP(driver_freep) = NULL;

        g_test_message("%s: %s", row->path, row->text);
        temp_dir_write(&sample->dir, row->path, row->text);
        if (row->more_path)
                temp_dir_write(&sample->dir, row->more_path, row->more_text);
        named = modprobe_dry_run(sample, SAMPLE_KERNEL, "dell-laptop", false);
        aliased = modprobe_dry_run(sample, SAMPLE_KERNEL, "dell-laptop", true);
        g_assert_cmpstr(named, ==, row->named);
        g_assert_cmpstr(aliased, ==, row->aliased);
        driver = derive(fixture);
        check_problems(driver, row->codes, row->said);
        if (strstr(row->codes, "install-command") == NULL)
                check_effective(driver, strstr(row->named, "dell_laptop") &&
                                                        !strstr(row->codes, "dependency-blocked"));
        g_assert_cmpint(unlinkat(sample->dir.fd, row->path, 0), ==, 0);
        if (row->more_path)
                g_assert_cmpint(unlinkat(sample->dir.fd, row->more_path, 0), ==, 0);
}

#define LOADED .named = NEEDS "dell_laptop", .aliased = NEEDS "dell_laptop"
#define LOAD "/sbin/modprobe --ignore-install dell-laptop"

static void test_selected(Fixture *fixture, gconstpointer data)
{
        static const Row rows[] = {
                { ETC "a.conf", "options dell-laptop x=1\nblacklist first\n", LOADED, .codes = "" },
                { ETC "a.conf", "\nblacklist dell-laptop\n", .named = NEEDS "dell_laptop", .aliased = "",
                                .codes = "blocked",
                                .said = "Version 1 of dell_laptop is selected, but line 2 of "
                                        "/etc/modprobe.d/a.conf blacklists it, " },
                { "run/modprobe.d/a.conf", "blacklist dell_laptop more\n", .named = NEEDS "dell_laptop",
                                .aliased = "", .codes = "blocked",
                                .said = "Copy the file to /etc/modprobe.d and remove that line there." },
                { ETC "a.conf", "blacklist dell*\nblacklist\n#blacklist dell_laptop", LOADED, .codes = "" },
                { ETC "a.conf", "install dell-laptop /bin/true\n", .named = NEEDS "</bin/true>",
                                .aliased = NEEDS "</bin/true>", .codes = "blocked",
                                .said = "line 1 of /etc/modprobe.d/a.conf has modprobe run `/bin/true` "
                                        "instead of loading it. Remove that line." },
                { "usr/lib/modprobe.d/a.conf", "x \\\n\ninstall [de]*-lapto? :\n", .named = NEEDS "<:>",
                                .aliased = NEEDS "<:>", .codes = "blocked",
                                .said = "line 3 of /usr/lib/modprobe.d/a.conf" },
                { ETC "a.conf", "install dell[-]laptop :\ninstall dell[ :\ninstall dell_laptop", LOADED,
                                .codes = "" },
                { "usr/local/lib/modprobe.d/a.conf", "install * false\nblacklist dell_laptop\n",
                                .named = "<false> <false> <false>", .aliased = "",
                                .codes = "blocked blocked" },
                { ETC "a.conf", "install dell_laptop /opt/load\n", .named = NEEDS "</opt/load>",
                                .aliased = NEEDS "</opt/load>", .codes = "install-command",
                                .said = "has modprobe run `/opt/load` instead of loading it" },
                { ETC "a.conf", "softdep dell_laptop post: first\ninstall dell_laptop false\n",
                                .named = NEEDS "dell_laptop first", .aliased = NEEDS "dell_laptop first",
                                .codes = "" },
                /* The first file of a name and the first line count. */
                { "run/modprobe.d/a.conf", "install dell_laptop false\n", ETC "a.conf", "", LOADED,
                                .codes = "" },
                { "run/modprobe.d/a.conf", "", "usr/local/lib/modprobe.d/a.conf",
                                "install dell_laptop false\n", LOADED, .codes = "" },
                { "usr/local/lib/modprobe.d/a.conf", "", "lib/modprobe.d/a.conf",
                                "install dell_laptop false\n", LOADED, .codes = "" },
                { "lib/modprobe.d/a.conf", "install dell_laptop false\n", "run/modprobe.d/b.conf",
                                "install dell_laptop /opt/load\n", .named = NEEDS "<false>",
                                .aliased = NEEDS "<false>", .codes = "blocked" },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
                check_row(fixture, &rows[i]);
}

static void test_aliases(Fixture *fixture, gconstpointer data)
{
        static const Row rows[] = {
                { ETC "a.conf", "alias dell-laptop off\n", .named = "off?", .aliased = "off?",
                                .codes = "alias-elsewhere",
                                .said = "Version 1 of dell_laptop is selected, but line 1 of "
                                        "/etc/modprobe.d/a.conf has `modprobe dell_laptop` load nothing "
                                        "instead. Remove that line." },
                { ETC "a.conf", "\nalias dell_laptop first\n", .named = "first", .aliased = "first",
                                .codes = "alias-elsewhere", .said = "line 2 of /etc/modprobe.d/a.conf has" },
                { "usr/lib/modprobe.d/a.conf", "alias dell[_]l* first more\n", .named = "first",
                                .aliased = "first", .codes = "alias-elsewhere",
                                .said = "Copy the file to /etc/modprobe.d" },
                /* Whatever leads to it, or to what needs it, or is about another name, is harmless. */
                { ETC "a.conf", "alias dell-laptop dell-laptop\nalias dell_laptop first\n",
                                .named = NEEDS "dell_laptop first", .aliased = NEEDS "dell_laptop first",
                                .codes = "" },
                { ETC "a.conf", "alias dell-laptop above\n", .named = NEEDS "dell_laptop above",
                                .aliased = NEEDS "dell_laptop above", .codes = "" },
                { ETC "a.conf", "alias dell-laptop first\nsoftdep first post: above\n",
                                .named = "first " NEEDS "dell_laptop above",
                                .aliased = "first " NEEDS "dell_laptop above", .codes = "" },
                { ETC "a.conf", "alias dell-laptop first\nsoftdep first post: dell_laptop\n",
                                .named = "first", .aliased = "first", .codes = "alias-elsewhere" },
                /* modprobe doesn't load what is blacklisted and was found by an alias. */
                { ETC "a.conf", "blacklist dell_laptop\nalias dell-laptop dell-laptop\n", .named = "",
                                .aliased = "", .codes = "alias-elsewhere blocked",
                                .said = "line 2 of /etc/modprobe.d/a.conf makes its name an alias, so that "
                                        "`modprobe dell_laptop` doesn't load what is blacklisted. Remove" },
                { ETC "a.conf", "blacklist dell_laptop\nalias dell* dell_laptop\n", .named = "",
                                .aliased = "", .codes = "alias-elsewhere blocked" },
                { ETC "a.conf", "blacklist dell_laptop\nalias dell_laptop dell_laptop\nalias dell_laptop above\n",
                                .named = NEEDS "dell_laptop above", .aliased = NEEDS "dell_laptop above",
                                .codes = "blocked" },
                { ETC "a.conf", "blacklist above\nalias dell_laptop above\n", .named = "", .aliased = "",
                                .codes = "alias-elsewhere", .said = "doesn't load what is blacklisted" },
                { ETC "a.conf",
                                "alias eth0 dell-laptop\nalias dell first\nalias dell_laptop\n"
                                "alias dell[ first\nalias first off\n",
                                LOADED, .codes = "" },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
                check_row(fixture, &rows[i]);
}

/* What udev looks up: by name it is loaded all the same. */
static void test_device_aliases(Fixture *fixture, gconstpointer data)
{
        static const struct {
                const char *text, *loaded, *said; /* NULL: no problem */
        } rows[] = {
                { "alias pci:v00001028d* first\n", "first",
                                "line 1 of /etc/modprobe.d/a.conf has udev load first for the device "
                                "/sys/devices/pci/0000:00:01.0 instead. Remove that line." },
                { "alias " MODALIAS " off\n", "off?", "has udev load nothing for the device" },
                { "alias pci:* first\nalias pci:v00001028* dell-laptop\n", "first " NEEDS "dell_laptop",
                                NULL },
                { "alias " DEVICE " above\n", NEEDS "dell_laptop above", NULL },
                { "alias pci:v00001029d* first\n", NEEDS "dell_laptop", NULL },
                /* What is spelt out counts before the index, by either command; what matches doesn't. */
                { "install " MODALIAS " /bin/false\n", "</bin/false>",
                                "line 1 of /etc/modprobe.d/a.conf has udev run `/bin/false` for the device "
                                "/sys/devices/pci/0000:00:01.0 instead. Remove that line." },
                { "remove " MODALIAS " :\n", MODALIAS "?",
                                "line 1 of /etc/modprobe.d/a.conf has udev load nothing for the device" },
                { "install pci:* /bin/false\n", NEEDS "dell_laptop", NULL },
                { "install " MODALIAS " /bin/false\nalias " DEVICE " dell_laptop\n", NEEDS "dell_laptop",
                                NULL },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
                Driver *driver CLEANUP(driver_freep) = NULL;
                g_autofree char *loaded = NULL;

                g_test_message("%s", rows[i].text);
                temp_dir_write(&fixture->sample.dir, ETC "a.conf", rows[i].text);
                loaded = modprobe_dry_run(&fixture->sample, SAMPLE_KERNEL, MODALIAS, true);
                g_assert_cmpstr(loaded, ==, rows[i].loaded);
                driver = derive(fixture);
                check_problems(driver, rows[i].said ? "alias-elsewhere" : "", rows[i].said);
                check_effective(driver, true);
        }
}

static void test_soft_dependencies(Fixture *fixture, gconstpointer data)
{
        static const Row rows[] = {
                /* What isn't there defeats nothing. */
                { ETC "a.conf", "softdep dell_laptop pre: none post: nobody\ninstall dell_laptop false\n",
                                .named = NEEDS "<false>", .aliased = NEEDS "<false>", .codes = "blocked" },
                { ETC "a.conf", "softdep dell_laptop pre: none first\ninstall dell_laptop false\n",
                                .named = NEEDS "first dell_laptop", .aliased = NEEDS "first dell_laptop",
                                .codes = "" },
                /* An alias, a symbol, a command and a modalias are found, too; and only the first line
                   counts. */
                { ETC "a.conf", "softdep * pre: no-ne\ninstall dell_laptop false\nalias n*e off\n",
                                .named = "off? lowest below dell_laptop", .codes = "",
                                .aliased = "off? lowest below dell_laptop" },
                { ETC "a.conf", "softdep dell_laptop pre: none\ninstall dell_laptop false\ninstall none :\n",
                                .named = NEEDS "<:> dell_laptop", .aliased = NEEDS "<:> dell_laptop",
                                .codes = "" },
                { ETC "a.conf", "softdep dell_laptop pre: none\ninstall dell_laptop false\nremove none :\n",
                                .named = NEEDS "none? dell_laptop", .aliased = NEEDS "none? dell_laptop",
                                .codes = "" },
                { ETC "a.conf", "softdep dell_laptop pre: none\ninstall dell_laptop false\ninstall non* :\n",
                                .named = NEEDS "<false>", .aliased = NEEDS "<false>", .codes = "blocked" },
                { ETC "a.conf",
                                "softdep dell_laptop pre: none\nsoftdep dell_laptop pre: first\n"
                                "install dell_laptop false\n",
                                .named = NEEDS "<false>", .aliased = NEEDS "<false>", .codes = "blocked" },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
                check_row(fixture, &rows[i]);
}

/* depmod writes them down in a file that counts by its name, "modules.softdep". */
static void test_own_soft_dependencies(Fixture *fixture, gconstpointer data)
{
        static const Row rows[] = {
                { ETC "z.conf", "install dell_laptop false\n", .named = NEEDS "first dell_laptop",
                                .aliased = NEEDS "first dell_laptop", .codes = "" },
                { ETC "a.conf", "softdep dell_laptop pre:\ninstall dell_laptop false\n",
                                .named = NEEDS "<false>", .aliased = NEEDS "<false>", .codes = "blocked" },
                { ETC "n.conf", "softdep dell_laptop pre:\ninstall dell_laptop false\n",
                                .named = NEEDS "first dell_laptop", .aliased = NEEDS "first dell_laptop",
                                .codes = "" },
                { "usr/local/lib/modprobe.d/a.conf", "install first false\ninstall dell_laptop false\n",
                                .named = NEEDS "<false> dell_laptop", .codes = "",
                                .aliased = NEEDS "<false> dell_laptop" },
        };
        const SampleRoot *sample = &fixture->sample;

        temp_dir_write(&sample->dir, RELEASE "/modules.softdep", "softdep dell_laptop pre: first\n");
        for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
                check_row(fixture, &rows[i]);
}

static void test_dependencies(Fixture *fixture, gconstpointer data)
{
        static const Row rows[] = {
                { ETC "a.conf", "install below /bin/false\n", .named = "lowest </bin/false> dell_laptop",
                                .aliased = "lowest </bin/false> dell_laptop", .codes = "dependency-blocked",
                                .said = "Version 1 of dell_laptop can't be loaded: it needs below, and line "
                                        "1 of /etc/modprobe.d/a.conf has modprobe run `/bin/false` instead "
                                        "of loading that. Remove that line." },
                { ETC "hostdriver-lowest.conf",
                                "softdep lowest pre:\nblacklist lowest\n"
                                "install lowest /bin/false\n",
                                .named = "</bin/false> below dell_laptop",
                                .aliased = "</bin/false> below dell_laptop", .codes = "dependency-blocked",
                                .said = "it needs lowest, which is deselected, so that "
                                        "/etc/modprobe.d/hostdriver-lowest.conf keeps it from being loaded. "
                                        "Run `hostdriverctl select lowest VERSION`." },
                { ETC "a.conf", "install below /bin/false\nsoftdep below pre: first\nblacklist lowest\n",
                                .named = "lowest first below dell_laptop",
                                .aliased = "lowest first below dell_laptop", .codes = "" },
                { ETC "a.conf", "install first /bin/false\nalias below off\n", LOADED, .codes = "" },
                { ETC "a.conf", "install below /opt/load\n", .named = "lowest </opt/load> dell_laptop",
                                .aliased = "lowest </opt/load> dell_laptop", .codes = "" },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
                check_row(fixture, &rows[i]);
}

/* The command would have libkmod load it again. */
static void test_selected_by_command(Fixture *fixture, gconstpointer data)
{
        Driver *driver CLEANUP(driver_freep) = NULL;

        temp_dir_write(&fixture->sample.dir, ETC "a.conf", "install dell_laptop echo now; " LOAD "\n");
        driver = derive(fixture);
        check_problems(driver, "", NULL);
        check_effective(driver, true);
}

#define BLOCKED .named = NEEDS "</bin/false>", .aliased = "", .codes = ""

static void test_deselected(Fixture *fixture, gconstpointer data)
{
        static const Row rows[] = {
                { OURS, BLOCK, BLOCKED },
                { OURS, BLOCK, ETC "z.conf", "install * " LOAD "\nsoftdep * pre: first\n",
                                .named = "first lowest below </bin/false>", .aliased = "", .codes = "" },
                { OURS, BLOCK, "lib/modprobe.d/hostdriver-dell_laptop.conf", "install * " LOAD, BLOCKED },
                { OURS, BLOCK, "run/modprobe.d/a.conf", "install * false",
                                .named = "<false> <false> <false>", .aliased = "", .codes = "" },
                { OURS, BLOCK, ETC "a.conf", "softdep dell-laptop first\n", BLOCKED },
                { OURS, BLOCK, ETC "a.conf", "softdep dell-laptop pre: post: first\n",
                                .named = NEEDS "dell_laptop first", .aliased = "", .codes = "not-blocked",
                                .said = "dell_laptop is deselected, but line 1 of /etc/modprobe.d/a.conf "
                                        "gives it soft dependencies, " },
        };

        deselect(fixture);
        for (size_t i = 0; i < G_N_ELEMENTS(rows); i++)
                check_row(fixture, &rows[i]);
}

static void test_deselected_by_command(Fixture *fixture, gconstpointer data)
{
        static const char *const commands[] = { LOAD, "/opt/load" };

        deselect(fixture);
        for (size_t i = 0; i < G_N_ELEMENTS(commands); i++) {
                g_autofree char *line = g_strdup_printf("\n\ninstall dell-laptop %s\n", commands[i]);
                g_autofree char *named = NULL;
                g_autofree char *run = g_strdup_printf(NEEDS "<%s>", commands[i]);
                g_autofree char *said = g_strdup_printf(
                                "dell_laptop is deselected, but line 3 of /run/modprobe.d/a.conf has "
                                "modprobe run `%s`, ",
                                commands[i]);
                Driver *driver CLEANUP(driver_freep) = NULL;

                temp_dir_write(&fixture->sample.dir, "run/modprobe.d/a.conf", line);
                named = modprobe_dry_run(&fixture->sample, SAMPLE_KERNEL, "dell_laptop", false);
                g_assert_cmpstr(named, ==, run);
                driver = derive(fixture);
                check_problems(driver, "not-blocked", said);
                g_assert_cmpstr(driver->selected, ==, "");
                check_effective(driver, true);
        }
}

/* libkmod reads the machine's own, which is the sample's for a while. */
static void test_command_line(Fixture *fixture, gconstpointer data)
{
        static const struct {
                const char *text, *aliased, *codes, *said;
        } rows[] = {
                { "quiet\n", NEEDS "dell_laptop", "", NULL },
                { "quiet modprobe.blacklist=first,dell_laptop x\n", "", "blocked",
                                "the kernel was booted with modprobe.blacklist=first,dell_laptop, so that" },
                { "modprobe.blacklist=a modprobe.blacklist=dell_laptop", "", "blocked", NULL },
                { "modprobe.blacklist=dell-laptop \"modprobe.blacklist=dell_laptop\"\n", NEEDS "dell_laptop",
                                "", NULL },
                { "xmodprobe.blacklist=dell_laptop modprobe.blacklist=dell*\n", NEEDS "dell_laptop", "",
                                NULL },
                /* What the kernel refuses, libkmod doesn't know of. */
                /* The last one counts, however its name is spelt, and names are taken as they stand. */
                { "module_blacklist=dell_laptop module-blacklist=first\n", NEEDS "dell_laptop", "", NULL },
                { "module_blacklist=first \"module-blacklist=a,dell_laptop\"\n", NEEDS "dell_laptop",
                                "blocked", "was booted with module_blacklist=a,dell_laptop, and refuses" },
                { "module_blacklist=dell-laptop -- module_blacklist=dell_laptop\n", NEEDS "dell_laptop", "",
                                NULL },
                { "module_blacklist=\"a b,dell_laptop\" module_blacklist\n", NEEDS "dell_laptop", "blocked",
                                NULL },
                { "module_blacklist=below\n", NEEDS "dell_laptop", "dependency-blocked",
                                "it needs below, which the kernel refuses, since it was booted with "
                                "module_blacklist=below. Boot without that" },
                /* libkmod knows no end. */
                { "x -- modprobe.blacklist=dell_laptop\n", "", "blocked", NULL },
                { "\"modprobe.blacklist=a,dell_laptop,b\"\n", "", "blocked", NULL },
                { "modprobe.blacklist=\"dell_laptop\"\n", NEEDS "dell_laptop", "", NULL },
                { "modprobe-blacklist=dell_laptop modprobe.black\"list=dell_laptop\n", NEEDS "dell_laptop",
                                "", NULL },
                { "module_blacklist=dell_laptop\n", NEEDS "dell_laptop", "blocked", "refuses to load it" },
        };
        char *path CLEANUP_FREE = NULL;

        temp_dir_write(&fixture->sample.dir, "proc/cmdline", "");
        path = temp_dir_path(&fixture->sample.dir, "proc/cmdline");
        if (!own_mounts || mount(path, "/proc/cmdline", "none", MS_BIND, NULL) != 0) {
                g_test_skip("a file can't be mounted over /proc/cmdline here");
                return;
        }
        for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
                Driver *driver CLEANUP(driver_freep) = NULL;
                g_autofree char *aliased = NULL;

                /* The file that is mounted stays the same one. */
                g_assert_true(g_file_set_contents_full(
                                path, rows[i].text, -1, G_FILE_SET_CONTENTS_NONE, 0644, NULL));
                aliased = modprobe_dry_run(&fixture->sample, SAMPLE_KERNEL, "dell_laptop", true);
                g_assert_cmpstr(aliased, ==, rows[i].aliased);
                driver = derive(fixture);
                check_problems(driver, rows[i].codes, rows[i].said);
                /* The kernel refuses it, or what it needs. */
                check_effective(driver,
                                *rows[i].codes == '\0' || !g_str_has_prefix(rows[i].text, "module_"));
        }
        g_assert_cmpint(umount("/proc/cmdline"), ==, 0);
}

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
        own_mounts = own_mounts_enter();
#define TEST(name, function) g_test_add("/modprobe-rules/" name, Fixture, NULL, set_up, function, tear_down)
        TEST("selected", test_selected);
        TEST("aliases", test_aliases);
        TEST("device-aliases", test_device_aliases);
        TEST("soft-dependencies", test_soft_dependencies);
        TEST("own-soft-dependencies", test_own_soft_dependencies);
        TEST("dependencies", test_dependencies);
        TEST("selected-by-command", test_selected_by_command);
        TEST("deselected", test_deselected);
        TEST("deselected-by-command", test_deselected_by_command);
        TEST("command-line", test_command_line);
        return g_test_run();
}
