/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The preflight on sample hosts with real module files and a real index: what it gathers, and that a sound
 * version has no findings. */

#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>

#include "change/checks/preflight.h"
#include "model/driver-derive.h"
#include "sample-root.h"

#define RELEASE "6.1.0"
#define NEW "xenserver/intel-ice/2.0/ice.ko"
#define OLD "xenserver/intel-ice/1.0/ice.ko"

static const char *const aliases[] = { "pci:v00008086d00001592sv*sd*bc*sc*i*", NULL };
static const char *const both_aliases[] = { "pci:v00008086d00001592sv*sd*bc*sc*i*",
        "pci:v00008086d00001593sv*sd*bc*sc*i*", NULL };
static const char *const foreign_aliases[] = { "pci:v0000FFFFd*sv*sd*bc*sc*i*", NULL };
static const char *const auxiliary_aliases[] = { "auxiliary:ice.roce", NULL };
static const char *const firmware[] = { "intel/ice.pkg", "intel/there.bin", "intel/many*.bin", NULL };
static const ModuleSymbol printk[] = { { "printk", 0x11 }, { NULL } };
static const ModuleSymbol needs_both[] = { { "printk", 0x11 }, { "aux_register", 0x22 }, { NULL } };
static const ModuleSymbol aux_exports[] = { { "aux_register", 0x22 }, { NULL } };
static const ModuleSymbol aux_changed[] = { { "aux_register", 0x23 }, { NULL } };

typedef struct Fixture {
        SampleRoot sample;
        ProblemList problems;
} Fixture;

static void set_up(Fixture *fixture, gconstpointer data)
{
        sample_root_init(&fixture->sample, RELEASE);
        sample_root_add_module_spec(&fixture->sample, RELEASE, "kernel/lib/printer.ko",
                        &(ModuleSpec){ .imports = printk });
        sample_root_add_device(&fixture->sample, "pci", "0000:00:01.0",
                        "pci:v00008086d00001592sv00000000sd00000000bc02sc00i00");
        sample_root_add_device(&fixture->sample, "pci", "0000:00:02.0",
                        "pci:v00008086d00001593sv00000000sd00000000bc02sc00i00");
}

static void tear_down(Fixture *fixture, gconstpointer data)
{
        problem_list_done(&fixture->problems);
        sample_root_done(&fixture->sample);
}

static void add(Fixture *fixture, const char *path, const ModuleSpec *spec)
{
        sample_root_add_module_spec(&fixture->sample, RELEASE, path, spec);
}

/* The findings of MODULE's VERSION, after depmod. */
static void check(Fixture *fixture, const char *module, const char *version)
{
        Preflight *preflight CLEANUP(preflight_freep) = NULL;
        Facts *facts CLEANUP(facts_freep) = NULL;
        Driver *driver CLEANUP(driver_freep) = NULL;
        const CatalogueFile *file;
        Config config;

        problem_list_done(&fixture->problems);
        sample_root_depmod(&fixture->sample, RELEASE);
        g_assert_cmpint(config_read(fixture->sample.root, &config), ==, 0);
        g_assert_cmpint(facts_read(fixture->sample.root, &config, NULL, NULL, &facts), ==, 0);
        for (size_t i = 0; i < facts->catalogue->modules.count; i++)
                if (strcmp(facts->catalogue->modules.items[i], module) == 0)
                        g_assert_cmpint(driver_derive(facts, i, &driver), ==, 0);
        g_assert_nonnull(driver);
        g_assert_nonnull(driver_version(driver, version));
        file = driver_version_file(facts, driver, driver_version(driver, version), RELEASE);
        g_assert_cmpint(preflight_new(fixture->sample.root, facts, RELEASE, &(PlannedFiles){ &file, 1 },
                                        &preflight),
                        ==, 0);
        g_assert_cmpint(preflight_check(preflight, driver, driver_version(driver, version),
                                        &fixture->problems),
                        ==, 0);
        config_done(&config);
}

