/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Module files of all sorts of owners at random, adopted and taken back: what modprobe and modinfo say must
 * be the same bytes before and after, of every module in every kernel release. Another --seed makes others,
 * and HOSTDRIVER_RANDOM_RUNS more of them. */

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#include "host/name.h"
#include "sample-changer.h"
#include "sample-root.h"

#define RUNS 6
#define OTHER_KERNEL "5.10.0-8-amd64"

static const char *const releases[] = { SAMPLE_KERNEL, OTHER_KERNEL };
static const char *const modules[] = { "alfa", "bravo", "charlie-x", "delta" };
static const char *const canonical[] = { "alfa", "bravo", "charlie_x", "delta" };
static const char *const places[] = { "kernel/drivers/net", "updates", "updates", "updates/net",
        "updates/dkms", "extra", "extra", "extra/kmod", "override", "weak-updates", "xenserver/pack/1",
        "xenserver/pack/2" };

typedef struct Run {
        SampleRoot sample;
        GString *log; /* what was made, for whoever has to look */
} Run;

static const char *pick(const char *const choices[], size_t count)
{
        return choices[g_test_rand_int_range(0, (gint32) count)];
}

#define PICK(choices) pick((choices), G_N_ELEMENTS(choices))

static bool one_in(gint32 number)
{
        return g_test_rand_int_range(0, number) == 0;
}

/* --- a host
 * ------------------------------------------------------------------------------------------------ */

static bool is_there(const Run *run, const char *path)
{
        g_autofree char *whole = g_build_filename(run->sample.dir.path, path, NULL);
        struct stat st;

        return lstat(whole, &st) == 0;
}

static void add_link(Run *run, const char *path, const char *target)
{
        if (is_there(run, path))
                return;
        temp_dir_link(&run->sample.dir, path, target);
        g_string_append_printf(run->log, "%s -> %s\n", path, target);
}

/* One file of MODULE; in weak-updates/, a link to the other kernel's. */
static void add_file(Run *run, size_t release, const char *module)
{
        static const char *const endings[] = { ".ko", ".ko", ".ko", ".ko.xz" };
        static const char *const versions[] = { "1", "2", "3" };
        const char *place = PICK(places), *ending = PICK(endings);
        g_autofree char *path = g_strdup_printf("%s/%s%s", place, module, ending);
        g_autofree char *whole = g_strdup_printf("lib/modules/%s/%s", releases[release], path);
        g_autofree char *other = g_strdup_printf("../../%s/%s/%s%s", releases[1 - release],
                        one_in(2) ? "extra" : "updates", module, ending);

        if (strcmp(place, "weak-updates") == 0) {
                add_link(run, whole, other);
                return;
        }
        if (is_there(run, whole))
                return;
        sample_root_add_module(&run->sample, releases[release], path, PICK(versions));
        g_string_append_printf(run->log, "%s\n", whole);
}

static void add_odd_links(Run *run, size_t release, const char *module)
{
        g_autofree char *link = g_strdup_printf("lib/modules/%s/updates/%s.ko", releases[release], module);
        g_autofree char *version = g_strdup_printf("../xenserver/pack/1/%s.ko", module);
        g_autofree char *extra = g_strdup_printf("../extra/%s.ko", module);
        g_autofree char *directory =
                        g_strdup_printf("lib/modules/%s/weak-updates/linked", releases[release]);
        g_autofree char *elsewhere = g_strdup_printf("../../%s/updates/net", releases[1 - release]);

        if (one_in(8))
                add_link(run, link, one_in(2) ? version : extra);
        if (one_in(20))
                add_link(run, directory, elsewhere);
}

static void add_configuration(Run *run)
{
        static const char *const files[] = { "etc/depmod.d/a.conf", "lib/depmod.d/m.conf",
                "etc/depmod.d/zzz.conf" };
        static const char *const searches[] = { "search updates extra built-in weak-updates\n",
                "search updates built-in\n", "search override updates extra built-in weak-updates\n",
                "search extra updates built-in\n", "search built-in updates weak-updates\n",
                "search updates\n" };
        static const char *const directories[] = { "extra", "updates", "updates/dkms", "kernel/drivers/net",
                "weak-updates", "override" };

        for (size_t i = 0; i < G_N_ELEMENTS(files); i++) {
                g_autoptr(GString) text = g_string_new("");

                if (one_in(2) && !strstr(files[i], "zzz"))
                        g_string_append(text, PICK(searches));
                if (one_in(3))
                        g_string_append_printf(text, "override %s * %s\n", PICK(modules), PICK(directories));
                if (text->len == 0)
                        continue;
                temp_dir_write(&run->sample.dir, files[i], text->str);
                g_string_append_printf(run->log, "%s: %s", files[i], text->str);
        }
}

