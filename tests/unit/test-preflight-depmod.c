/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the preflight says of symbols, and what the real depmod prints for the same files once they are
 * selected ("depmod -naeE"): the same, but for what the kernel's loader judges otherwise than depmod. Trees
 * are random; `--seed=` with the seed that a failure prints makes the same again. */

#include <glib.h>
#include <string.h>

#include "change/checks/preflight-symbols.h"
#include "change/checks/preflight.h"
#include "model/driver-derive.h"
#include "random-package.h"

#define TREES 60

/* Findings as "MODULE lacks SYMBOL" and "MODULE disagrees SYMBOL", and how often each kind came in all
 * trees.
 */
typedef struct Findings {
        GHashTable *ours;
        GHashTable *depmods;
        GHashTable *unexplained; /* modules with missing dependencies, which stand for what they lack */
} Findings;

/* How often each kind came, in all trees. */
static unsigned lacking, disagreeing, dependencies, kernels_alone, depmods_alone;

static void add(GHashTable *set, const char *module, const char *what, const char *symbol)
{
        g_hash_table_add(set, g_strdup_printf("%s %s %s", module, what, symbol));
}

static bool has(GHashTable *set, const char *module, const char *what, const char *symbol)
{
        g_autofree char *text = g_strdup_printf("%s %s %s", module, what, symbol);

        return g_hash_table_contains(set, text);
}

static void add_all(GHashTable *set, const char *module, const char *what, const StringSet *symbols)
{
        for (size_t i = 0; i < symbols->count; i++)
                add(set, module, what, symbols->items[i]);
}

static bool has_code(const ProblemList *problems, const char *code)
{
        for (size_t i = 0; i < problems->count; i++)
                if (strcmp(problems->items[i].code, code) == 0)
                        return true;
        return false;
}

/* The symbols by name, since sentences name only some of many; and that the codes follow from them. */
static void ask_preflight(
                const RandomPackage *package, const Facts *facts, const RandomModule *module, Findings *ret)
{
        const CatalogueRelease *release = catalogue_release(facts->catalogue, RANDOM_RELEASE);
        const CatalogueFile *file = catalogue_file_at(release, module->path);
        StringSet missing CLEANUP_STRING_SET = { 0 };
        ProblemList problems CLEANUP_PROBLEM_LIST = { 0 };
        Driver *driver CLEANUP(driver_freep) = NULL;
        SymbolSources *sources CLEANUP(symbol_sources_freep) = NULL;
        Preflight *preflight CLEANUP(preflight_freep) = NULL;
        SymbolFindings symbols = { 0 };
        size_t index = 0;

        g_assert_cmpint(symbol_sources_new(package->sample.root, release, &(PlannedFiles){ 0 }, &sources),
                        ==, 0);
        g_assert_cmpint(preflight_gather_symbols(sources, file, -1, &missing, &symbols), ==, 0);
        add_all(ret->ours, module->name, "lacks", &symbols.missing);
        add_all(ret->ours, module->name, "disagrees", &symbols.changed);
        if (missing.count > 0)
                g_hash_table_add(ret->unexplained, g_strdup(module->name));
        while (strcmp(facts->catalogue->modules.items[index], module->name) != 0)
                index++;
        g_assert_cmpint(driver_derive(facts, index, &driver), ==, 0);
        g_assert_cmpint(preflight_new(package->sample.root, facts, RANDOM_RELEASE, &(PlannedFiles){ 0 },
                                        &preflight),
                        ==, 0);
        g_assert_cmpint(preflight_check(preflight, driver, driver_version(driver, RANDOM_VERSION),
                                        &problems),
                        ==, 0);
        g_assert_cmpint(has_code(&problems, "symbol-missing"), ==, symbols.missing.count > 0);
        g_assert_cmpint(has_code(&problems, "symbol-crc-mismatch"), ==, symbols.changed.count > 0);
        g_assert_cmpint(has_code(&problems, "dependency-missing"), ==, missing.count > 0);
        string_set_done(&symbols.missing);
        string_set_done(&symbols.changed);
        string_set_done(&symbols.gpl_only);
        string_set_done(&symbols.foreign);
        free(symbols.source);
}

/* "depmod: WARNING: /…/updates/drv_0.ko needs unknown symbol X"; of other modules than the package's nothing
 * may be said, since they are sound. */
static void take_line(const char *line, const char *marker, const char *what, GHashTable *ret)
{
        const char *found = strstr(line, marker);
        g_autofree char *path = found ? g_strndup(line, (gsize) (found - line)) : NULL;
        const char *start = path ? strstr(path, "/updates/drv_") : NULL;
        g_autofree char *module = NULL;

        if (!found)
                return;
        if (!start)
                g_error("depmod says of a module that isn't the package's: %s", line);
        start += strlen("/updates/");
        module = g_strndup(start, strcspn(start, "."));
        add(ret, module, what, found + strlen(marker));
}

static void ask_depmod(const RandomPackage *package, Findings *ret)
{
        g_auto(GStrv) lines =
                        sample_root_depmod_complaints(&package->sample, RANDOM_RELEASE, RANDOM_SYMVERS);

        for (char **line = lines; *line; line++) {
                take_line(*line, " needs unknown symbol ", "lacks", ret->depmods);
                take_line(*line, " disagrees about version of symbol ", "disagrees", ret->depmods);
        }
}

