/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Each part alone, by its row: checked, placed, taken, told, and back again; and the order that the rows
 * make. */

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <string.h>
#include <sys/stat.h>

#include "change/parts/block-file.h"
#include "change/parts/link.h"
#include "change/parts/override-file.h"
#include "change/parts/parts.h"
#include "change/parts/version-directory.h"
#include "change/parts/version-file.h"
#include "change/plan/plan.h"
#include "sample-root.h"

#define MODULES "lib/modules/" SAMPLE_KERNEL
#define PLACE "xenserver/tg3/3.137"
#define ASIDE ".hostdriver-0123456789abcdef"
#define RELEASE "\"release\":\"" SAMPLE_KERNEL "\","

typedef struct Case {
        const Part *part;
        const char *changes, *blocks, *files, *directories;
        const char *made;    /* what is there before; NULL: nothing has to be */
        const char *there;   /* afterwards */
        const char *gone;    /* afterwards; NULL: nothing */
        const char *in_way;  /* a file of somebody else's, which is refused; NULL: nothing can be */
        const char *lines;   /* what is said of the plan */
        const char *inverse; /* and of its inverse */
} Case;

static const Case cases[] = {
        { .part = &part_version_directory,
                        .directories = "{" RELEASE "\"place\":\"" PLACE "\",\"aside\":\"" ASIDE
                                       "\",\"before\":false,\"after\":true}",
                        .made = "lib/modules/" ASIDE "/tg3.ko",
                        .there = MODULES "/" PLACE "/tg3.ko",
                        .gone = "lib/modules/" ASIDE,
                        .in_way = MODULES "/" PLACE "/other.ko",
                        .lines = "Add /" MODULES "/" PLACE " with all that is in it.",
                        .inverse = "Remove /" MODULES "/" PLACE " with all that is in it." },
        { .part = &part_version_file,
                        .files = "{" RELEASE "\"outside\":\"updates/tg3.ko\",\"inside\":\"" PLACE
                                 "/tg3.ko\",\"kept\":false,\"before\":false,\"after\":true}",
                        .made = MODULES "/updates/tg3.ko",
                        .there = MODULES "/" PLACE "/tg3.ko",
                        .gone = MODULES "/updates/tg3.ko",
                        .in_way = MODULES "/" PLACE "/tg3.ko",
                        .lines = "Move the module file /" MODULES "/updates/tg3.ko to " PLACE "/tg3.ko.",
                        .inverse = "Move the module file /" MODULES "/" PLACE "/tg3.ko to updates/tg3.ko." },
        { .part = &part_link,
                        .changes = "{" RELEASE "\"module\":\"ice\",\"expected\":null,\"before\":{},"
                                   "\"after\":{\"link\":\"ice.ko\",\"target\":\"../a/ice.ko\"}}",
                        .there = MODULES "/updates/ice.ko",
                        .in_way = MODULES "/updates/ice.ko",
                        .lines = "Make the link /" MODULES "/updates/ice.ko to ../a/ice.ko.",
                        .inverse = "Remove the link /" MODULES "/updates/ice.ko to ../a/ice.ko." },
        { .part = &part_override_file,
                        .changes = "{" RELEASE "\"module\":\"ice\",\"expected\":null,\"before\":{},"
                                   "\"after\":{\"directory\":\"a\",\"spelling\":\"ice\"}}",
                        .there = "etc/depmod.d/zz-hostdriver.conf",
                        .in_way = "etc/depmod.d/zz-hostdriver.conf",
                        .lines = "Write the line for ice in kernel release " SAMPLE_KERNEL
                                 " in /etc/depmod.d/zz-hostdriver.conf: a.",
                        .inverse = "Remove the line for ice in kernel release " SAMPLE_KERNEL
                                   " from /etc/depmod.d/zz-hostdriver.conf." },
        { .part = &part_block_file,
                        .blocks = "{\"module\":\"ice\",\"before\":false,\"after\":true}",
                        .there = "etc/modprobe.d/hostdriver-ice.conf",
                        .lines = "Write /etc/modprobe.d/hostdriver-ice.conf, which keeps the module from loading.",
                        .inverse = "Remove /etc/modprobe.d/hostdriver-ice.conf, so that the module may load again." },
};

typedef struct Fixture {
        SampleRoot sample;
        Plan *plan, *inverse;
} Fixture;

static void set_up(Fixture *fixture, gconstpointer data)
{
        const Case *test = data;
        g_autofree char *json = g_strdup_printf("{\"format\":2,\"kind\":\"select\",\"subjects\":[],"
                                                "\"changes\":[%s],\"blocks\":[%s],\"files\":[%s],"
                                                "\"directories\":[%s]}",
                        test->changes ?: "", test->blocks ?: "", test->files ?: "", test->directories ?: "");

        sample_root_init(&fixture->sample, SAMPLE_KERNEL);
        if (test->made)
                temp_dir_write(&fixture->sample.dir, test->made, "a driver");
        g_assert_cmpint(plan_from_json(json, &fixture->plan), ==, 0);
        g_assert_cmpint(plan_invert(fixture->plan, &fixture->inverse), ==, 0);
}

static void tear_down(Fixture *fixture, gconstpointer data)
{
        (void) plan_free(fixture->plan);
        (void) plan_free(fixture->inverse);
        sample_root_done(&fixture->sample);
}

static bool is_there(const Fixture *fixture, const char *path)
{
        struct stat st;

        return fstatat(fixture->sample.dir.fd, path, &st, AT_SYMLINK_NOFOLLOW) >= 0;
}