/* CODES with blanks between, in order. */
static void assert_codes(const Fixture *fixture, const char *codes)
{
        g_autoptr(GString) found = g_string_new(NULL);

        for (size_t i = 0; i < fixture->problems.count; i++) {
                g_test_message("%s", fixture->problems.items[i].sentence);
                g_string_append_printf(found, "%s%s", i > 0 ? " " : "", fixture->problems.items[i].code);
        }
        g_assert_cmpstr(found->str, ==, codes);
}

static void assert_sentence(const Fixture *fixture, const char *part)
{
        g_assert_nonnull(strstr(fixture->problems.items[0].sentence, part));
}

static void write_symvers(Fixture *fixture, const char *text)
{
        temp_dir_write(&fixture->sample.dir, "usr/src/linux-headers-" RELEASE "/Module.symvers", text);
}

/* As the index has it of what the file itself names, be that another file than the one that is selected. */
static void test_blocked_dependency(Fixture *fixture, gconstpointer data)
{
        static const ModuleSymbol deep[] = { { "deep", 0x33 }, { NULL } };

        add(fixture, "kernel/aux-bus.ko",
                        &(ModuleSpec){ .exports = aux_exports, .imports = deep, .depends = "deep" });
        add(fixture, "kernel/deep.ko", &(ModuleSpec){ .exports = deep });
        add(fixture, NEW, &(ModuleSpec){ .aliases = aliases, .imports = needs_both, .depends = "aux-bus" });
        add(fixture, "updates/ice.ko", &(ModuleSpec){ .aliases = aliases });
        write_symvers(fixture, "0x00000011\tprintk\tvmlinux\tEXPORT_SYMBOL\t\n");
        temp_dir_link(&fixture->sample.dir, "usr/lib/modules/" RELEASE "/build",
                        "/usr/src/linux-headers-" RELEASE);
        temp_dir_write(&fixture->sample.dir, "etc/modprobe.d/a.conf", "install ice false\n");
        check(fixture, "ice", "2.0");
        assert_codes(fixture, "blocked");
        assert_sentence(fixture, NEW " would be selected, but line 1 of /etc/modprobe.d/a.conf has modprobe "
                                     "run `false` instead of loading it. Remove that line.");
        temp_dir_write(&fixture->sample.dir, "etc/modprobe.d/a.conf", "install deep false\n");
        check(fixture, "ice", "2.0");
        assert_codes(fixture, "dependency-blocked");
        assert_sentence(fixture,
                        NEW " can't be loaded: it needs deep, and line 1 of /etc/modprobe.d/a.conf");
        g_assert_cmpint(fixture->problems.items[0].severity, ==, SEVERITY_WARNING);
}

/* What the driver's problems would be once the version is selected. */
static void test_modprobe(Fixture *fixture, gconstpointer data)
{
        static const struct {
                const char *text, *codes;
        } rows[] = {
                { "alias ice off\n", "alias-elsewhere" },
                { "alias pci:v00008086d00001592* off\n", "alias-elsewhere" },
                { "alias pci:v00008086d00001594* off\nalias other ice\n", "" },
                { "install pci:v00008086d00001592sv00000000sd00000000bc02sc00i00 :\n", "alias-elsewhere" },
                { "softdep ice pre:\ninstall ice /opt/load\nblacklist ice\n", "install-command blocked" },
                { "install ice /sbin/modprobe -i ice\n", "" },
                /* The version's own soft dependencies defeat it; those of the one that depmod read don't. */
                { "install ice false\n", "" },
                { "softdep ice pre:\ninstall ice false\n", "blocked" },
        };
        static const char block[] = "etc/modprobe.d/hostdriver-ice.conf";

        add(fixture, NEW, &(ModuleSpec){ .aliases = aliases, .softdep = "pre: printer" });
        add(fixture, "updates/ice.ko", &(ModuleSpec){ .aliases = aliases });
        for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
                g_test_message("%s", rows[i].text);
                temp_dir_write(&fixture->sample.dir, "etc/modprobe.d/a.conf", rows[i].text);
                check(fixture, "ice", "2.0");
                assert_codes(fixture, rows[i].codes);
        }
        /* Selecting it ends the block; what comes behind it counts then. */
        temp_dir_write(&fixture->sample.dir, "etc/modprobe.d/a.conf", "");
        temp_dir_write(&fixture->sample.dir, block,
                        "softdep ice pre:\nblacklist ice\ninstall ice /bin/false\n");
        check(fixture, "ice", "2.0");
        assert_codes(fixture, "");
        temp_dir_write(&fixture->sample.dir, "etc/modprobe.d/z.conf", "softdep ice pre:\ninstall ice :\n");
        check(fixture, "ice", "2.0");
        assert_codes(fixture, "");
        temp_dir_write(&fixture->sample.dir, "etc/modprobe.d/j.conf", "softdep ice pre:\ninstall ice :\n");
        check(fixture, "ice", "2.0");
        assert_codes(fixture, "blocked");
        assert_sentence(fixture, "line 2 of /etc/modprobe.d/j.conf has modprobe run `:`");
}

