/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Effective, Problems, Why() and Check() of random hosts: none says what another one denies, and what they
 * say of loading is what libkmod does. Another --seed makes other hosts, and HOSTDRIVER_RANDOM_RUNS more of
 * them. */

#include <glib.h>
#include <string.h>

#include "change/checks/preflight.h"
#include "model/driver-derive.h"
#include "model/why.h"
#include "modprobe-run.h"
#include "random-modprobe.h"
#include "sample-root.h"

#define OTHER "5.10.0"
#define SELF RANDOM_MODPROBE_SELF
#define FIRST "xenserver/p/1/" RANDOM_MODPROBE_FILE
#define SECOND "xenserver/p/2/" RANDOM_MODPROBE_FILE
#define BLOCK "etc/modprobe.d/hostdriver-" SELF ".conf"
#define OVERRIDES "etc/depmod.d/zz-hostdriver.conf"

/* For each kind of host. */
#define RUNS 25

static const char *const releases[] = { SAMPLE_KERNEL, OTHER, NULL };
static const Config config = { 0 };

/* What a driver needs in each release, directly or not. */
static const char *const needed[][3] = { { "below", "lowest", NULL }, { "first", NULL } };

typedef struct Host {
        const char *name;
        const char *links[2]; /* of the releases; NULL: there is none */
        const char *overrides;
        const char *softdeps[2]; /* of all versions in the releases */
        bool deselected;
        bool builtin; /* in the other release */
} Host;

/* What is told of one driver. */
typedef struct Told {
        Facts *facts;
        Driver *driver;
        WhyList why[2];
        ProblemList checked[2]; /* of the selected version */
} Told;

static void told_done(Told *told)
{
        told->facts = facts_free(told->facts);
        told->driver = driver_free(told->driver);
        for (size_t i = 0; i < 2; i++) {
                why_list_done(&told->why[i]);
                problem_list_done(&told->checked[i]);
        }
}

static void explain(const SampleRoot *sample, size_t position, Told *told)
{
        const char *release = releases[position];
        DepmodConfig depmod CLEANUP_DEPMOD_CONFIG = { 0 };
        CandidateList candidates CLEANUP_CANDIDATE_LIST = { 0 };

        g_assert_cmpint(depmod_config_read(sample->root, release, &depmod), ==, 0);
        g_assert_cmpint(candidates_read_module(sample->root, release, SELF, &depmod, &told->facts->formats,
                                        &candidates),
                        ==, 0);
        g_assert_cmpint(why_derive(told->facts, told->driver, release, &depmod, &candidates,
                                        &told->why[position]),
                        ==, 0);
}

static void check(const SampleRoot *sample, size_t position, Told *told)
{
        const char *selected = driver_release(told->driver, releases[position])->selected;
        const DriverVersion *version = driver_version(told->driver, selected);
        Preflight *preflight CLEANUP(preflight_freep) = NULL;
        const CatalogueFile *file;

        if (!version)
                return;
        file = driver_version_file(told->facts, told->driver, version, releases[position]);
        g_assert_cmpint(preflight_new(sample->root, told->facts, releases[position],
                                        &(PlannedFiles){ &file, 1 }, &preflight),
                        ==, 0);
        g_assert_cmpint(preflight_check(preflight, told->driver, version, &told->checked[position]), ==, 0);
}

static void tell(const char *what, const char *release, const ProblemList *problems)
{
        for (size_t i = 0; i < problems->count; i++)
                g_test_message("%s %s: %s: %s", what, release, problems->items[i].code,
                                problems->items[i].sentence);
}

static void read_told(const SampleRoot *sample, Told *ret)
{
        g_assert_cmpint(facts_read(sample->root, &config, NULL, NULL, &ret->facts), ==, 0);
        g_assert_cmpint(driver_derive(ret->facts, 0, &ret->driver), ==, 0);
        tell("problem", "", &ret->driver->problems);
        for (size_t i = 0; i < 2; i++) {
                const DriverRelease *release = driver_release(ret->driver, releases[i]);

                explain(sample, i, ret);
                check(sample, i, ret);
                g_test_message("%s: selected \"%s\", effective \"%s\"", releases[i], release->selected,
                                release->effective);
                for (size_t j = 0; j < ret->why[i].count; j++)
                        g_test_message("why %s: %s: %s", releases[i], ret->why[i].items[j].path,
                                        ret->why[i].items[j].reason);
                tell("check", releases[i], &ret->checked[i]);
        }
}

