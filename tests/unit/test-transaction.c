/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Plans on a real directory: from every mix of before and after, into what is somebody else's, twice. */

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <string.h>
#include <sys/stat.h>

#include "change/parts/transaction.h"
#include "disk-state.h"
#include "modprobe-run.h"
#include "sample-root.h"

#define UPDATES "lib/modules/" SAMPLE_KERNEL "/updates"
#define OLD_TARGET "../xenserver/intel-ice/1.6.4/ice.ko"
#define NEW_TARGET "../xenserver/intel-ice/1.11.17.1/ice.ko.xz"
#define HEADER "{\"format\":1,\"kind\":\"select\",\"subjects\":[],"

/* ice: a link under another name, an override line in another directory; dell_laptop: only an override, in
 * another spelling; irdma: goes, and is blocked; bnx2: comes back. */
static const char plan_text[] = HEADER
                "\"changes\":["
                "{\"release\":\"" SAMPLE_KERNEL "\",\"module\":\"ice\",\"expected\":\"a/ice.ko.xz\","
                "\"before\":{\"link\":\"ice.ko\",\"target\":\"" OLD_TARGET
                "\",\"directory\":\"a\",\"spelling\":\"ice\"},"
                "\"after\":{\"link\":\"ice.ko.xz\",\"target\":\"" NEW_TARGET
                "\",\"directory\":\"b\",\"spelling\":\"ice\"}},"
                "{\"release\":\"" SAMPLE_KERNEL "\",\"module\":\"dell_laptop\",\"expected\":\"d/x.ko\","
                "\"before\":{\"directory\":\"c\",\"spelling\":\"dell_laptop\"},"
                "\"after\":{\"directory\":\"d\",\"spelling\":\"dell-laptop\"}},"
                "{\"release\":\"" SAMPLE_KERNEL "\",\"module\":\"irdma\",\"expected\":null,"
                "\"before\":{\"link\":\"irdma.ko\",\"target\":\"../gone/irdma.ko\"},\"after\":{}}],"
                "\"blocks\":[{\"module\":\"irdma\",\"before\":false,\"after\":true},"
                "{\"module\":\"bnx2\",\"before\":true,\"after\":false}]}";

typedef struct Fixture {
        SampleRoot sample;
        Plan *plan;
        Plan *inverse;
} Fixture;

static void set_up(Fixture *fixture, gconstpointer data)
{
        sample_root_init(&fixture->sample, SAMPLE_KERNEL);
        g_assert_cmpint(plan_from_json(plan_text, &fixture->plan), ==, 0);
        g_assert_cmpint(plan_invert(fixture->plan, &fixture->inverse), ==, 0);
}

static void tear_down(Fixture *fixture, gconstpointer data)
{
        (void) plan_free(fixture->plan);
        (void) plan_free(fixture->inverse);
        sample_root_done(&fixture->sample);
}

static void apply(const Fixture *fixture, const Plan *plan)
{
        Refusal refusal CLEANUP_REFUSAL = { 0 };
        int r = transaction_apply(fixture->sample.root, plan, &refusal);

        if (r >= 0)
                r = transaction_finish(fixture->sample.root, plan, &refusal);
        g_assert_cmpstr(refusal.sentence, ==, NULL);
        g_assert_cmpint(r, ==, 0);
}

static char *state_of(const Fixture *fixture)
{
        return disk_state(fixture->sample.dir.path);
}

/* Swaps the parts of the plan that are not in MASK into what they were: the plan that leads to that mix. */
static Plan *mixed_plan(const Fixture *fixture, unsigned mask)
{
        Plan *mixed, *other;

        g_assert_cmpint(plan_from_json(plan_text, &mixed), ==, 0);
        g_assert_cmpint(plan_invert(fixture->plan, &other), ==, 0);
        for (size_t i = 0; i < mixed->change_count; i++)
                if (!(mask & (1U << i))) {
                        PlanChange change = mixed->changes[i];

                        mixed->changes[i] = other->changes[i];
                        other->changes[i] = change;
                }
        for (size_t i = 0; i < mixed->block_count; i++)
                if (!(mask & (1U << (mixed->change_count + i))))
                        mixed->blocks[i].after = !mixed->blocks[i].after;
        (void) plan_free(other);
        return mixed;
}