static void add_owners(Run *run)
{
        for (size_t i = 0; i < G_N_ELEMENTS(modules); i++) {
                g_autofree char *built = g_strdup_printf(
                                "var/lib/dkms/%s-dkms/1.0/r/x86_64/module/%s.ko", modules[i], modules[i]);
                g_autofree char *link = g_strdup_printf(
                                "var/lib/dkms/%s-dkms/kernel-%s-x86_64", modules[i], PICK(releases));
                g_autofree char *list = g_strdup_printf(
                                "/lib/modules/%s/updates/%s.ko\n", PICK(releases), modules[i]);
                g_autofree char *info = g_strdup_printf("var/lib/dpkg/info/%s.list", modules[i]);

                if (one_in(5)) {
                        temp_dir_write(&run->sample.dir, built, "");
                        add_link(run, link, "1.0/r/x86_64");
                } else if (one_in(8))
                        temp_dir_write(&run->sample.dir, info, list);
        }
}

static void set_up(Run *run)
{
        sample_root_init(&run->sample, SAMPLE_KERNEL);
        sample_root_add_kernel(&run->sample, OTHER_KERNEL);
        run->log = g_string_new("");
        for (size_t release = 0; release < G_N_ELEMENTS(releases); release++)
                for (size_t i = 0; i < G_N_ELEMENTS(modules); i++) {
                        for (int count = g_test_rand_int_range(0, 4); count > 0; count--)
                                add_file(run, release, modules[i]);
                        add_odd_links(run, release, modules[i]);
                }
        add_configuration(run);
        add_owners(run);
        for (size_t i = 0; i < G_N_ELEMENTS(releases); i++)
                sample_root_depmod(&run->sample, releases[i]);
        if (one_in(8)) {
                g_string_append(run->log, "and, behind depmod's back:\n");
                add_file(run, 0, PICK(modules));
        }
}

static void tear_down(Run *run)
{
        (void) g_string_free(run->log, TRUE);
        sample_root_done(&run->sample);
}

/* --- what is to be compared
 * -------------------------------------------------------------------------------- */

static char *hash_of(const char *path)
{
        g_autofree char *content = NULL;
        gsize size;

        if (!g_file_get_contents(path, &content, &size, NULL))
                return g_strdup("nothing");
        return g_compute_checksum_for_data(G_CHECKSUM_SHA256, (const guchar *) content, size);
}

/* The path in the line of MODULE, behind the word "insmod"; NULL: there is none. */
static char *find_path(char **lines, size_t module)
{
        for (; *lines; lines++) {
                char *line = g_strstrip(*lines);
                g_autofree char *name = NULL;
                char *of_file CLEANUP_FREE = NULL;

                if (g_str_has_prefix(line, "insmod "))
                        line = g_strstrip(line + strlen("insmod "));
                name = g_path_get_basename(line);
                if (module_name_from_file(name, &of_file) >= 0 && strcmp(of_file, canonical[module]) == 0)
                        return line;
        }
        return NULL;
}

/* A line for each module: the hash of what the tool names for it. */
static void ask(const Run *run, const char *release, const char *const *words, GString *text)
{
        g_autoptr(GPtrArray) argv = g_ptr_array_new();
        g_autofree char *output = NULL, *errors = NULL;
        g_auto(GStrv) lines = NULL;

        for (; *words; words++)
                g_ptr_array_add(argv, (char *) *words);
        for (size_t i = 0; i < G_N_ELEMENTS(modules); i++)
                g_ptr_array_add(argv, (char *) modules[i]);
        g_ptr_array_add(argv, NULL);
        g_assert_true(g_spawn_sync(NULL, (char **) argv->pdata, NULL, G_SPAWN_DEFAULT, NULL, NULL, &output,
                        &errors, NULL, NULL));
        lines = g_strsplit(output, "\n", -1);
        for (size_t i = 0; i < G_N_ELEMENTS(modules); i++) {
                const char *path = find_path(lines, i);
                g_autofree char *hash = path ? hash_of(path) : g_strdup("nothing");

                g_string_append_printf(text, "%s %s %s\n", release, modules[i], hash);
        }
}

/* What modprobe and modinfo say, of each module of each release. */
static char *answers(const Run *run)
{
        GString *text = g_string_new("");

        for (size_t i = 0; i < G_N_ELEMENTS(releases); i++) {
                const char *const modprobe[] = { "/usr/sbin/modprobe", "-C", "/dev/null", "-d",
                        run->sample.dir.path, "-S", releases[i], "-D", "-a", NULL };
                const char *const modinfo[] = { "/usr/sbin/modinfo", "-b", run->sample.dir.path, "-k",
                        releases[i], "-n", NULL };

                ask(run, releases[i], modprobe, text);
                ask(run, releases[i], modinfo, text);
        }
        return g_string_free(text, FALSE);
}