/* Each line of modprobe.d, or word of the command line, that a sentence names; not what depmod goes by. */
static void take_lines(const char *prefix, const char *sentence, GHashTable *ret)
{
        g_autoptr(GRegex) regex =
                        g_regex_new("line \\d+ of (?!/etc/depmod)[^ ,:]+|booted with [^ ,.]+", 0, 0, NULL);
        g_autoptr(GMatchInfo) match = NULL;

        for (g_regex_match(regex, sentence, 0, &match); g_match_info_matches(match);
                        g_match_info_next(match, NULL)) {
                g_autofree char *found = g_match_info_fetch(match, 0);

                g_hash_table_add(ret, g_strdup_printf("%s%s", prefix, found));
        }
}

static GHashTable *new_set(void)
{
        return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
}

/* Of what modprobe.d does, with the codes. */
static void take_problems(const ProblemList *problems, GHashTable *ret)
{
        static const char *const codes[] = { "blocked", "install-command", "alias-elsewhere",
                "dependency-blocked" };

        for (size_t i = 0; i < problems->count; i++)
                for (size_t j = 0; j < G_N_ELEMENTS(codes); j++)
                        if (strcmp(problems->items[i].code, codes[j]) == 0) {
                                g_autofree char *prefix = g_strdup_printf("%s ", codes[j]);

                                take_lines(prefix, problems->items[i].sentence, ret);
                        }
}

static void assert_subset(GHashTable *part, GHashTable *all)
{
        GHashTableIter iter;
        gpointer key;

        g_hash_table_iter_init(&iter, part);
        while (g_hash_table_iter_next(&iter, &key, NULL))
                if (!g_hash_table_contains(all, key))
                        g_error("told by one, and not by the other: %s", (const char *) key);
}

/* Before and after a selection the same is told. */
static void assert_checks_agree(const Told *told)
{
        g_autoptr(GHashTable) checked = new_set(), problems = new_set();

        for (size_t i = 0; i < 2; i++)
                take_problems(&told->checked[i], checked);
        take_problems(&told->driver->problems, problems);
        assert_subset(checked, problems);
        if (*told->driver->releases[0].selected || *told->driver->releases[1].selected)
                assert_subset(problems, checked);
}

static bool has_code(const ProblemList *problems, const char *code)
{
        for (size_t i = 0; i < problems->count; i++)
                if (strcmp(problems->items[i].code, code) == 0)
                        return true;
        return false;
}

/* Whatever says that a file would be loaded, says it of the effective one. */
static void assert_loads_nothing_else(const DriverRelease *release, const char *sentence)
{
        g_autofree char *file = g_strdup_printf("/lib/modules/%s/", release->release);
        const char *place = strstr(sentence, file);

        if (place && strstr(place, "would be loaded"))
                g_assert_true(*release->effective && g_str_has_prefix(place, release->effective));
}

static void assert_release_agrees(const Told *told, size_t position)
{
        const DriverRelease *release = driver_release(told->driver, releases[position]);
        const WhyList *why = &told->why[position];
        const char *effective = "";
        g_autoptr(GHashTable) reasons = new_set(), problems = new_set();

        for (size_t i = 0; i < why->count; i++) {
                if (why->items[i].effective)
                        effective = why->items[i].path;
                assert_loads_nothing_else(release, why->items[i].reason);
        }
        g_assert_cmpstr(effective, ==, release->effective);
        for (size_t i = 0; i < told->driver->problems.count; i++) {
                take_lines("", told->driver->problems.items[i].sentence, problems);
                assert_loads_nothing_else(release, told->driver->problems.items[i].sentence);
        }
        if (why->count == 0)
                return;
        /* What why says of the one that the index names. */
        take_lines("", why->items[0].reason, reasons);
        if (*release->selected)
                assert_subset(reasons, problems);
        if (*release->selected && !*release->effective)
                g_assert_true(g_hash_table_size(reasons) > 0 ||
                                has_code(&told->driver->problems, "builtin"));
}

/* What libkmod, and the kernel, would do in one release. */
typedef struct Truth {
        bool by_name; /* SELF is loaded */
        bool ever;    /* be it for another one's sake */
} Truth;

static Truth find_truth(const SampleRoot *sample, size_t position, const char *refused)
{
        g_auto(GStrv) direct = modprobe_dry_list(sample, releases[position], SELF, MODPROBE_ASK_MODULE);
        g_auto(GStrv) named = modprobe_dry_list(sample, releases[position], SELF, MODPROBE_ASK_NAME);
        const char *action = random_modprobe_action(direct, SELF);
        bool kept = random_modprobe_is_nothing(action) || strcmp(refused, SELF) == 0, waits = false;

        for (size_t i = 0; needed[position][i]; i++)
                waits = waits || strcmp(needed[position][i], refused) == 0 ||
                        random_modprobe_is_nothing(random_modprobe_action(direct, needed[position][i]));
        /* A program may do anything. */
        return (Truth){ .by_name = action && random_modprobe_action(named, SELF) && !kept && !waits,
                .ever = action && !kept && (*action || !waits) };
}

