/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What we say that depmod takes is what the real one takes, on module directories and configurations made up
 * at random. */

#include <errno.h>
#include <glib.h>
#include <string.h>

#include "host/index/module-index.h"
#include "model/depmod-rank.h"
#include "sample-root.h"

#define RELEASE "6.1.0+1"

static const struct {
        const char *config;
        const char *paths;  /* by path, with a blank behind each */
        const char *winner; /* NULL: the order decides */
} rows[] = {
        { "search updates built-in", "kernel/ice.ko updates/ice.ko ", "updates/ice.ko" },
        { "search updates", "kernel/ice.ko updates/ice.ko ", "updates/ice.ko" },
        { "search built-in updates", "kernel/ice.ko updates/ice.ko ", "kernel/ice.ko" },
        { "search updates built-in", "kernel/ice.ko xenserver/p/1/ice.ko ", NULL },
        { "search updates built-in", "updates/dkms/ice.ko updates/ice.ko ", NULL },
        { "search updates/dkms updates built-in", "updates/dkms/ice.ko updates/ice.ko ",
                        "updates/dkms/ice.ko" },
        /* By the letter dkms/ comes before, but depmod doesn't always see it so. */
        { "search built-in updates/dkms updates", "updates/dkms/ice.ko updates/ice.ko ", NULL },
        { "search updates built-in", "updates-old/ice.ko updates/ice.ko ", "updates/ice.ko" },
        { "search extra updates", "extra/ice.ko updates/ice.ko ", "extra/ice.ko" },
        { "search updates\noverride ice * kernel", "kernel/ice.ko updates/ice.ko ", "kernel/ice.ko" },
        { "search updates\noverride ice * kernel", "kernel/net/ice.ko updates/ice.ko ", "updates/ice.ko" },
        { "search updates\noverride ice * kernel\noverride ice * extra",
                        "extra/ice.ko kernel/ice.ko updates/ice.ko ", "extra/ice.ko" },
        { "search updates\noverride ice * kernel", "kernel/ice.ko kernel/ice.ko.xz updates/ice.ko ", NULL },
        { "search updates\noverride dell_laptop * kernel", "kernel/dell-laptop.ko updates/dell-laptop.ko ",
                        "updates/dell-laptop.ko" },
        { "search updates\nexclude updates", "kernel/ice.ko updates/ice.ko ", "kernel/ice.ko" },
        { "search updates\nexclude xenserver", "kernel/ice.ko xenserver/p/1/ice.ko ", "kernel/ice.ko" },
        { "search updates\nexclude kernel/net", "kernel/net/ice.ko ", "kernel/net/ice.ko" },
        { "search updates\nexclude ice.ko", "kernel/ice.ko updates/ice.ko ", NULL },
        { "search updates", "build/ice.ko kernel/ice.ko ", "kernel/ice.ko" },
        { "search updates", "", NULL },
        { "search external updates\nexternal * /opt/a\nexternal * /opt/b",
                        "/opt/a/ice.ko /opt/b/ice.ko updates/ice.ko ", "/opt/a/ice.ko" },
        { "search updates external\nexternal * /opt/a", "/opt/a/ice.ko updates/ice.ko ", "updates/ice.ko" },
        { "search updates\nexternal * /opt/a", "/opt/a/ice.ko kernel/ice.ko ", NULL },
};

static void test_table(void)
{
        for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
                g_auto(GStrv) paths = g_strsplit(rows[i].paths, " ", -1);
                guint count = paths[0] ? g_strv_length(paths) - 1 : 0;
                g_autofree Candidate *items = g_new0(Candidate, count + 1);
                g_autofree DepmodRank *ranks = g_new0(DepmodRank, count + 1);
                CandidateList list = { .items = items, .count = count };
                DepmodConfig config CLEANUP_DEPMOD_CONFIG = { 0 };
                size_t winner;

                g_test_message("%s: %s", rows[i].config, rows[i].paths);
                g_assert_cmpint(depmod_config_parse(&config, RELEASE, "/f", rows[i].config), ==, 0);
                for (size_t j = 0; j < list.count; j++) {
                        items[j] = (Candidate){ .kind = CANDIDATE_FILE, .path = paths[j] };
                        depmod_rank(&config, &items[j], &ranks[j]);
                }
                winner = depmod_rank_winner(&config, &list, ranks);
                g_assert_cmpstr(winner == DEPMOD_WINNER_UNKNOWN ? NULL : items[winner].path, ==,
                                rows[i].winner);
        }
}