static void test_sound(Fixture *fixture, gconstpointer data)
{
        write_symvers(fixture, "0x00000011\tprintk\tvmlinux\tEXPORT_SYMBOL\t\n");
        temp_dir_link(&fixture->sample.dir, "usr/lib/modules/" RELEASE "/build",
                        "/usr/src/linux-headers-" RELEASE);
        add(fixture, NEW, &(ModuleSpec){ .aliases = aliases, .imports = printk, .version = "2.0" });
        check(fixture, "ice", "2.0");
        assert_codes(fixture, "");
}

static void test_symbols(Fixture *fixture, gconstpointer data)
{
        add(fixture, NEW, &(ModuleSpec){ .aliases = aliases, .imports = needs_both });
        check(fixture, "ice", "2.0"); /* printk is right: the kernel's own module says so */
        assert_codes(fixture, "symbols-unchecked");
        write_symvers(fixture, "0x00000011\tprintk\tvmlinux\tEXPORT_SYMBOL\t\n");
        check(fixture, "ice", "2.0");
        assert_codes(fixture, "symbol-missing");
        assert_sentence(fixture, ": aux_register.");
        /* That module isn't installed. */
        write_symvers(fixture, "0x00000012\tprintk\tvmlinux\tEXPORT_SYMBOL\t\n"
                               "0x00000022\taux_register\tdrivers/aux\tEXPORT_SYMBOL_GPL\tNS\n");
        check(fixture, "ice", "2.0");
        assert_codes(fixture, "symbol-missing symbol-crc-mismatch");
        assert_sentence(fixture, ": aux_register.");
        /* Now it is, and depmod finds it though nothing says that it is needed. */
        add(fixture, "kernel/lib/aux.ko", &(ModuleSpec){ .exports = aux_exports });
        check(fixture, "ice", "2.0");
        assert_codes(fixture, "symbol-crc-mismatch");
        assert_sentence(fixture, " printk:");
}

/* Without headers, a module of the kernel's own tells what it was built against. */
static void test_reference(Fixture *fixture, gconstpointer data)
{
        static const ModuleSymbol other[] = { { "printk", 0x99 }, { NULL } };

        add(fixture, NEW, &(ModuleSpec){ .aliases = aliases, .imports = other });
        check(fixture, "ice", "2.0");
        assert_codes(fixture, "symbol-crc-mismatch symbols-unchecked");
}

static void test_dependencies(Fixture *fixture, gconstpointer data)
{
        const ModuleSpec spec = { .aliases = aliases, .imports = needs_both, .depends = "aux-bus" };

        write_symvers(fixture, "0x00000011\tprintk\tvmlinux\tEXPORT_SYMBOL\t\n");
        add(fixture, NEW, &spec);
        check(fixture, "ice", "2.0");
        assert_codes(fixture, "dependency-missing");
        assert_sentence(fixture, ": aux_bus.");
        add(fixture, "kernel/lib/aux-bus.ko", &(ModuleSpec){ .exports = aux_changed });
        check(fixture, "ice", "2.0");
        assert_codes(fixture, "symbol-crc-mismatch");
        /* The package's own copy is selected along with it, and so is what counts. */
        add(fixture, "xenserver/intel-ice/2.0/aux-bus.ko.xz", &(ModuleSpec){ .exports = aux_exports });
        check(fixture, "ice", "2.0");
        assert_codes(fixture, "");
        temp_dir_write(&fixture->sample.dir, "usr/lib/modules/" RELEASE "/modules.builtin",
                        "kernel/lib/gone.ko\n");
        add(fixture, NEW, &(ModuleSpec){ .aliases = aliases, .depends = "gone" });
        check(fixture, "ice", "2.0");
        assert_codes(fixture, "");
}

