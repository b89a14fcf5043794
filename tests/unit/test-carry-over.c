/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Selections on their way to a kernel that comes, without a bus. */

#include <errno.h>
#include <glib.h>
#include <string.h>

#include "sample-upkeep.h"

#define NEW "6.12.1"

static void set_up(SampleUpkeep *fixture, gconstpointer data)
{
        sample_upkeep_set_up(fixture, data);
        sample_upkeep_select(fixture, "1.6.4");
}

static void add_kernel(const SampleUpkeep *fixture)
{
        sample_root_add_kernel(&fixture->sample, NEW);
        sample_root_add_module(&fixture->sample, NEW, "xenserver/intel-ice/1.6.4/ice.ko", "1.6.4");
        sample_root_add_module(&fixture->sample, NEW, "kernel/ice.ko", NULL);
        sample_root_depmod(&fixture->sample, NEW);
}

static const char *selected(const SampleUpkeep *fixture)
{
        const DriverEntry *entry = registry_find(fixture->upkeep->registry, "ice");
        const DriverRelease *release = driver_release(entry->value, NEW);

        g_assert_nonnull(release);
        return release->selected;
}

/* As when the hook of a kernel package asks for it. */
static void test_asked(SampleUpkeep *fixture, gconstpointer data)
{
        Refusal refusal CLEANUP_REFUSAL = { 0 };
        Job *job = NULL;

        add_kernel(fixture);
        g_assert_cmpint(carry_over_release(fixture->upkeep->carrier, NEW, 0, &job, &refusal), ==, 0);
        g_assert_nonnull(job);
        g_assert_cmpuint(carry_over_coming(fixture->upkeep->carrier)->count, ==, 0);
        sample_upkeep_wait(fixture, "carry-over:done");
        g_assert_cmpstr(selected(fixture), ==, "1.6.4");
        g_assert_null(sample_upkeep_problem(fixture, "kernel-not-covered"));
}

static void test_refused(SampleUpkeep *fixture, gconstpointer data)
{
        static const char *const releases[] = { "6.99.0", "no-release" };

        for (size_t i = 0; i < G_N_ELEMENTS(releases); i++) {
                Refusal refusal CLEANUP_REFUSAL = { 0 };
                Job *job = NULL;

                g_assert_cmpint(carry_over_release(fixture->upkeep->carrier, releases[i], 0, &job, &refusal),
                                ==, -ECANCELED);
                g_assert_cmpint(refusal.kind, ==, REFUSAL_INVALID_ARGS);
                g_assert_null(job);
        }
        g_assert_cmpuint(carry_over_coming(fixture->upkeep->carrier)->count, ==, 0);
        sample_upkeep_assert_quiet(fixture);
}

/* What came while nobody was there to be told is noticed at the next start, and once. */
static void test_missed(SampleUpkeep *fixture, gconstpointer data)
{
        add_kernel(fixture);
        sample_upkeep_restart(fixture);
        sample_upkeep_wait(fixture, "carry-over:done");
        g_assert_cmpstr(selected(fixture), ==, "1.6.4");
        sample_upkeep_restart(fixture);
        sample_upkeep_assert_quiet(fixture);
}

#define TEST(name, function) \
        g_test_add("/carry-over/" name, SampleUpkeep, NULL, set_up, function, sample_upkeep_tear_down)

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
        TEST("asked", test_asked);
        TEST("refused", test_refused);
        TEST("missed", test_missed);
        return g_test_run();
}
