/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a change breaks in modules that it doesn't touch: by hand-made hosts, and in random ones against what
 * the real depmod prints once the change is made. `--seed=` with the seed that a failure prints makes the
 * same again. */

#include <glib.h>
#include <string.h>

#include "change/checks/preflight.h"
#include "sample-root.h"

#define RELEASE "6.1.0"
#define OLD "xenserver/pack/1.0/base.ko"
#define NEW "xenserver/pack/2.0/base.ko"
#define SYMVERS "boot/symvers-" RELEASE
#define TREES 40
#define SYMBOLS_MAX 4

typedef struct Fixture {
        SampleRoot sample;
        ProblemList problems;
} Fixture;

static void set_up(Fixture *fixture, gconstpointer data)
{
        sample_root_init(&fixture->sample, RELEASE);
        sample_root_add_device(&fixture->sample, "pci", "0000:00:01.0",
                        "pci:v00008086d00001592sv00000000sd00000000bc02sc00i00");
}

static void tear_down(Fixture *fixture, gconstpointer data)
{
        problem_list_done(&fixture->problems);
        sample_root_done(&fixture->sample);
}

static void add(const Fixture *fixture, const char *path, const ModuleSpec *spec)
{
        sample_root_add_module_spec(&fixture->sample, RELEASE, path, spec);
}

/* The findings if the files at PATHS, which end with NULL, are selected. The index is as it is. */
static void check(Fixture *fixture, const char *const *paths)
{
        const CatalogueFile *files[4];
        PlannedFiles planned = { files, 0 };
        Preflight *preflight CLEANUP(preflight_freep) = NULL;
        Facts *facts CLEANUP(facts_freep) = NULL;
        Config config;

        problem_list_done(&fixture->problems);
        g_assert_cmpint(config_read(fixture->sample.root, &config), ==, 0);
        g_assert_cmpint(facts_read(fixture->sample.root, &config, NULL, NULL, &facts), ==, 0);
        for (; *paths; paths++) {
                files[planned.count] =
                                catalogue_file_at(catalogue_release(facts->catalogue, RELEASE), *paths);
                g_assert_nonnull(files[planned.count++]);
        }
        g_assert_cmpint(preflight_new(fixture->sample.root, facts, RELEASE, &planned, &preflight), ==, 0);
        g_assert_cmpint(preflight_check_dependents(preflight, &fixture->problems), ==, 0);
        config_done(&config);
}

#define CHECK(...) check(fixture, (const char *const[]){ __VA_ARGS__, NULL })

static void assert_found(const Fixture *fixture, Severity severity, const char *sentence)
{
        g_assert_cmpuint(fixture->problems.count, ==, 1);
        g_assert_cmpstr(fixture->problems.items[0].code, ==, "dependent-breaks");
        g_assert_cmpstr(fixture->problems.items[0].sentence, ==, sentence);
        g_assert_cmpint(fixture->problems.items[0].severity, ==, severity);
}

static const ModuleSymbol old_exports[] = { { "base_open", 1 }, { "base_close", 2 }, { NULL } };
static const ModuleSymbol new_exports[] = { { "base_open", 3 }, { NULL } };
static const ModuleSymbol needs_all[] = { { "base_open", 1 }, { "base_close", 2 }, { NULL } };
static const ModuleSymbol needs_open[] = { { "base_open", 1 }, { NULL } };
static const ModuleSymbol needs_new[] = { { "base_open", 3 }, { NULL } };
static const ModuleSymbol needs_weak[] = { { "base_close", 2, true }, { NULL } };
static const char *const aliases[] = { "pci:v00008086d00001592sv*sd*bc*sc*i*", NULL };

#define LOSSES                                                                                           \
        " would no longer load with " NEW ", which doesn't export base_close, and exports base_open in " \
        "another version. "

static void add_versions(const Fixture *fixture)
{
        add(fixture, OLD, &(ModuleSpec){ .exports = old_exports });
        add(fixture, NEW, &(ModuleSpec){ .exports = new_exports });
        sample_root_select(&fixture->sample, RELEASE, OLD);
}

static void test_severity(Fixture *fixture, gconstpointer data)
{
        static const char advice[] =
                        "Choose another version of base, or install a build of user for this one.";
        g_autofree char *plain = g_strconcat("kernel/user.ko", LOSSES, advice, NULL);
        g_autofree char *loaded = g_strconcat("kernel/user.ko, which is loaded now,", LOSSES, advice, NULL);

        add_versions(fixture);
        CHECK(NEW); /* there is no index yet */
        g_assert_cmpuint(fixture->problems.count, ==, 0);
        add(fixture, "kernel/user.ko", &(ModuleSpec){ .imports = needs_all });
        add(fixture, "kernel/other.ko", &(ModuleSpec){ .exports = new_exports + 1 });
        sample_root_depmod(&fixture->sample, RELEASE);
        CHECK(OLD);
        g_assert_cmpuint(fixture->problems.count, ==, 0);
        CHECK(NEW);
        assert_found(fixture, SEVERITY_WARNING, plain);
        sample_root_load(&fixture->sample, &(SampleLoaded){ .module = "user" });
        CHECK(NEW);
        assert_found(fixture, SEVERITY_ERROR, loaded);
        sample_root_unload(&fixture->sample, "user");
        add(fixture, "kernel/user.ko", &(ModuleSpec){ .imports = needs_all, .aliases = aliases });
        CHECK(NEW);
        assert_found(fixture, SEVERITY_ERROR, plain);
}

