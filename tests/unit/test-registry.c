/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a registry finds by which name, and what it tells of what is set in it. No bus. */

#include <glib.h>

#include "sample-registry.h"

static void set_up(SampleRegistry *fixture, gconstpointer data)
{
        sample_registry_set_up(fixture, data);
        /* A package of two. */
        sample_root_add_module(&fixture->sample, SAMPLE_KERNEL, "xenserver/pair/1/left.ko", "1");
        sample_root_add_module(&fixture->sample, SAMPLE_KERNEL, "xenserver/pair/1/right.ko", "1");
        sample_registry_refresh(fixture);
        g_string_truncate(fixture->told, 0);
}

static void test_look_up(SampleRegistry *fixture, gconstpointer data)
{
        static const struct {
                const char *name;
                const char *found;
                size_t count;
        } rows[] = {
                { "ice", "ice", 1 },
                { "intel-ice", "ice", 1 },
                { "dell_laptop", "dell_laptop", 1 },
                { "dell-laptop", "dell_laptop", 1 },
                { "pair", "right", 2 },
                { "left", "left", 1 },
                { "nothing", NULL, 0 },
                { "", NULL, 0 },
                { "a/b", NULL, 0 },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
                size_t count;
                const DriverEntry *entry = registry_look_up(fixture->registry, rows[i].name, &count);

                g_assert_cmpuint(count, ==, rows[i].count);
                g_assert_cmpstr(entry ? entry->name : NULL, ==, rows[i].found);
        }
}

static void test_find_uuid(SampleRegistry *fixture, gconstpointer data)
{
        const DriverEntry *ice = sample_registry_driver(fixture, "ice");
        g_autofree char *upper = g_ascii_strup(ice->uuid, -1);

        g_assert_true(registry_find_uuid(fixture->registry, ice->uuid) == ice);
        g_assert_true(registry_find_uuid(fixture->registry, upper) == ice);
        g_assert_null(registry_find_uuid(fixture->registry, "ice"));
}

static void set_policy(SampleRegistry *fixture, const char *name, KernelPolicy policy)
{
        g_assert_cmpint(registry_set_policy(
                                        fixture->registry, sample_registry_driver(fixture, name), policy),
                        ==, 0);
}

/* A package switches as a whole, and nobody is told what doesn't change. */
static void test_policy(SampleRegistry *fixture, gconstpointer data)
{
        g_assert_cmpint(sample_registry_driver(fixture, "left")->policy, ==, KERNEL_POLICY_PIN);
        set_policy(fixture, "left", KERNEL_POLICY_NEWEST);
        sample_registry_assert_told(fixture, "left:Policy right:Policy");
        set_policy(fixture, "right", KERNEL_POLICY_NEWEST);
        sample_registry_assert_told(fixture, "");
        sample_registry_refresh(fixture);
        sample_registry_assert_told(fixture, "");

        sample_registry_restart(fixture);
        sample_registry_refresh(fixture);
        g_assert_cmpint(sample_registry_driver(fixture, "right")->policy, ==, KERNEL_POLICY_NEWEST);
        g_assert_cmpint(sample_registry_driver(fixture, "ice")->policy, ==, KERNEL_POLICY_PIN);
}

static void set_problem(SampleRegistry *fixture, const char *sentence)
{
        g_assert_cmpint(registry_set_problem(fixture->registry, SEVERITY_ERROR, "state-full", sentence), ==,
                        0);
}

/* It stands whatever is read, and is new once. */
static void test_problem(SampleRegistry *fixture, gconstpointer data)
{
        set_problem(fixture, NULL);
        sample_registry_assert_told(fixture, "");
        set_problem(fixture, "3 KiB are free.");
        sample_registry_assert_told(fixture, "host:Problems problem:state-full");
        set_problem(fixture, "3 KiB are free.");
        sample_registry_refresh(fixture);
        sample_registry_assert_told(fixture, "");
        set_problem(fixture, "2 KiB are free.");
        sample_registry_assert_told(fixture, "host:Problems");
        g_assert_cmpuint(fixture->registry->state.problems.count, ==, 1);
        set_problem(fixture, NULL);
        sample_registry_assert_told(fixture, "host:Problems");
        g_assert_cmpuint(fixture->registry->state.problems.count, ==, 0);
}

static void test_replace_problems(SampleRegistry *fixture, gconstpointer data)
{
        StringSet sentences CLEANUP_STRING_SET = { 0 };

        g_assert_cmpint(string_set_add(&sentences, "One line."), >=, 0);
        g_assert_cmpint(string_set_add(&sentences, "Another line."), >=, 0);
        g_assert_cmpint(registry_replace_problems(fixture->registry, "config", &sentences), ==, 0);
        sample_registry_assert_told(fixture, "");
        sample_registry_refresh(fixture);
        sample_registry_assert_told(fixture, "host:Problems problem:config problem:config");
}

/* Without an observer, and with nobody to ask. */
static void test_alone(SampleRegistry *fixture, gconstpointer data)
{
        Registry *registry CLEANUP(registry_freep) = NULL;
        ProblemList none = { 0 };

        g_assert_cmpint(registry_new(fixture->sample.root, &fixture->config, fixture->store, NULL, NULL,
                                        &none, &registry),
                        ==, 0);
        g_assert_cmpint(registry_refresh(registry), ==, 0);
        g_assert_cmpuint(registry->count, ==, 5);
        g_assert_cmpint(registry_set_problem(registry, SEVERITY_ERROR, "state-full", "It is full."), ==, 0);
        sample_root_select(&fixture->sample, SAMPLE_KERNEL, "xenserver/pair/1/left.ko");
        g_assert_cmpint(registry_refresh(registry), ==, 0);
        sample_registry_assert_told(fixture, "");
}

#define TEST(name, function) \
        g_test_add("/registry/" name, SampleRegistry, NULL, set_up, function, sample_registry_tear_down)

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
        TEST("look-up", test_look_up);
        TEST("find-uuid", test_find_uuid);
        TEST("policy", test_policy);
        TEST("problem", test_problem);
        TEST("replace-problems", test_replace_problems);
        TEST("alone", test_alone);
        return g_test_run();
}
