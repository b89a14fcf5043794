/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The modules of a kernel that Debian ships against its own symbol versions, and against damaged ones: what
 * the preflight says of each must be what the real depmod prints. No service runs. */

#include <fcntl.h>
#include <glib.h>
#include <string.h>

#include "change/checks/preflight-symbols.h"
#include "harness.h"
#include "host/module/module-read.h"
#include "host/module/module-symbols.h"
#include "real-kernel.h"

/* Of thousands; each is read, and asked for in a list of 2 MB. */
#define MODULES 50
#define DAMAGED "damaged.symvers"

static RealKernel kernel;

typedef struct Fixture {
        SampleRoot sample;
        CatalogueRelease release; /* without the package's modules: nothing is a companion */
        GPtrArray *paths;
} Fixture;

/* The kernel's modules with their index. */
static void set_up(Fixture *fixture, gconstpointer damaged)
{
        g_autofree char *dep = NULL, *text = NULL;
        g_auto(GStrv) lines = NULL;

        real_kernel_init_root(&kernel, &fixture->sample);
        sample_root_depmod(&fixture->sample, kernel.release);
        fixture->release = (CatalogueRelease){ .release = kernel.release };
        g_assert_cmpint(catalogue_order_builds(&fixture->release), ==, 0);
        dep = g_build_filename(
                        fixture->sample.dir.path, "usr/lib/modules", kernel.release, "modules.dep", NULL);
        g_assert_true(g_file_get_contents(dep, &text, NULL, NULL));
        lines = g_strsplit(text, "\n", -1);
        fixture->paths = g_ptr_array_new_with_free_func(g_free);
        for (char **line = lines; **line != '\0'; line++)
                g_ptr_array_add(fixture->paths, g_strndup(*line, strcspn(*line, ":")));
}

static void tear_down(Fixture *fixture, gconstpointer damaged)
{
        g_ptr_array_unref(fixture->paths);
        free(fixture->release.by_build);
        sample_root_done(&fixture->sample);
}

/* Module.symvers of the headers; with DAMAGE, each twentieth line of the kernel's own is gone or changed. */
static char *write_symvers(Fixture *fixture, bool damage)
{
        g_autofree char *headers = g_strdup_printf(
                        "%s/root/usr/src/linux-headers-%s/Module.symvers", kernel.package, kernel.release);
        g_autofree char *link = g_strdup_printf("usr/lib/modules/%s/build/Module.symvers", kernel.release);
        g_autofree char *own = g_strdup_printf("usr/lib/modules/%s/build", kernel.release);
        g_autoptr(GString) result = g_string_new(NULL);
        char *absolute CLEANUP_FREE = temp_dir_path(&fixture->sample.dir, own);
        g_autofree char *text = NULL;
        g_auto(GStrv) lines = NULL;

        (void) unlink(absolute); /* to the headers, where they aren't */
        g_assert_true(g_file_get_contents(headers, &text, NULL, NULL));
        lines = g_strsplit(text, "\n", -1);
        for (char **line = lines; *line && **line != '\0'; line++) {
                gint32 lot = damage && strstr(*line, "\tvmlinux\t") ? g_test_rand_int_range(0, 40) : 39;

                if (lot == 0)
                        continue;
                if (lot == 1)
                        (*line)[4] = (*line)[4] == '5' ? '6' : '5';
                g_string_append_printf(result, "%s\n", *line);
        }
        temp_dir_write(&fixture->sample.dir, link, result->str);
        return temp_dir_path(&fixture->sample.dir, link);
}

static void add(GHashTable *set, const char *path, const char *what, const char *symbol)
{
        g_hash_table_add(set, g_strdup_printf("%s %s %s", path, what, symbol));
}

static GHashTable *ask_depmod(const Fixture *fixture, const char *symvers)
{
        static const char *const markers[] = { " needs unknown symbol ",
                " disagrees about version of symbol " };
        static const char *const words[] = { "lacks", "disagrees" };
        GHashTable *set = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
        char *config CLEANUP_FREE = temp_dir_path(&fixture->sample.dir, "etc/depmod.d");
        g_autofree char *errors = NULL, *start = g_strdup_printf("/lib/modules/%s/", kernel.release);
        g_auto(GStrv) lines = NULL;

        g_free(real_kernel_run(
                        (const char *const[]){ "/usr/sbin/depmod", "-n", "-a", "-e", "-E", symvers, "-b",
                                        fixture->sample.dir.path, "-C", config, kernel.release, NULL },
                        &errors));
        lines = g_strsplit(errors, "\n", -1);
        for (char **line = lines; *line; line++)
                for (size_t i = 0; i < ELEMENTSOF(markers); i++) {
                        const char *found = strstr(*line, markers[i]), *path = strstr(*line, start);
                        g_autofree char *below =
                                        found && path ? g_strndup(path + strlen(start),
                                                                        (gsize) (found - path) -
                                                                                        strlen(start))
                                                      : NULL;

                        if (below)
                                add(set, below, words[i], found + strlen(markers[i]));
                }
        return set;
}