static bool one_in(int n)
{
        return g_test_rand_int_range(0, n) == 0;
}

static const char *pick(const char *const *words)
{
        return words[g_test_rand_int_range(0, (gint32) g_strv_length((char **) words))];
}

static const char *const directories[] = { "kernel/net", "kernel/a", "updates", "updates/dkms",
        "updates/dkms/x", "extra", "extra/sub", "weak-updates", "xenserver/p/1", "xenserver/p/2",
        "updates-old", NULL };

static const char *const names[] = { "dell-laptop.ko", "dell_laptop.ko", "dell-laptop.ko.xz",
        "dell-laptop.ko.gz", "dell-laptop.ko.zst", NULL };

static const char *const outside[] = { "opt/drivers", "opt/drivers/sub", "srv/modules", NULL };

/* Module files outside of the module directory, where only an external line leads. depmod doesn't take such
 * a line as relative to its base (-b), so that lines name the root's own path, which leads to the root again
 * for those who do. */
static void make_externals(const SampleRoot *sample)
{
        temp_dir_link(&sample->dir, sample->dir.path + 1, "/");
        for (size_t i = 0; outside[i]; i++) {
                g_autofree char *path = g_strdup_printf("../../../../%s/%s", outside[i], pick(names));

                temp_dir_mkdir(&sample->dir, outside[i]);
                if (one_in(2))
                        sample_root_add_module(sample, RELEASE, path, NULL);
        }
}

static void append_external(const SampleRoot *sample, const char *release, GString *text)
{
        g_string_append_printf(text, "external %s %s/%s\n", release, sample->dir.path, pick(outside));
}

/* Some files of dell_laptop in either spelling, links and things that are neither. */
static void make_candidates(const SampleRoot *sample)
{
        if (one_in(2))
                sample_root_add_module(sample, RELEASE, "xenserver/p/1/dell-laptop.ko", NULL);
        for (int n = g_test_rand_int_range(1, 7); n > 0; n--) {
                g_autofree char *path = g_strdup_printf("%s/%s", pick(directories), pick(names));
                g_autofree char *below = g_strdup_printf("lib/modules/" RELEASE "/%s", path);
                g_autofree char *absolute = g_build_filename(sample->dir.path, below, NULL);

                if (g_file_test(absolute, G_FILE_TEST_EXISTS | G_FILE_TEST_IS_SYMLINK))
                        continue;
                if (one_in(8))
                        temp_dir_link(&sample->dir, below, "nowhere");
                else if (g_str_has_prefix(path, "updates/d") && one_in(2)) /* a selection, as a link */
                        temp_dir_link(&sample->dir, below,
                                        strchr(path + strlen("updates/"), '/')
                                                        ? "../../xenserver/p/1/dell-laptop.ko"
                                                        : "../xenserver/p/1/dell-laptop.ko");
                else if (one_in(8))
                        temp_dir_mkdir(&sample->dir, below);
                else
                        sample_root_add_module(sample, RELEASE, path, NULL);
        }
}

/* Links to directories, which depmod follows. None leads back: test-depmod-layouts.c has such ones. */
static void make_directory_links(const SampleRoot *sample)
{
        static const struct {
                const char *path, *target;
        } links[] = {
                { "weak-updates/more", "../kernel" },
                { "extra/copies", "../../../../opt/drivers" },
                { "updates/version", "../xenserver/p" },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(links); i++) {
                g_autofree char *below = g_strdup_printf("lib/modules/" RELEASE "/%s", links[i].path);

                if (one_in(4))
                        temp_dir_link(&sample->dir, below, links[i].target);
        }
}