static void test_file(Fixture *fixture, gconstpointer data)
{
        add(fixture, NEW,
                        &(ModuleSpec){ .vermagic = "5.10 SMP mod_unload ",
                                        .name = "icy",
                                        .aliases = aliases });
        check(fixture, "ice", "2.0");
        assert_codes(fixture, "vermagic-mismatch name-mismatch");
        add(fixture, NEW, &(ModuleSpec){ .machine = 2, .aliases = aliases });
        check(fixture, "ice", "2.0");
        assert_codes(fixture, "wrong-architecture");
        temp_dir_write(&fixture->sample.dir, "usr/lib/modules/" RELEASE "/" NEW, "no module");
        check(fixture, "ice", "2.0");
        assert_codes(fixture, "not-a-module");
}

static void test_hardware(Fixture *fixture, gconstpointer data)
{
        add(fixture, OLD, &(ModuleSpec){ .aliases = both_aliases });
        add(fixture, NEW, &(ModuleSpec){ .aliases = aliases });
        check(fixture, "ice", "2.0");
        assert_codes(fixture, "");
        sample_root_select(&fixture->sample, RELEASE, OLD);
        check(fixture, "ice", "2.0");
        assert_codes(fixture, "device-dropped");
        assert_sentence(fixture, "selected version 1.0 covers: /sys/devices/pci/0000:00:02.0.");
        check(fixture, "ice", "1.0");
        assert_codes(fixture, "");
        add(fixture, NEW, &(ModuleSpec){ .aliases = foreign_aliases });
        check(fixture, "ice", "2.0");
        assert_codes(fixture, "no-hardware device-dropped");
}

/* Another module that is for a device, too, and has it. */
static void test_rival(Fixture *fixture, gconstpointer data)
{
        SampleRoot *sample = &fixture->sample;

        add(fixture, NEW, &(ModuleSpec){ .aliases = aliases });
        add(fixture, "kernel/net/rival.ko", &(ModuleSpec){ .name = "rival", .aliases = both_aliases });
        sample_root_depmod(sample, RELEASE);
        check(fixture, "ice", "2.0");
        assert_codes(fixture, "");
        sample_root_load(sample, &(SampleLoaded){ .module = "rival" });
        sample_root_bind_device(sample, "pci", "0000:00:01.0", "rival");
        check(fixture, "ice", "2.0");
        assert_codes(fixture, "rival-driver");
        assert_sentence(fixture, "rival drives /sys/devices/pci/0000:00:01.0, which " NEW " is for, too:");
        /* Whoever gave the device to one that isn't for it meant that. */
        add(fixture, "kernel/net/rival.ko", &(ModuleSpec){ .name = "rival", .aliases = foreign_aliases });
        check(fixture, "ice", "2.0");
        assert_codes(fixture, "");
}

#define INFO(ids)                                                                                             \
        "{\"category\":\"network\",\"name\":\"n\",\"description\":\"d\",\"variant\":\"v\",\"version\":\"1\"," \
        "\"priority\":1,\"status\":\"s\",\"pci_ids\":{\"ice.ko\":[" ids                                       \
        "],\"other.ko\":[" DEVICE("*") "]}}"
#define DEVICE(id) "{\"vendor_id\":\"8086\",\"device_id\":\"" id "\"}"
#define DMV_NEW "dmv/ice/new"
#define DMV_OLD "dmv/ice/old"

static void write_info(Fixture *fixture, const char *directory, const char *text)
{
        g_autofree char *path = g_strdup_printf("usr/lib/modules/" RELEASE "/%s/info.json", directory);

        temp_dir_write(&fixture->sample.dir, path, text);
}