/* What doesn't break: weak needs, and what is broken already. */
static void test_unharmed(Fixture *fixture, gconstpointer data)
{
        add_versions(fixture);
        add(fixture, "kernel/weak.ko", &(ModuleSpec){ .imports = needs_weak });
        add(fixture, "kernel/new.ko", &(ModuleSpec){ .imports = needs_new });
        sample_root_depmod(&fixture->sample, RELEASE);
        CHECK(NEW);
        g_assert_cmpuint(fixture->problems.count, ==, 0);
}

/* A dependent with versions: nothing is said of it if it is switched, too. */
static void test_together(Fixture *fixture, gconstpointer data)
{
        add_versions(fixture);
        add(fixture, "xenserver/user/1.0/user.ko", &(ModuleSpec){ .imports = needs_open });
        add(fixture, "xenserver/user/2.0/user.ko.xz", &(ModuleSpec){ .imports = needs_new });
        sample_root_select(&fixture->sample, RELEASE, "xenserver/user/1.0/user.ko");
        sample_root_depmod(&fixture->sample, RELEASE);
        CHECK(NEW);
        assert_found(fixture, SEVERITY_WARNING,
                        "updates/user.ko would no longer load with " NEW
                        ", which exports base_open in another version. Select the matching version of user in "
                        "the same call.");
        CHECK(NEW, "xenserver/user/2.0/user.ko.xz");
        g_assert_cmpuint(fixture->problems.count, ==, 0);
}

/* A symbol may move to another module of the change; and may be there for others from now on. */
static void test_exporter(Fixture *fixture, gconstpointer data)
{
        static const ModuleSymbol gpl[] = { { "base_open", 1, .is_gpl_only = true }, { NULL } };

        temp_dir_write(&fixture->sample.dir, "etc/depmod.d/links-alone.conf", "exclude xenserver\n");
        add(fixture, OLD, &(ModuleSpec){ .exports = needs_open });
        add(fixture, NEW, &(ModuleSpec){ .aliases = aliases });
        add(fixture, "xenserver/pack/1.0/lib.ko", &(ModuleSpec){ .aliases = aliases });
        add(fixture, "xenserver/pack/2.0/lib.ko", &(ModuleSpec){ .exports = gpl });
        sample_root_select(&fixture->sample, RELEASE, OLD);
        add(fixture, "kernel/user.ko", &(ModuleSpec){ .imports = needs_open });
        sample_root_depmod(&fixture->sample, RELEASE);
        CHECK(NEW, "xenserver/pack/2.0/lib.ko");
        g_assert_cmpuint(fixture->problems.count, ==, 0);
        CHECK(NEW);
        g_assert_cmpuint(fixture->problems.count, ==, 1);
        add(fixture, "kernel/user.ko", &(ModuleSpec){ .imports = needs_open, .license = "Proprietary" });
        CHECK(NEW, "xenserver/pack/2.0/lib.ko");
        g_assert_cmpuint(fixture->problems.count, ==, 1);
}

/* --- random hosts ------------------------------------------------------------------------------------- */

static guint32 chance(gint32 sides)
{
        return (guint32) g_test_rand_int_range(0, sides);
}

static const char *const names[SYMBOLS_MAX] = { "base_a", "base_b", "base_c", "base_d" };

/* Modules that need some of the symbols, and each other: then the index has them as dependents, too. */
static void add_user(const Fixture *fixture, guint32 number, const ModuleSymbol *exports)
{
        static const char *const endings[] = { "", ".xz", ".zst" };
        g_autofree char *path = g_strdup_printf("kernel/user_%u.ko%s", number, endings[chance(3)]);
        g_autofree char *own = g_strdup_printf("user_%u", number);
        g_autofree char *others = g_strdup_printf("user_%u", number / 2);
        const ModuleSymbol own_exports[] = { { own, 7 }, { NULL } };
        ModuleSymbol imports[SYMBOLS_MAX + 2] = { { NULL } };
        size_t count = 0;

        for (size_t i = 0; i < SYMBOLS_MAX; i++)
                if (chance(4) == 0)
                        imports[count++] = (ModuleSymbol){ names[i],
                                exports[i].crc ^ (chance(8) == 0 ? 0x100 : 0) };
        if (number > 0 && chance(2) == 0)
                imports[count++] = (ModuleSymbol){ others, 7 };
        add(fixture, path, &(ModuleSpec){ .exports = own_exports, .imports = imports });
}