static void make_config(const SampleRoot *sample)
{
        static const char *const files[] = { "a.conf", "b.conf", "zz.conf", NULL };
        static const char *const searches[] = { "updates", "updates/dkms", "built-in", "extra", "xenserver",
                "kernel", "updates/dkms/x", "weak-updates", "external", NULL };
        static const char *const releases[] = { "*", "^6[.]1[.]0[+]1$", "6.1", "6.1.0+1", "5.", NULL };
        static const char *const stems[] = { "dell-laptop", "dell_laptop", NULL };
        static const char *const excludes[] = { "dkms", "xenserver", "p", "updates/dkms", "extra", NULL };

        for (size_t i = 0; files[i]; i++) {
                g_autoptr(GString) text = g_string_new("# made up\n");
                g_autofree char *path = g_strdup_printf("etc/depmod.d/%s", files[i]);

                if (one_in(2)) {
                        g_string_append(text, "search");
                        for (int n = g_test_rand_int_range(0, 5); n > 0; n--)
                                g_string_append_printf(text, " %s", pick(searches));
                        g_string_append_c(text, '\n');
                }
                for (int n = g_test_rand_int_range(0, 3); n > 0 && one_in(2); n--)
                        g_string_append_printf(text, "override %s %s %s\n", pick(stems), pick(releases),
                                        pick(directories));
                while (one_in(3))
                        append_external(sample, pick(releases), text);
                if (one_in(8))
                        g_string_append_printf(text, "exclude %s\n", pick(excludes));
                temp_dir_write(&sample->dir, path, text->str);
        }
}

/* Compares our word with depmod's. Returns whether we had one. */
static bool compare_with_depmod(const SampleRoot *sample)
{
        DepmodConfig config CLEANUP_DEPMOD_CONFIG = { 0 };
        CandidateList list CLEANUP_CANDIDATE_LIST = { 0 };
        KmodFormats formats;
        ModuleIndex *index CLEANUP(module_index_freep) = NULL;
        char *path CLEANUP_FREE = NULL;
        g_autofree DepmodRank *ranks = NULL;
        size_t winner, resolved, eligible = 0;
        int r;

        sample_root_depmod(sample, RELEASE);
        g_assert_cmpint(depmod_config_read(sample->root, RELEASE, &config), ==, 0);
        g_assert_cmpint(kmod_formats_read(&formats), ==, 0);
        g_assert_cmpint(candidates_read_module(
                                        sample->root, RELEASE, "dell_laptop", &config, &formats, &list),
                        ==, 0);
        ranks = g_new0(DepmodRank, list.count + 1);
        for (size_t i = 0; i < list.count; i++) {
                depmod_rank(&config, &list.items[i], &ranks[i]);
                g_assert_true(i == 0 || strcmp(list.items[i - 1].path, list.items[i].path) < 0);
                eligible += !ranks[i].passed_over;
        }
        winner = depmod_rank_winner(&config, &list, ranks);
        g_assert_cmpint(module_index_open(sample->root, RELEASE, &index), ==, 0);
        r = module_index_resolve(index, "dell_laptop", &path);
        for (size_t i = 0; i < list.count; i++)
                g_test_message("%s: kind %d, place %ld%s", list.items[i].path, list.items[i].kind,
                                ranks[i].place, ranks[i].passed_over ? ", passed over" : "");
        g_test_message("depmod: %s", path ? path : "none");
        g_assert_cmpint(r, ==, eligible > 0 ? 0 : -ENOENT);
        if (winner != DEPMOD_WINNER_UNKNOWN)
                g_assert_cmpstr(path, ==, list.items[winner].path);
        for (resolved = 0; path && resolved < list.count; resolved++)
                if (strcmp(list.items[resolved].path, path) == 0)
                        break;
        if (path) {
                g_assert_cmpuint(resolved, <, list.count);
                g_assert_true(depmod_rank_is_possible(&config, &list, ranks, resolved));
        }
        return winner != DEPMOD_WINNER_UNKNOWN && eligible > 1;
}

static void test_like_depmod(void)
{
        unsigned predicted = 0, rounds = g_test_slow() ? 1000 : 60;

        for (unsigned i = 0; i < rounds; i++) {
                SampleRoot sample CLEANUP_SAMPLE_ROOT = { 0 };

                sample_root_init(&sample, RELEASE);
                make_candidates(&sample);
                make_externals(&sample);
                make_directory_links(&sample);
                make_config(&sample);
                predicted += compare_with_depmod(&sample);
        }
        g_test_message("%u of %u were foreseen", predicted, rounds);
        g_assert_cmpuint(predicted, >, rounds / 8);
}

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/depmod-rank/table", test_table);
        g_test_add_func("/depmod-rank/like-depmod", test_like_depmod);
        return g_test_run();
}