/* What depmod makes of an import by its own rules (depmod_load_module_dependencies() of kmod 30), and what
 * the kernel makes of it by its (simplify_symbols() and check_version() of Linux). Where they differ:
 *   - a weak symbol that is exported in another version: the kernel refuses it, depmod doesn't look;
 *   - a symbol without a version: the kernel lets it pass ("no symbol version for"), depmod compares with 0;
 *   - extended versions: depmod of kmod 30 doesn't read them, and so finds none;
 *   - a version of what no code refers to: the kernel doesn't look, unless it is module_layout. */
typedef struct Verdict {
        bool lacks;
        bool disagrees;
} Verdict;

static Verdict verdict_of_depmod(
                const RandomModule *module, const ModuleSymbol *import, bool there, uint32_t crc)
{
        bool reads_versions = module->versions != MODULE_VERSIONS_EXTENDED;
        uint32_t version = reads_versions ? import->crc : 0;

        if (import->is_weak || (import->is_unused && !reads_versions))
                return (Verdict){ false, false };
        return (Verdict){ .lacks = !there, .disagrees = there && version != crc };
}

static Verdict verdict_of_kernel(const ModuleSymbol *import, bool there, uint32_t crc)
{
        if (import->is_unused && strcmp(import->name, "module_layout") != 0)
                return (Verdict){ false, false };
        return (Verdict){
                .lacks = !there && !import->is_weak,
                .disagrees = there && import->crc != 0 && import->crc != crc,
        };
}

static void check(GHashTable *set, const RandomModule *module, const char *what, const ModuleSymbol *import,
                bool expected)
{
        if (has(set, module->name, what, import->name) != expected)
                g_error("%s %s %s: expected %d (CRC %#x, weak %d, unused %d, versions %d, depends \"%s\")",
                                module->name, what, import->name, expected, import->crc, import->is_weak,
                                import->is_unused, module->versions, module->depends->str);
}

/* Adds to *ours and *depmods how many findings each must have of that module. */
static void check_module(const RandomPackage *package, const RandomModule *module, Findings *findings,
                guint *ours, guint *depmods)
{
        bool is_unexplained = g_hash_table_contains(findings->unexplained, module->name), lacks_any = false;

        for (guint i = 0; i < module->imports->len; i++) {
                const ModuleSymbol *import = &g_array_index(module->imports, ModuleSymbol, i);
                uint32_t crc = 0;
                bool there = random_package_crc(package, import->name, &crc);
                Verdict depmod = verdict_of_depmod(module, import, there, crc);
                Verdict kernel = verdict_of_kernel(import, there, crc);

                check(findings->depmods, module, "lacks", import, depmod.lacks);
                check(findings->depmods, module, "disagrees", import, depmod.disagrees);
                check(findings->ours, module, "lacks", import, kernel.lacks && !is_unexplained);
                check(findings->ours, module, "disagrees", import, kernel.disagrees);
                lacking += kernel.lacks && depmod.lacks;
                disagreeing += kernel.disagrees && depmod.disagrees;
                kernels_alone += (kernel.lacks && !depmod.lacks) + (kernel.disagrees && !depmod.disagrees);
                depmods_alone += (depmod.lacks && !kernel.lacks) + (depmod.disagrees && !kernel.disagrees);
                lacks_any = lacks_any || kernel.lacks;
                *ours += (kernel.lacks && !is_unexplained) + kernel.disagrees;
                *depmods += depmod.lacks + depmod.disagrees;
        }
        /* Dependencies may be called missing only where depmod finds symbols missing, too. */
        g_assert_true(lacks_any || !is_unexplained);
        dependencies += is_unexplained;
}

static void test_tree(void)
{
        RandomPackage package;
        Facts *facts CLEANUP(facts_freep) = NULL;
        Findings findings = {
                g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
                g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
                g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
        };
        Config config;
        guint ours = 0, depmods = 0;

        random_package_init(&package);
        g_assert_cmpint(config_read(package.sample.root, &config), ==, 0);
        g_assert_cmpint(facts_read(package.sample.root, &config, NULL, NULL, &facts), ==, 0);
        for (guint i = 0; i < package.modules->len; i++)
                ask_preflight(&package, facts, g_ptr_array_index(package.modules, i), &findings);
        random_package_select(&package);
        ask_depmod(&package, &findings);
        for (guint i = 0; i < package.modules->len; i++)
                check_module(&package, g_ptr_array_index(package.modules, i), &findings, &ours, &depmods);
        g_assert_cmpuint(g_hash_table_size(findings.ours), ==, ours);
        g_assert_cmpuint(g_hash_table_size(findings.depmods), ==, depmods);
        g_hash_table_unref(findings.ours);
        g_hash_table_unref(findings.depmods);
        g_hash_table_unref(findings.unexplained);
        config_done(&config);
        random_package_done(&package);
}

static void test_trees(void)
{
        if (!g_file_test("/usr/sbin/depmod", G_FILE_TEST_IS_EXECUTABLE)) {
                g_test_skip("there is no /usr/sbin/depmod; install kmod");
                return;
        }
        for (unsigned i = 0; i < TREES; i++)
                test_tree();
        g_test_message("both: %u lacking, %u disagreeing; %u with missing dependencies; the kernel alone: %u; "
                       "depmod alone: %u",
                        lacking, disagreeing, dependencies, kernels_alone, depmods_alone);
        /* The trees had something of everything. */
        g_assert_cmpuint(
                        MIN(MIN(lacking, disagreeing), MIN(dependencies, MIN(kernels_alone, depmods_alone))),
                        >, 0);
}

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/preflight-depmod/trees", test_trees);
        return g_test_run();
}