static void test_every_mix(Fixture *fixture, gconstpointer data)
{
        g_autofree char *before = NULL, *after = NULL;
        GHashTable *states = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

        apply(fixture, fixture->inverse);
        before = state_of(fixture);
        apply(fixture, fixture->plan);
        after = state_of(fixture);
        g_assert_cmpstr(before, !=, after);
        for (unsigned mask = 0; mask < 1U << 5; mask++) {
                for (unsigned forth = 0; forth < 2; forth++) {
                        Plan *mixed = mixed_plan(fixture, mask);
                        g_autofree char *reached = NULL;

                        apply(fixture, mixed);
                        (void) g_hash_table_add(states, state_of(fixture));
                        apply(fixture, forth ? fixture->plan : fixture->inverse);
                        reached = state_of(fixture);
                        g_assert_cmpstr(reached, ==, forth ? after : before);
                        (void) plan_free(mixed);
                }
        }
        /* Proof that the mixes were mixes: each is another state. */
        g_assert_cmpuint(g_hash_table_size(states), ==, 32);
        g_hash_table_unref(states);
}

static void test_content(Fixture *fixture, gconstpointer data)
{
        g_autofree char *state = NULL;

        apply(fixture, fixture->inverse);
        apply(fixture, fixture->plan);
        state = state_of(fixture);
        g_assert_nonnull(strstr(state, UPDATES "/ice.ko.xz -> " NEW_TARGET));
        g_assert_null(strstr(state, UPDATES "/ice.ko ->"));
        g_assert_null(strstr(state, UPDATES "/irdma.ko"));
        g_assert_nonnull(strstr(state, "override ice ^4[.]19[.]0[+]1$ b"));
        g_assert_nonnull(strstr(state, "override dell-laptop ^4[.]19[.]0[+]1$ d"));
        g_assert_null(strstr(state, "override dell_laptop"));
        g_assert_nonnull(strstr(state, "etc/modprobe.d/hostdriver-irdma.conf"));
        g_assert_null(strstr(state, "hostdriver-bnx2.conf"));
}

static ino_t inode(const Fixture *fixture, const char *path)
{
        struct stat st;

        g_assert_cmpint(fstatat(fixture->sample.dir.fd, path, &st, AT_SYMLINK_NOFOLLOW), ==, 0);
        return st.st_ino;
}

/* What is right already is not written again: no inode changes. */
static void test_idempotent(Fixture *fixture, gconstpointer data)
{
        static const char *const paths[] = { UPDATES "/ice.ko.xz", "etc/depmod.d/zz-hostdriver.conf",
                "etc/modprobe.d/hostdriver-irdma.conf" };
        ino_t inodes[ELEMENTSOF(paths)];

        apply(fixture, fixture->plan);
        for (size_t i = 0; i < ELEMENTSOF(paths); i++)
                inodes[i] = inode(fixture, paths[i]);
        apply(fixture, fixture->plan);
        for (size_t i = 0; i < ELEMENTSOF(paths); i++)
                g_assert_cmpuint(inode(fixture, paths[i]), ==, inodes[i]);
}

/* Nothing was there, so nothing shall be left when it is taken back. */
static void test_leaves_nothing(Fixture *fixture, gconstpointer data)
{
        static const char text[] =
                        HEADER "\"changes\":[{\"release\":\"" SAMPLE_KERNEL
                               "\",\"module\":\"ice\",\"expected\":\"a/i.ko\","
                               "\"before\":{},\"after\":{\"link\":\"ice.ko\",\"target\":\"../a/ice.ko\","
                               "\"directory\":\"a\",\"spelling\":\"ice\"}}],\"blocks\":[]}";
        Plan *plan CLEANUP(plan_freep) = NULL;
        Plan *inverse CLEANUP(plan_freep) = NULL;
        g_autofree char *state = NULL;

        g_assert_cmpint(plan_from_json(text, &plan), ==, 0);
        g_assert_cmpint(plan_invert(plan, &inverse), ==, 0);
        apply(fixture, plan);
        apply(fixture, inverse);
        state = state_of(fixture);
        g_assert_cmpstr(state, ==, "");
}

static void assert_conflict(const Fixture *fixture, const char *culprit)
{
        Refusal refusal CLEANUP_REFUSAL = { 0 };
        g_autofree char *before = state_of(fixture);
        g_autofree char *after = NULL;

        g_assert_cmpint(transaction_apply(fixture->sample.root, fixture->plan, &refusal), ==, -ECANCELED);
        g_assert_cmpint(refusal.kind, ==, REFUSAL_CONFLICT);
        g_assert_nonnull(strstr(refusal.sentence, culprit));
        after = state_of(fixture);
        g_assert_cmpstr(before, ==, after);
}