/* The ids of info.json are as good as aliases. */
static void test_pci_ids(Fixture *fixture, gconstpointer data)
{
        add(fixture, DMV_OLD "/ice.ko", &(ModuleSpec){ .aliases = aliases });
        write_info(fixture, DMV_OLD, INFO(DEVICE("1593")));
        add(fixture, DMV_NEW "/ice.ko", &(ModuleSpec){ .license = "GPL" });
        write_info(fixture, DMV_NEW, INFO(DEVICE("1592") "," DEVICE("0X1593")));
        check(fixture, "ice", "new");
        assert_codes(fixture, "");
        sample_root_select(&fixture->sample, RELEASE, DMV_OLD "/ice.ko");
        check(fixture, "ice", "new");
        assert_codes(fixture, "");
        write_info(fixture, DMV_NEW, INFO(DEVICE("1592")));
        check(fixture, "ice", "new");
        assert_codes(fixture, "device-dropped");
        assert_sentence(fixture, "selected version old covers: /sys/devices/pci/0000:00:02.0.");
        write_info(fixture, DMV_NEW, INFO(DEVICE("9999")));
        check(fixture, "ice", "new");
        assert_codes(fixture, "no-hardware device-dropped");
        assert_sentence(fixture, DMV_NEW "/ice.ko");
}

/* A module that names no device at all has no hardware to miss; ids that make no sense are none. */
static void test_nothing_claimed(Fixture *fixture, gconstpointer data)
{
        static const char *const names[] = { "net-pf-10", "fs-ext4", NULL };

        add(fixture, NEW, &(ModuleSpec){ .license = "GPL" });
        check(fixture, "ice", "2.0");
        assert_codes(fixture, "");
        add(fixture, NEW, &(ModuleSpec){ .aliases = names });
        check(fixture, "ice", "2.0");
        assert_codes(fixture, "");
        add(fixture, DMV_NEW "/ice.ko", &(ModuleSpec){ .license = "GPL" });
        write_info(fixture, DMV_NEW, INFO(""));
        check(fixture, "ice", "intel-ice/2.0");
        assert_codes(fixture, "");
        check(fixture, "ice", "ice/new");
        assert_codes(fixture, "");
        write_info(fixture, DMV_NEW, INFO(DEVICE("nonsense")));
        check(fixture, "ice", "ice/new");
        assert_codes(fixture, "");
}

/* Devices that another driver makes, and a host whose devices nobody can see. */
static void test_no_hardware_facts(Fixture *fixture, gconstpointer data)
{
        SampleRoot bare;
        SampleRoot full;

        add(fixture, NEW, &(ModuleSpec){ .aliases = auxiliary_aliases });
        check(fixture, "ice", "2.0");
        assert_codes(fixture, "");
        full = fixture->sample;
        sample_root_init(&bare, RELEASE);
        fixture->sample = bare;
        add(fixture, NEW, &(ModuleSpec){ .aliases = foreign_aliases });
        check(fixture, "ice", "2.0");
        assert_codes(fixture, "");
        sample_root_done(&fixture->sample);
        fixture->sample = full;
}

/* It may be selected, for other kernels' sake, but not without a word. */
static void test_builtin(Fixture *fixture, gconstpointer data)
{
        temp_dir_write(&fixture->sample.dir, "usr/lib/modules/" RELEASE "/modules.builtin",
                        "kernel/drivers/net/ice.ko\n");
        add(fixture, NEW, &(ModuleSpec){ .aliases = aliases });
        check(fixture, "ice", "2.0");
        assert_codes(fixture, "builtin");
        g_assert_cmpint(fixture->problems.items[0].severity, ==, SEVERITY_WARNING);
        assert_sentence(fixture, "selecting " NEW " has no effect there");
}