static void assert_true_to_kmod(
                const SampleRoot *sample, const Host *host, const Told *told, const char *refused)
{
        bool ever = false;

        for (size_t i = 0; i < 2; i++) {
                const DriverRelease *release = driver_release(told->driver, releases[i]);
                Truth truth = find_truth(sample, i, refused);

                if (i == 1 && host->builtin)
                        truth = (Truth){ 0 };
                ever = ever || truth.ever;
                g_assert_cmpint(*release->effective != '\0', ==, truth.by_name);
        }
        g_assert_cmpint(has_code(&told->driver->problems, "not-blocked"), ==, host->deselected && ever);
}

static void set_up(SampleRoot *sample, const Host *host)
{
        static const char *const versions[] = { FIRST, SECOND, "kernel/drivers/" RANDOM_MODPROBE_FILE,
                NULL };

        sample_root_init(sample, SAMPLE_KERNEL);
        sample_root_add_kernel(sample, OTHER);
        random_modprobe_add_modules(sample, SAMPLE_KERNEL, versions, "below", host->softdeps[0]);
        random_modprobe_add_modules(sample, OTHER, versions, "first", host->softdeps[1]);
        sample_root_add_device(sample, "pci", "0000:00:01.0", RANDOM_MODPROBE_MODALIAS);
        if (host->overrides)
                temp_dir_write(&sample->dir, OVERRIDES, host->overrides);
        if (host->deselected)
                temp_dir_write(&sample->dir, BLOCK,
                                "softdep " SELF " pre:\nblacklist " SELF "\ninstall " SELF " /bin/false\n");
        if (host->builtin)
                temp_dir_write(&sample->dir, "lib/modules/" OTHER "/modules.builtin",
                                "kernel/drivers/" RANDOM_MODPROBE_FILE "\n");
        for (size_t i = 0; i < 2; i++) {
                if (host->links[i])
                        sample_root_select(sample, releases[i], host->links[i]);
                sample_root_depmod(sample, releases[i]);
        }
}

static void test_host(gconstpointer data)
{
        static const char *const refusals[] = { "", "", "", SELF, "below", "lowest", "first", "above" };
        static const char *const none[] = { NULL }; /* modules.softdep is depmod's */
        const Host *host = data;
        const char *runs = g_getenv("HOSTDRIVER_RANDOM_RUNS");
        SampleRoot sample CLEANUP_SAMPLE_ROOT = { 0 };

        set_up(&sample, host);
        for (long i = runs ? strtol(runs, NULL, 10) : RUNS; i > 0; i--) {
                const char *refused = refusals[g_test_rand_int_range(0, G_N_ELEMENTS(refusals))];
                g_autofree char *line = g_strdup_printf("quiet module_blacklist=x,%s\n", refused);
                Told told CLEANUP(told_done) = { 0 };

                random_modprobe_write(&sample, none);
                temp_dir_write(&sample.dir, "proc/cmdline", line);
                g_test_message("refused: %s", refused);
                read_told(&sample, &told);
                for (size_t j = 0; j < 2; j++)
                        assert_release_agrees(&told, j);
                assert_true_to_kmod(&sample, host, &told, refused);
                assert_checks_agree(&told);
        }
}

int main(int argc, char *argv[])
{
        static const Host hosts[] = {
                { "selected", { FIRST, FIRST } },
                { "selected-otherwise", { SECOND, FIRST } },
                { "selected-softdep", { FIRST, FIRST }, .softdeps = { "pre: none post: first" } },
                { "selected-softdep-there", { FIRST, FIRST }, .softdeps = { NULL, "post: below" } },
                { "selected-there", { NULL, FIRST } },
                { "selected-kernel", .overrides = "override dell-laptop ^4[.]19[.]0[+]1$ kernel/drivers\n"
                                                  "override dell-laptop ^5[.]10[.]0$ kernel/drivers\n" },
                { "selected-builtin", { FIRST, FIRST }, .builtin = true },
                { "nothing" },
                { "deselected", .deselected = true },
                { "deselected-softdep", .deselected = true, .softdeps = { "pre: first" } },
                { "deselected-softdep-there", .deselected = true, .softdeps = { NULL, "pre: lowest" } },
                { "deselected-builtin", .deselected = true, .builtin = true },
        };

        g_test_init(&argc, &argv, NULL);
        for (size_t i = 0; i < G_N_ELEMENTS(hosts); i++) {
                g_autofree char *name = g_strdup_printf("/modprobe-agreement/%s", hosts[i].name);

                g_test_add_data_func(name, &hosts[i], test_host);
        }
        return g_test_run();
}