static int run(const Fixture *fixture, const Part *part, PartStep step, const Plan *plan, Refusal *refusal)
{
        int modules_fd CLEANUP_FD = host_root_open_modules(fixture->sample.root, SAMPLE_KERNEL);
        PartSite site = { fixture->sample.root, plan, NULL, -1, NULL };
        int r = 0;

        g_assert_cmpint(modules_fd, >=, 0);
        if (part->scope != PART_OF_HOST) {
                site.release = SAMPLE_KERNEL;
                site.modules_fd = modules_fd;
        }
        if (step && part->scope != PART_OF_ITEM)
                return step(&site, refusal);
        for (size_t i = 0; step && r >= 0 && (site.item = part_item(part, plan, i)); i++)
                r = step(&site, refusal);
        return r;
}

/* Twice: each step is idempotent. */
static void apply(const Fixture *fixture, const Part *part, const Plan *plan)
{
        for (int again = 0; again < 2; again++) {
                Refusal refusal CLEANUP_REFUSAL = { 0 };

                g_assert_cmpint(run(fixture, part, part->check, plan, &refusal), ==, 0);
                for (PartPhase phase = 0; phase < PART_PHASE_COUNT; phase++)
                        g_assert_cmpint(run(fixture, part, part->steps[phase], plan, &refusal), ==, 0);
                g_assert_cmpstr(refusal.sentence, ==, NULL);
        }
}

static void test_there_and_back(Fixture *fixture, gconstpointer data)
{
        const Case *test = data;

        apply(fixture, test->part, fixture->plan);
        g_assert_true(is_there(fixture, test->there));
        g_assert_false(test->gone && is_there(fixture, test->gone));
        apply(fixture, test->part, fixture->inverse);
        g_assert_false(is_there(fixture, test->there));
        g_assert_true(!test->made || is_there(fixture, test->made));
        if (test->part->discard)
                g_assert_cmpint(test->part->discard(fixture->sample.root, fixture->inverse), ==, 0);
        g_assert_true(!test->part->discard || !is_there(fixture, test->made));
}

/* The plans of others are none of its business. */
static void test_others(Fixture *fixture, gconstpointer data)
{
        const Case *test = data;

        for (size_t i = 0; i < PART_COUNT; i++)
                if (parts[i] != test->part)
                        apply(fixture, parts[i], fixture->plan);
        g_assert_false(is_there(fixture, test->there));
        g_assert_true(!test->made || is_there(fixture, test->made));
}

static void test_conflict(Fixture *fixture, gconstpointer data)
{
        const Case *test = data;
        Refusal refusal CLEANUP_REFUSAL = { 0 };
        g_autofree char *path = NULL, *text = NULL;

        g_assert_cmpint(!test->in_way, ==, !test->part->check);
        if (!test->in_way)
                return;
        temp_dir_write(&fixture->sample.dir, test->in_way, "somebody else's\n");
        g_assert_cmpint(run(fixture, test->part, test->part->check, fixture->plan, &refusal), ==,
                        -ECANCELED);
        g_assert_cmpint(refusal.kind, ==, REFUSAL_CONFLICT);
        path = temp_dir_path(&fixture->sample.dir, test->in_way);
        g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
        g_assert_cmpstr(text, ==, "somebody else's\n");
        g_assert_true(!test->made || is_there(fixture, test->made));
}

/* By all parts, since none but its own has something to say. */
static void assert_lines(const Plan *plan, const char *expected)
{
        PlanText text CLEANUP_PLAN_TEXT = { 0 };

        for (size_t i = 0; i < PART_COUNT; i++)
                for (PartPhase phase = 0; phase < PART_PHASE_COUNT; phase++) {
                        const void *item = part_item(parts[i], plan, 0);

                        if (item && parts[i]->describe[phase])
                                g_assert_cmpint(parts[i]->describe[phase](plan, item, &text), ==, 0);
                }
        g_assert_cmpuint(text.count, ==, 1);
        g_assert_cmpstr(text.lines[0], ==, expected);
}

static void test_words(Fixture *fixture, gconstpointer data)
{
        const Case *test = data;

        assert_lines(fixture->plan, test->lines);
        assert_lines(fixture->inverse, test->inverse);
}

/* At no time may a version load that nobody chose, or a link lead nowhere. */
static void test_order(void)
{
        static const Part *const order[] = { &part_version_directory, &part_version_file, &part_link,
                &part_override_file, &part_block_file };

        for (size_t i = 0; i < PART_COUNT; i++) {
                const Part *part = parts[i];

                g_assert_true(part == order[i]);
                g_assert_true(!part->steps[PART_FIRST] == (part != &part_block_file));
                g_assert_true(!part->steps[PART_LAST] == (part != &part_block_file));
                g_assert_nonnull(part->describe[PART_PLACE]);
                g_assert_null(part->describe[PART_FIRST]);
                g_assert_null(part->describe[PART_LAST]);
        }
}

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/parts/order", test_order);
        G_STATIC_ASSERT(G_N_ELEMENTS(cases) == PART_COUNT);
        for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
                static const struct {
                        const char *name;
                        void (*function)(Fixture *fixture, gconstpointer data);
                } tests[] = {
                        { "there-and-back", test_there_and_back },
                        { "others", test_others },
                        { "conflict", test_conflict },
                        { "words", test_words },
                };

                for (size_t j = 0; j < G_N_ELEMENTS(tests); j++) {
                        g_autofree char *path =
                                        g_strdup_printf("/parts/%s/%s", cases[i].part->name, tests[j].name);

                        g_test_add(path, Fixture, &cases[i], set_up, tests[j].function, tear_down);
                }
        }
        return g_test_run();
}