/* What is unblocked stays blocked until the index is right, in both directions. */
static void test_finish(Fixture *fixture, gconstpointer data)
{
        const struct {
                const Plan *plan;
                const char *blocked, *unblocked;
        } ways[] = { { fixture->plan, "hostdriver-irdma.conf", "hostdriver-bnx2.conf" },
                { fixture->inverse, "hostdriver-bnx2.conf", "hostdriver-irdma.conf" } };

        apply(fixture, fixture->inverse);
        for (size_t i = 0; i < ELEMENTSOF(ways); i++) {
                Refusal refusal CLEANUP_REFUSAL = { 0 };
                g_autofree char *applied = NULL, *finished = NULL;

                g_assert_cmpint(transaction_apply(fixture->sample.root, ways[i].plan, &refusal), ==, 0);
                applied = state_of(fixture);
                g_assert_nonnull(strstr(applied, ways[i].blocked));
                g_assert_nonnull(strstr(applied, ways[i].unblocked));
                g_assert_cmpint(transaction_finish(fixture->sample.root, ways[i].plan, &refusal), ==, 0);
                finished = state_of(fixture);
                g_assert_nonnull(strstr(finished, ways[i].blocked));
                g_assert_null(strstr(finished, ways[i].unblocked));
        }
}

static void test_regular_file(Fixture *fixture, gconstpointer data)
{
        static const char *const names[] = { UPDATES "/ice.ko", UPDATES "/ice.ko.xz", UPDATES "/irdma.ko" };

        for (size_t i = 0; i < ELEMENTSOF(names); i++) {
                temp_dir_write(&fixture->sample.dir, names[i], "precious");
                assert_conflict(fixture, names[i]);
                g_assert_cmpint(unlinkat(fixture->sample.dir.fd, names[i], 0), ==, 0);
        }
        temp_dir_mkdir(&fixture->sample.dir, UPDATES "/ice.ko.xz");
        assert_conflict(fixture, UPDATES "/ice.ko.xz");
}

static void test_foreign_override(Fixture *fixture, gconstpointer data)
{
        temp_dir_write(&fixture->sample.dir, "etc/depmod.d/zz-hostdriver.conf", "search updates built-in\n");
        assert_conflict(fixture, "/etc/depmod.d/zz-hostdriver.conf");
        g_assert_cmpint(unlinkat(fixture->sample.dir.fd, "etc/depmod.d/zz-hostdriver.conf", 0), ==, 0);
        temp_dir_link(&fixture->sample.dir, "etc/depmod.d/zz-hostdriver.conf", "/etc/elsewhere");
        assert_conflict(fixture, "/etc/depmod.d/zz-hostdriver.conf");
}

/* What stands behind a NUL would be lost. */
static void test_override_nul(Fixture *fixture, gconstpointer data)
{
        static const char text[] = "override ice ^4[.]19[.]0[+]1$ a\n\0search updates\n";
        g_autofree char *path = temp_dir_path(&fixture->sample.dir, "etc/depmod.d/zz-hostdriver.conf");

        temp_dir_write(&fixture->sample.dir, "etc/depmod.d/zz-hostdriver.conf", "");
        g_assert_true(g_file_set_contents(path, text, sizeof(text) - 1, NULL));
        assert_conflict(fixture, "/etc/depmod.d/zz-hostdriver.conf");
}

static void test_updates_is_link(Fixture *fixture, gconstpointer data)
{
        (void) unlinkat(fixture->sample.dir.fd, UPDATES, AT_REMOVEDIR);
        temp_dir_link(&fixture->sample.dir, UPDATES, "../elsewhere");
        assert_conflict(fixture, UPDATES);
}

/* What a crash between two system calls leaves behind goes; what merely looks like it stays. */
static void test_left_overs(Fixture *fixture, gconstpointer data)
{
        const TempDir *dir = &fixture->sample.dir;
        struct stat st;

        temp_dir_link(dir, UPDATES "/.hostdriver-0123456789abcdef", OLD_TARGET);
        temp_dir_write(dir, UPDATES "/.hostdriver-regular", "precious");
        temp_dir_write(dir, "etc/depmod.d/.hostdriver-0123456789abcdef", "half a li");
        temp_dir_write(dir, "etc/modprobe.d/.hostdriver-0123456789abcdef", "half a li");
        apply(fixture, fixture->plan);
        g_assert_cmpint(fstatat(dir->fd, UPDATES "/.hostdriver-0123456789abcdef", &st, AT_SYMLINK_NOFOLLOW),
                        <, 0);
        g_assert_cmpint(fstatat(dir->fd, UPDATES "/.hostdriver-regular", &st, AT_SYMLINK_NOFOLLOW), ==, 0);
        g_assert_cmpint(fstatat(dir->fd, "etc/depmod.d/.hostdriver-0123456789abcdef", &st, 0), <, 0);
        g_assert_cmpint(fstatat(dir->fd, "etc/modprobe.d/.hostdriver-0123456789abcdef", &st, 0), <, 0);
}