/* "MODULE SYMBOL" for each symbol that depmod complains about. */
static GHashTable *ask_depmod(const Fixture *fixture)
{
        static const char *const markers[] = { " needs unknown symbol ",
                " disagrees about version of symbol " };
        GHashTable *set = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
        g_auto(GStrv) lines = sample_root_depmod_complaints(&fixture->sample, RELEASE, SYMVERS);

        for (char **line = lines; *line; line++)
                for (size_t i = 0; i < ELEMENTSOF(markers); i++) {
                        const char *found = strstr(*line, markers[i]), *module = strstr(*line, "user_");

                        if (found && module)
                                g_hash_table_add(set, g_strdup_printf("%.*s %s", (int) strcspn(module, "."),
                                                                      module, found + strlen(markers[i])));
                }
        return set;
}

/* The same of the findings. Four symbols are few enough to be named all. */
static GHashTable *ask_preflight(const Fixture *fixture)
{
        GHashTable *set = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

        for (size_t i = 0; i < fixture->problems.count; i++) {
                const char *sentence = fixture->problems.items[i].sentence;
                const char *module = strstr(sentence, "user_");

                for (size_t j = 0; j < SYMBOLS_MAX; j++)
                        if (strstr(sentence, names[j]))
                                g_hash_table_add(set, g_strdup_printf("%.*s %s", (int) strcspn(module, "."),
                                                                      module, names[j]));
        }
        return set;
}

/* What depmod says afterwards and didn't say before is what the preflight must say. Returns how much. */
static guint compare(GHashTable *before, GHashTable *after, GHashTable *ours)
{
        GHashTableIter iter;
        gpointer key;
        guint count = 0;

        g_hash_table_iter_init(&iter, after);
        while (g_hash_table_iter_next(&iter, &key, NULL)) {
                if (g_hash_table_contains(before, key))
                        continue;
                if (!g_hash_table_contains(ours, key))
                        g_error("%s: the preflight doesn't say so", (const char *) key);
                count++;
        }
        g_assert_cmpuint(g_hash_table_size(ours), ==, count);
        return count;
}

static guint test_tree(Fixture *fixture)
{
        ModuleSymbol before[SYMBOLS_MAX + 1] = { { NULL } }, after[SYMBOLS_MAX + 1] = { { NULL } };
        g_autoptr(GHashTable) old = NULL, new = NULL, ours = NULL;
        size_t count = 0;

        temp_dir_write(&fixture->sample.dir, SYMVERS,
                        "0x00000001\tmodule_layout\tvmlinux\tEXPORT_SYMBOL\t\n");
        for (size_t i = 0; i < SYMBOLS_MAX; i++) {
                before[i] = (ModuleSymbol){ names[i], 1 + chance(1000) };
                if (chance(3) == 0)
                        continue;
                after[count] = before[i];
                after[count++].crc ^= chance(2) << 12;
        }
        add(fixture, OLD, &(ModuleSpec){ .exports = before });
        add(fixture, NEW, &(ModuleSpec){ .exports = after });
        sample_root_select(&fixture->sample, RELEASE, OLD);
        for (guint32 i = 0, users = 1 + chance(6); i < users; i++)
                add_user(fixture, i, before);
        sample_root_depmod(&fixture->sample, RELEASE);
        old = ask_depmod(fixture);
        CHECK(NEW);
        ours = ask_preflight(fixture);
        g_assert_cmpint(unlinkat(fixture->sample.dir.fd, "lib/modules/" RELEASE "/updates/base.ko", 0), ==,
                        0);
        sample_root_select(&fixture->sample, RELEASE, NEW);
        new = ask_depmod(fixture);
        return compare(old, new, ours);
}

static void test_trees(void)
{
        guint found = 0;

        if (!g_file_test("/usr/sbin/depmod", G_FILE_TEST_IS_EXECUTABLE)) {
                g_test_skip("there is no /usr/sbin/depmod; install kmod");
                return;
        }
        for (unsigned i = 0; i < TREES; i++) {
                Fixture fixture = { 0 };

                set_up(&fixture, NULL);
                found += test_tree(&fixture);
                tear_down(&fixture, NULL);
        }
        g_test_message("%u symbols in %d trees", found, TREES);
        g_assert_cmpuint(found, >, 0);
}

#define ADD(name, function) \
        g_test_add("/preflight-dependents/" name, Fixture, NULL, set_up, function, tear_down)

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
        ADD("severity", test_severity);
        ADD("unharmed", test_unharmed);
        ADD("together", test_together);
        ADD("exporter", test_exporter);
        g_test_add_func("/preflight-dependents/trees", test_trees);
        return g_test_run();
}
