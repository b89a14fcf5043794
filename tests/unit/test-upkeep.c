/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What else follows from a reading of the host, without a bus: problems of the service's own, the reboot
 * flag, the configuration, the metadata of files. */

#include <errno.h>
#include <glib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "change/reboot-flag.h"
#include "sample-upkeep.h"

#define CONFIG "etc/hostdriver/hostdriver.conf"

static void test_unreadable(SampleUpkeep *fixture, gconstpointer data)
{
        const Driver *value = registry_find(fixture->upkeep->registry, "ice")->value;
        struct rlimit before, low;

        g_assert_cmpint(getrlimit(RLIMIT_NOFILE, &before), ==, 0);
        low = (struct rlimit){ .rlim_cur = 3, .rlim_max = before.rlim_max };
        g_assert_cmpint(setrlimit(RLIMIT_NOFILE, &low), ==, 0);
        g_assert_cmpint(upkeep_refresh(fixture->upkeep), ==, -EMFILE);
        g_assert_cmpint(setrlimit(RLIMIT_NOFILE, &before), ==, 0);
        g_assert_nonnull(strstr(sample_upkeep_host_problem(fixture, "host-unreadable"), "LimitNOFILE="));
        g_assert_true(registry_find(fixture->upkeep->registry, "ice")->value == value);

        g_assert_cmpint(upkeep_refresh(fixture->upkeep), ==, 0);
        g_assert_null(sample_upkeep_host_problem(fixture, "host-unreadable"));
}

static void test_watching(SampleUpkeep *fixture, gconstpointer data)
{
        health_tell_watching(fixture->upkeep->health, "Too few watches.");
        g_assert_cmpstr(sample_upkeep_host_problem(fixture, "watch-limited"), ==, "Too few watches.");
        g_assert_cmpint(upkeep_refresh(fixture->upkeep), ==, 0);
        g_assert_nonnull(sample_upkeep_host_problem(fixture, "watch-limited"));
        health_tell_watching(fixture->upkeep->health, NULL);
        g_assert_null(sample_upkeep_host_problem(fixture, "watch-limited"));
}

static bool is_flagged(const SampleUpkeep *fixture)
{
        char *path CLEANUP_FREE = temp_dir_path(&fixture->sample.dir, &REBOOT_FLAG_PATH[1]);
        struct stat st;

        return lstat(path, &st) == 0;
}

static void test_reboot_flag(SampleUpkeep *fixture, gconstpointer data)
{
        SampleLoaded loaded = { .module = "ice", .note_version = "1.6.4" };

        g_assert_false(is_flagged(fixture));
        sample_root_load(&fixture->sample, &loaded);
        g_assert_cmpint(upkeep_refresh(fixture->upkeep), ==, 0);
        g_assert_true(is_flagged(fixture));
        sample_root_unload(&fixture->sample, "ice");
        g_assert_cmpint(upkeep_refresh(fixture->upkeep), ==, 0);
        g_assert_false(is_flagged(fixture));
}

/* All of it or nothing. */
static void test_reload(SampleUpkeep *fixture, gconstpointer data)
{
        temp_dir_write(&fixture->sample.dir, CONFIG, "[Service]\nOnDrift=heal\nNonsense=1\n");
        g_assert_cmpint(upkeep_reload(fixture->upkeep), ==, 0);
        g_assert_cmpint(fixture->upkeep->config.on_drift, ==, ON_DRIFT_REPORT);
        g_assert_cmpint(upkeep_refresh(fixture->upkeep), ==, 0);
        g_assert_nonnull(sample_upkeep_host_problem(fixture, "config"));

        temp_dir_write(&fixture->sample.dir, CONFIG, "[Service]\nOnDrift=heal\n");
        g_assert_cmpint(upkeep_reload(fixture->upkeep), ==, 1);
        g_assert_cmpint(fixture->upkeep->config.on_drift, ==, ON_DRIFT_HEAL);
        g_assert_cmpint(upkeep_refresh(fixture->upkeep), ==, 0);
        g_assert_null(sample_upkeep_host_problem(fixture, "config"));
}

/* What the first start has read of the files the second one finds in the database. */
static void test_metadata(SampleUpkeep *fixture, gconstpointer data)
{
        g_assert_cmpuint(fixture->upkeep->registry->metadata.pending_count, >, 0);
        upkeep_remember_metadata(fixture->upkeep);
        g_assert_cmpuint(fixture->upkeep->registry->metadata.pending_count, ==, 0);
        sample_upkeep_restart(fixture);
        g_assert_cmpuint(fixture->upkeep->registry->metadata.pending_count, ==, 0);
}

#define TEST(name, function)                                                            \
        g_test_add("/upkeep/" name, SampleUpkeep, NULL, sample_upkeep_set_up, function, \
                        sample_upkeep_tear_down)

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
        TEST("unreadable", test_unreadable);
        TEST("watching", test_watching);
        TEST("reboot-flag", test_reboot_flag);
        TEST("reload", test_reload);
        TEST("metadata", test_metadata);
        return g_test_run();
}