static void describe(const char *path, const char *name, GPtrArray *lines)
{
        g_autofree char *target = NULL;
        struct stat st;

        g_assert_cmpint(lstat(path, &st), ==, 0);
        if (S_ISDIR(st.st_mode)) {
                g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
                const char *entry;

                g_ptr_array_add(lines, g_strdup_printf("%s %o", name, st.st_mode));
                while ((entry = g_dir_read_name(dir))) {
                        g_autofree char *below = g_build_filename(path, entry, NULL);
                        g_autofree char *below_name = g_build_filename(name, entry, NULL);

                        if (!g_str_has_prefix(entry, "modules."))
                                describe(below, below_name, lines);
                }
                return;
        }
        target = S_ISLNK(st.st_mode) ? g_file_read_link(path, NULL) : hash_of(path);
        /* A file of ours may have been written anew. */
        g_ptr_array_add(lines, g_strdup_printf("%s %o %" G_GINT64_FORMAT " %s", name, st.st_mode,
                                               (gint64) (S_ISREG(st.st_mode) && module_file_stem(name) > 0
                                                                               ? st.st_mtime
                                                                               : 0),
                                               target));
}

static int compare_lines(gconstpointer a, gconstpointer b)
{
        return strcmp(*(char *const *) a, *(char *const *) b);
}

/* Every file, link and directory but for the index. */
static char *tree_of(const Run *run)
{
        g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(g_free);
        g_autofree char *modules_path = g_build_filename(run->sample.dir.path, "lib/modules", NULL);
        g_autofree char *depmod = g_build_filename(run->sample.dir.path, "etc/depmod.d", NULL);

        describe(modules_path, "", lines);
        if (g_file_test(depmod, G_FILE_TEST_EXISTS))
                describe(depmod, "etc/depmod.d", lines);
        g_ptr_array_sort(lines, compare_lines);
        g_ptr_array_add(lines, NULL);
        return g_strjoinv("\n", (char **) lines->pdata);
}

static void assert_same(const Run *run, const char *what, const char *before, const char *after)
{
        if (strcmp(before, after) != 0)
                g_error("%s has changed:\n%s\nis now\n%s\non\n%s", what, before, after, run->log->str);
}

/* --- the changes
 * ------------------------------------------------------------------------------------------- */

typedef struct Counts {
        unsigned adopted;
        unsigned refused;
        unsigned taken_back;
        unsigned kept;
} Counts;

/* Whether it was done; if not, nothing has changed. */
static bool change(Run *run, SampleChanger *host, OperationId operation, const char *module,
                const StringSet *kernels)
{
        Refusal refusal CLEANUP_REFUSAL = { 0 };
        const ChangeTarget target = { module, NULL };
        const Request request = { .targets = &target, .target_count = 1, .kernels = kernels };
        g_autofree char *tree = tree_of(run), *said = answers(run), *now = NULL, *tree_now = NULL;
        int r = sample_changer_run_request(host, operation, &request, 0, NULL, &refusal);

        if (r >= 0)
                sample_changer_run(host);
        else
                g_assert_cmpint(r, ==, -ECANCELED);
        now = answers(run);
        g_string_append_printf(run->log, "%s %s: %s\n", operation_table[operation].name, module,
                        r < 0 ? refusal.sentence : host->last_error);
        assert_same(run, "what would be loaded", said, now);
        if (r >= 0 && host->last_result == JOB_RESULT_DONE)
                return true;
        tree_now = tree_of(run);
        assert_same(run, "the tree", tree, tree_now);
        /* All that can be known is refused before. */
        g_assert_cmpint(r, <, 0);
        return false;
}

static void try_module(Run *run, SampleChanger *host, size_t module, Counts *counts)
{
        StringSet kernels CLEANUP_STRING_SET = { 0 };
        const StringSet *asked = one_in(3) ? NULL : &kernels;
        g_autofree char *before = tree_of(run), *after = NULL;

        g_assert_cmpint(string_set_add(&kernels, PICK(releases)), ==, 1);
        if (!change(run, host, OPERATION_ADOPT, canonical[module], asked)) {
                counts->refused++;
                return;
        }
        counts->adopted++;
        if (!change(run, host, OPERATION_UNADOPT, canonical[module], asked)) {
                counts->kept++;
                return;
        }
        counts->taken_back++;
        after = tree_of(run);
        assert_same(run, "the tree", before, after);
}

static void run_once(Counts *counts)
{
        SampleChanger host CLEANUP_SAMPLE_CHANGER;
        Run run = { 0 };

        set_up(&run);
        sample_changer_init(&host, run.sample.dir.path, SAMPLE_KERNEL);
        for (size_t i = 0; i < G_N_ELEMENTS(modules); i++)
                try_module(&run, &host, i, counts);
        g_test_message("%s", run.log->str);
        tear_down(&run);
}

static void test_random(void)
{
        const char *runs = g_getenv("HOSTDRIVER_RANDOM_RUNS");
        gint64 count = runs ? g_ascii_strtoll(runs, NULL, 10) : RUNS;
        Counts counts = { 0 };

        for (gint64 i = 0; i < count; i++)
                run_once(&counts);
        g_test_message("%u adopted, %u refused, %u taken back, %u not", counts.adopted, counts.refused,
                        counts.taken_back, counts.kept);
        g_assert_cmpuint(counts.adopted, >, count / 3);
        g_assert_cmpuint(counts.taken_back, >, count / 4);
        g_assert_cmpuint(counts.refused, >, count / 4);
}

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/adopt-random", test_random);
        return g_test_run();
}