/* Takes what depmod said of PATH too out of the set; what it didn't say may only be about a weak symbol in
 * another version, which the kernel refuses and depmod passes over. */
static unsigned match(GHashTable *depmods, const ModuleSymbols *symbols, const char *path, const char *what,
                const StringSet *ours)
{
        for (size_t i = 0; i < ours->count; i++) {
                g_autofree char *text = g_strdup_printf("%s %s %s", path, what, ours->items[i]);
                const Symbol *symbol =
                                symbol_table_find(&symbols->imports, ours->items[i], strlen(ours->items[i]));

                if (!g_hash_table_remove(depmods, text) && !symbol->is_weak)
                        g_error("%s: depmod doesn't say so", text);
        }
        return (unsigned) ours->count;
}

static unsigned check_module(const Fixture *fixture, const char *path, GHashTable *depmods)
{
        CatalogueFile file = { .tree = &tree_kernel,
                .package = (char *) "",
                .version = (char *) "kernel",
                .path = (char *) path };
        g_autofree char *below = g_strdup_printf("usr/lib/modules/%s/%s", kernel.release, path);
        int fd CLEANUP_FD = openat(fixture->sample.dir.fd, below, O_RDONLY | O_CLOEXEC);
        ModuleSymbols symbols CLEANUP_MODULE_SYMBOLS = { 0 };
        StringSet missing CLEANUP_STRING_SET = { 0 };
        SymbolFindings findings = { 0 };
        SymbolSources *sources CLEANUP(symbol_sources_freep) = NULL;
        unsigned count;

        g_assert_cmpint(module_symbols_read(fd, &symbols), ==, 0);
        g_assert_cmpint(module_file_read(fd, NULL, &file.file), ==, 0);
        file.module = (char *) file.file->name;
        g_assert_cmpint(symbol_sources_new(fixture->sample.root, &fixture->release, &(PlannedFiles){ 0 },
                                        &sources),
                        ==, 0);
        g_assert_cmpint(preflight_gather_symbols(sources, &file, -1, &missing, &findings), ==, 0);
        g_assert_cmpuint(missing.count + findings.gpl_only.count + findings.foreign.count, ==, 0);
        g_assert_false(findings.lacks_versions);
        count = match(depmods, &symbols, path, "lacks", &findings.missing) +
                match(depmods, &symbols, path, "disagrees", &findings.changed);
        string_set_done(&findings.missing);
        string_set_done(&findings.changed);
        string_set_done(&findings.gpl_only);
        string_set_done(&findings.foreign);
        free(findings.source);
        (void) module_file_unref(file.file);
        return count;
}

/* Whatever depmod says of PATH must have been found. */
static void assert_nothing_left(GHashTable *depmods, const char *path)
{
        g_autofree char *start = g_strdup_printf("%s ", path);
        GHashTableIter iter;
        gpointer key;

        g_hash_table_iter_init(&iter, depmods);
        while (g_hash_table_iter_next(&iter, &key, NULL))
                if (g_str_has_prefix(key, start))
                        g_error("%s: the preflight doesn't say so", (const char *) key);
}

static void test_symbols(Fixture *fixture, gconstpointer damaged)
{
        char *symvers CLEANUP_FREE = write_symvers(fixture, damaged != NULL);
        g_autoptr(GHashTable) depmods = ask_depmod(fixture, symvers);
        unsigned count = 0;

        for (unsigned i = 0; i < MODULES; i++) {
                g_autofree char *path = g_ptr_array_steal_index_fast(fixture->paths,
                                (guint) g_test_rand_int_range(0, (gint32) fixture->paths->len));

                count += check_module(fixture, path, depmods);
                assert_nothing_left(depmods, path);
        }
        g_test_message("%u findings in %d of %u modules", count, MODULES, fixture->paths->len + MODULES);
        if (damaged)
                g_assert_cmpuint(count, >, 0);
        else
                g_assert_cmpuint(count + g_hash_table_size(depmods), ==, 0);
}

static void add_tests(void)
{
        if (!real_kernel_fetch("/real-symbols/all", &kernel))
                return;
        g_test_add("/real-symbols/sound", Fixture, NULL, set_up, test_symbols, tear_down);
        g_test_add("/real-symbols/damaged", Fixture, DAMAGED, set_up, test_symbols, tear_down);
}

int main(int argc, char *argv[])
{
        return harness_main(argc, argv, add_tests);
}