static void test_firmware(Fixture *fixture, gconstpointer data)
{
        temp_dir_write(&fixture->sample.dir, "usr/lib/firmware/intel/there.bin.xz", "");
        add(fixture, NEW, &(ModuleSpec){ .aliases = aliases, .firmware = firmware });
        check(fixture, "ice", "2.0");
        assert_codes(fixture, "firmware-missing");
        assert_sentence(fixture, ": intel/ice.pkg.");
        g_assert_cmpint(fixture->problems.items[0].severity, ==, SEVERITY_WARNING);
}

static void test_signature(Fixture *fixture, gconstpointer data)
{
        temp_dir_write(&fixture->sample.dir, "sys/module/module/parameters/sig_enforce", "Y\n");
        add(fixture, NEW, &(ModuleSpec){ .aliases = aliases });
        check(fixture, "ice", "2.0");
        assert_codes(fixture, "not-signed");
        add(fixture, NEW, &(ModuleSpec){ .aliases = aliases, .signer = "Vendor" });
        check(fixture, "ice", "2.0");
        assert_codes(fixture, "");
        temp_dir_write(&fixture->sample.dir, "proc/keys",
                        "0f I------ 1 perm 1f030000 0 0 asymmetri Kernel key: 0123456789ab: X509");
        check(fixture, "ice", "2.0");
        assert_codes(fixture, "signer-unknown");
        temp_dir_write(&fixture->sample.dir, "proc/keys",
                        "0f I------ 1 perm 1f030000 0 0 asymmetri Vendor: 0123456789ab: X509");
        check(fixture, "ice", "2.0");
        assert_codes(fixture, "");
}

/* Whether the kmod tools, and so their library, read it. */
static bool kmod_takes(const char *path)
{
        const char *argv[] = { "modinfo", "-F", "name", path, NULL };
        int status;

        g_assert_true(g_spawn_sync(NULL, (char **) argv, NULL,
                        G_SPAWN_LEAVE_DESCRIPTORS_OPEN | G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL |
                                        G_SPAWN_STDERR_TO_DEV_NULL,
                        NULL, NULL, NULL, NULL, &status, NULL));
        return status == 0;
}

static void test_compression(Fixture *fixture, gconstpointer data)
{
        static const struct {
                const char *path;
                ModuleCompression compression;
                const char *sentence; /* if modprobe can't read it */
        } rows[] = {
                { NEW ".gz", MODULE_GZIP, "compressed in a way that this host's kmod can't read" },
                { NEW ".xz", MODULE_XZ, "compressed in a way that this host's kmod can't read" },
                { NEW ".zst", MODULE_ZSTD, "compressed in a way that this host's kmod can't read" },
                { NEW ".zst", MODULE_ZSTD_UNSIZED, "how large its content is" },
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                g_autofree char *path = g_strconcat("lib/modules/" RELEASE "/", rows[i].path, NULL);
                char *absolute CLEANUP_FREE = NULL;

                add(fixture, rows[i].path,
                                &(ModuleSpec){ .aliases = aliases, .compression = rows[i].compression });
                check(fixture, "ice", "2.0");
                absolute = temp_dir_path(&fixture->sample.dir, path);
                assert_codes(fixture, kmod_takes(absolute) ? "" : "compression-unsupported");
                if (fixture->problems.count > 0)
                        assert_sentence(fixture, rows[i].sentence);
                g_assert_cmpint(g_remove(absolute), ==, 0);
        }
}

#define ADD(name, function) g_test_add("/preflight-check/" name, Fixture, NULL, set_up, function, tear_down)

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
        ADD("blocked-dependency", test_blocked_dependency);
        ADD("sound", test_sound);
        ADD("compression", test_compression);
        ADD("symbols", test_symbols);
        ADD("reference", test_reference);
        ADD("dependencies", test_dependencies);
        ADD("file", test_file);
        ADD("hardware", test_hardware);
        ADD("pci-ids", test_pci_ids);
        ADD("nothing-claimed", test_nothing_claimed);
        ADD("rival", test_rival);
        ADD("no-hardware-facts", test_no_hardware_facts);
        ADD("builtin", test_builtin);
        ADD("modprobe", test_modprobe);
        ADD("firmware", test_firmware);
        ADD("signature", test_signature);
        return g_test_run();
}
