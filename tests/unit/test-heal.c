/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* OnDrift=heal, without a bus: what somebody else changed is taken back, but not for ever. */

#include <glib.h>
#include <string.h>
#include <unistd.h>

#include "sample-upkeep.h"

#define LINK "usr/lib/modules/" SAMPLE_KERNEL "/updates/ice.ko"

/* The older version is selected, and others are told to leave it so. */
static void set_up(SampleUpkeep *fixture, gconstpointer data)
{
        sample_upkeep_set_up(fixture, data);
        temp_dir_write(&fixture->sample.dir, "etc/hostdriver/hostdriver.conf", "[Service]\nOnDrift=heal\n");
        sample_upkeep_restart(fixture);
        sample_upkeep_select(fixture, "1.6.4");
}

static void interfere(SampleUpkeep *fixture)
{
        g_assert_cmpint(unlinkat(fixture->sample.dir.fd, LINK, 0), ==, 0);
        g_assert_cmpint(upkeep_refresh(fixture->upkeep), ==, 0);
        g_assert_nonnull(sample_upkeep_problem(fixture, "drift"));
}

static const char *selected(const SampleUpkeep *fixture)
{
        return registry_find(fixture->upkeep->registry, "ice")->value->selected;
}

static void test_heal(SampleUpkeep *fixture, gconstpointer data)
{
        interfere(fixture);
        sample_upkeep_wait(fixture, "heal:done");
        g_assert_null(sample_upkeep_problem(fixture, "drift"));
        g_assert_cmpstr(selected(fixture), ==, "1.6.4");
        sample_upkeep_assert_quiet(fixture);
}

/* Who changes it again and again wins; who selects on purpose begins anew. */
static void test_give_up(SampleUpkeep *fixture, gconstpointer data)
{
        for (unsigned i = 0; i < 3; i++) {
                interfere(fixture);
                sample_upkeep_wait(fixture, "heal:done");
        }
        interfere(fixture);
        sample_upkeep_assert_quiet(fixture);
        g_assert_nonnull(strstr(sample_upkeep_problem(fixture, "drift"), "it is left alone now"));

        sample_upkeep_select(fixture, "1.11.17.1");
        interfere(fixture);
        sample_upkeep_wait(fixture, "heal:done");
        g_assert_cmpstr(selected(fixture), ==, "1.11.17.1");
}

/* Told and not healed, unless it is configured; that may change meanwhile. */
static void test_report(SampleUpkeep *fixture, gconstpointer data)
{
        temp_dir_write(&fixture->sample.dir, "etc/hostdriver/hostdriver.conf",
                        "[Service]\nOnDrift=report\n");
        g_assert_cmpint(upkeep_reload(fixture->upkeep), ==, 1);
        interfere(fixture);
        sample_upkeep_assert_quiet(fixture);
        g_assert_nonnull(sample_upkeep_problem(fixture, "drift"));

        temp_dir_write(&fixture->sample.dir, "etc/hostdriver/hostdriver.conf", "[Service]\nOnDrift=heal\n");
        g_assert_cmpint(upkeep_reload(fixture->upkeep), ==, 1);
        g_assert_cmpint(upkeep_refresh(fixture->upkeep), ==, 0);
        sample_upkeep_wait(fixture, "heal:done");
}

#define TEST(name, function) \
        g_test_add("/heal/" name, SampleUpkeep, NULL, set_up, function, sample_upkeep_tear_down)

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
        TEST("heal", test_heal);
        TEST("give-up", test_give_up);
        TEST("report", test_report);
        return g_test_run();
}