/* A kernel that was removed keeps nothing from its end. */
static void test_release_gone(Fixture *fixture, gconstpointer data)
{
        Plan *removing CLEANUP(plan_freep) = NULL;
        Refusal refusal CLEANUP_REFUSAL = { 0 };
        char *text = g_strdup(plan_text), *release = text;
        g_autofree char *state = NULL;

        while ((release = strstr(release, SAMPLE_KERNEL)))
                *release = '9';
        g_assert_cmpint(plan_from_json(text, &removing), ==, 0);
        g_assert_cmpint(transaction_apply(fixture->sample.root, removing, &refusal), ==, 0);
        state = state_of(fixture);
        g_assert_nonnull(strstr(state, "override ice ^9[.]19[.]0[+]1$ b"));
        g_assert_null(strstr(state, "lib/modules/9"));
        g_free(text);
}

/* The proof that kmod takes our file as it is meant, whatever spelling it is asked for, and though the
 * module has soft dependencies: these make it pass over "install" alone. */
static void test_block_means_block(Fixture *fixture, gconstpointer data)
{
        static const char text[] = HEADER "\"changes\":[],\"blocks\":[{\"module\":\"dell_laptop\","
                                          "\"before\":false,\"after\":true}]}";
        const ModuleSpec soft = { .softdep = "pre: first post: last" };
        const SampleRoot *sample = &fixture->sample;
        Plan *plan CLEANUP(plan_freep) = NULL;
        g_autofree char *free_run = NULL, *edited = NULL, *named = NULL, *aliased = NULL, *other = NULL;

        sample_root_add_module_spec(sample, SAMPLE_KERNEL, "kernel/dell-laptop.ko", &soft);
        sample_root_add_module(sample, SAMPLE_KERNEL, "kernel/first.ko", NULL);
        sample_root_add_module(sample, SAMPLE_KERNEL, "kernel/last.ko", NULL);
        sample_root_depmod(sample, SAMPLE_KERNEL);
        free_run = modprobe_dry_run(sample, SAMPLE_KERNEL, "dell-laptop", true);
        g_assert_cmpstr(free_run, ==, "first dell_laptop last");
        temp_dir_write(&sample->dir, "etc/modprobe.d/hostdriver-dell_laptop.conf",
                        "install dell_laptop /bin/false\n");
        edited = modprobe_dry_run(sample, SAMPLE_KERNEL, "dell_laptop", false);
        g_assert_cmpstr(edited, ==, "first dell_laptop last");
        g_assert_cmpint(plan_from_json(text, &plan), ==, 0);
        apply(fixture, plan);
        named = modprobe_dry_run(sample, SAMPLE_KERNEL, "dell-laptop", false);
        g_assert_cmpstr(named, ==, "</bin/false>");
        aliased = modprobe_dry_run(sample, SAMPLE_KERNEL, "dell_laptop", true);
        g_assert_cmpstr(aliased, ==, "");
        other = modprobe_dry_run(sample, SAMPLE_KERNEL, "first", true);
        g_assert_cmpstr(other, ==, "first");
}

int main(int argc, char **argv)
{
        static const struct {
                const char *name;
                void (*function)(Fixture *fixture, gconstpointer data);
        } tests[] = {
                { "/transaction/every-mix", test_every_mix },
                { "/transaction/content", test_content },
                { "/transaction/finish", test_finish },
                { "/transaction/idempotent", test_idempotent },
                { "/transaction/leaves-nothing", test_leaves_nothing },
                { "/transaction/regular-file", test_regular_file },
                { "/transaction/foreign-override", test_foreign_override },
                { "/transaction/override-nul", test_override_nul },
                { "/transaction/updates-is-link", test_updates_is_link },
                { "/transaction/left-overs", test_left_overs },
                { "/transaction/release-gone", test_release_gone },
                { "/transaction/block-means-block", test_block_means_block },
        };

        g_test_init(&argc, &argv, NULL);
        for (size_t i = 0; i < ELEMENTSOF(tests); i++)
                g_test_add(tests[i].name, Fixture, NULL, set_up, tests[i].function, tear_down);
        return g_test_run();
}
