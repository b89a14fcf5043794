/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What an observer is told when a registry is refreshed: what came, went and changed, and nothing else. No
 * bus. */

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "sample-registry.h"
#include "store/store-identity.h"
#include "store/store-wanted.h"

#define UUID "11111111-2222-4333-8444-555555555555"
#define LINK "usr/lib/modules/" SAMPLE_KERNEL "/updates/ice.ko"
#define BNX2FC "usr/lib/modules/" SAMPLE_KERNEL "/xenserver/bnx2fc/"

static void set_up(SampleRegistry *fixture, gconstpointer data)
{
        sample_registry_set_up(fixture, data);
        sample_registry_refresh(fixture);
        sample_registry_assert_told(fixture, "+bnx2fc +dell_laptop +ice host:Kernels");
}

static void test_nothing(SampleRegistry *fixture, gconstpointer data)
{
        const DriverEntry *ice = sample_registry_driver(fixture, "ice");
        const Driver *value = ice->value;

        sample_registry_refresh(fixture);
        sample_registry_assert_told(fixture, "");
        g_assert_true(sample_registry_driver(fixture, "ice") == ice);
        g_assert_true(ice->value == value);
}

static void test_changed(SampleRegistry *fixture, gconstpointer data)
{
        const DriverEntry *ice = sample_registry_driver(fixture, "ice");

        sample_registry_remove(fixture, LINK);
        sample_root_select(&fixture->sample, SAMPLE_KERNEL, "xenserver/intel-ice/1.6.4/ice.ko");
        sample_root_depmod(&fixture->sample, SAMPLE_KERNEL);
        sample_registry_refresh(fixture);
        sample_registry_assert_told(fixture, "ice:Selected,SelectedByKernel");
        g_assert_true(sample_registry_driver(fixture, "ice") == ice);
        g_assert_cmpstr(ice->value->selected, ==, "1.6.4");
}

static void remove_bnx2fc(SampleRegistry *fixture)
{
        sample_registry_remove(fixture, "usr/lib/modules/" SAMPLE_KERNEL "/updates/bnx2fc.ko");
        sample_registry_remove(fixture, BNX2FC "2.12.13/bnx2fc.ko");
        sample_registry_remove(fixture, BNX2FC "2.12.20-dell/bnx2fc.ko");
}

static void add_bnx2fc(SampleRegistry *fixture)
{
        sample_root_add_module(
                        &fixture->sample, SAMPLE_KERNEL, "xenserver/bnx2fc/2.12.13/bnx2fc.ko", "2.12.13");
}

/* One goes, one comes, one changes, one stays: each is told by itself. */
static void test_sets(SampleRegistry *fixture, gconstpointer data)
{
        SampleLoaded loaded = { .module = "ice", .note_version = "1.11.17.1" };

        remove_bnx2fc(fixture);
        sample_root_add_module(&fixture->sample, SAMPLE_KERNEL, "xenserver/newcomer/1/newcomer.ko", "1");
        sample_root_load(&fixture->sample, &loaded);
        sample_root_depmod(&fixture->sample, SAMPLE_KERNEL);
        sample_registry_refresh(fixture);
        sample_registry_assert_told(fixture, "-bnx2fc ice:Active,ActiveBy,Loaded +newcomer");
        g_assert_null(registry_find(fixture->registry, "bnx2fc"));
}

static void test_host(SampleRegistry *fixture, gconstpointer data)
{
        SampleLoaded loaded = { .module = "ice", .note_version = "1.6.4" };
        static const char expected[] = "ice:Active,ActiveBy,Loaded,RebootRequired,RebootReasons "
                                       "host:RebootRequired,RebootReasons";

        sample_root_load(&fixture->sample, &loaded);
        sample_registry_refresh(fixture);
        sample_registry_assert_told(fixture, expected);
        sample_root_unload(&fixture->sample, "ice");
        sample_registry_refresh(fixture);
        sample_registry_assert_told(fixture, expected);
}

/* Who comes back is who he was, also after a restart, and in a database that says something else than what
 * would be derived. */
static void test_uuid(SampleRegistry *fixture, gconstpointer data)
{
        g_assert_cmpint(store_identity_seen(fixture->store, "bnx2fc", UUID, "bnx2fc", 1), ==, 0);
        sample_registry_refresh(fixture);
        g_assert_cmpstr(sample_registry_driver(fixture, "bnx2fc")->uuid, ==, UUID);
        g_string_truncate(fixture->told, 0);

        remove_bnx2fc(fixture);
        sample_registry_refresh(fixture);
        sample_registry_assert_told(fixture, "-bnx2fc");
        add_bnx2fc(fixture);
        sample_registry_refresh(fixture);
        sample_registry_assert_told(fixture, "+bnx2fc");
        g_assert_cmpstr(sample_registry_driver(fixture, "bnx2fc")->uuid, ==, UUID);

        sample_registry_remove(fixture, BNX2FC "2.12.13/bnx2fc.ko");
        sample_registry_restart(fixture);
        sample_registry_refresh(fixture);
        add_bnx2fc(fixture);
        sample_registry_refresh(fixture);
        g_assert_cmpstr(sample_registry_driver(fixture, "bnx2fc")->uuid, ==, UUID);
}

/* Without a database it is derived, and so the same. */
static void test_uuid_derived(SampleRegistry *fixture, gconstpointer data)
{
        g_autofree char *before = g_strdup(sample_registry_driver(fixture, "ice")->uuid);
        g_autofree char *host = g_strdup(fixture->registry->host_id);

        sample_registry_remove(fixture, "state/hostdriver.db");
        fixture->registry = registry_free(fixture->registry);
        g_clear_pointer(&fixture->store, store_free);
        sample_registry_restart(fixture);
        sample_registry_refresh(fixture);
        g_assert_cmpstr(fixture->registry->host_id, ==, host);
        g_assert_cmpstr(sample_registry_driver(fixture, "ice")->uuid, ==, before);
}

/* Of ice, as all that is remembered. */
static char *remembered(const SampleRegistry *fixture)
{
        IdentityList list CLEANUP(identity_list_done) = { 0 };
        char *wanted CLEANUP_FREE = NULL;
        GString *text = g_string_new(NULL);

        g_assert_cmpint(store_identities(fixture->store, &list), ==, 0);
        for (size_t i = 0; i < list.count; i++)
                g_string_append_printf(text, "%s %" G_GINT64_FORMAT " %" G_GINT64_FORMAT "\n",
                                list.items[i].name, list.items[i].first_seen_us,
                                list.items[i].removed_at_us);
        g_assert_cmpint(store_wanted_get(fixture->store, "ice", SAMPLE_KERNEL, &wanted), ==, 0);
        g_string_append(text, wanted);
        return g_string_free(text, FALSE);
}

/* Before udev what isn't mounted yet seems to be gone, and the clock may be wrong: neither is remembered. */
static void test_reads_only(SampleRegistry *fixture, gconstpointer data)
{
        g_autofree char *before = NULL, *meanwhile = NULL, *after = NULL;

        g_assert_cmpint(store_wanted_set(fixture->store, "ice", SAMPLE_KERNEL, "1.6.4"), ==, 0);
        before = remembered(fixture);
        fixture->registry->host.reads_only = true;
        remove_bnx2fc(fixture);
        sample_root_add_module(&fixture->sample, SAMPLE_KERNEL, "xenserver/newcomer/1/newcomer.ko", "1");
        sample_registry_refresh(fixture);
        meanwhile = remembered(fixture);
        g_assert_cmpstr(meanwhile, ==, before);
        sample_registry_restart(fixture);
        sample_registry_refresh(fixture);
        after = remembered(fixture);
        g_assert_nonnull(strstr(after, "newcomer "));
        g_assert_true(g_str_has_suffix(after, "/1.6.4"));
        g_assert_cmpstr(after, !=, before);
}

/* What can't be read changes nothing. */
static void test_error(SampleRegistry *fixture, gconstpointer data)
{
        const Driver *value = sample_registry_driver(fixture, "ice")->value;
        struct rlimit before, low;

        sample_registry_remove(fixture, LINK);
        g_assert_cmpint(getrlimit(RLIMIT_NOFILE, &before), ==, 0);
        low = (struct rlimit){ .rlim_cur = 3, .rlim_max = before.rlim_max };
        g_assert_cmpint(setrlimit(RLIMIT_NOFILE, &low), ==, 0);
        g_assert_cmpint(registry_refresh(fixture->registry), ==, -EMFILE);
        g_assert_cmpint(setrlimit(RLIMIT_NOFILE, &before), ==, 0);
        sample_registry_assert_told(fixture, "");
        g_assert_true(sample_registry_driver(fixture, "ice")->value == value);
        g_assert_cmpuint(fixture->registry->count, ==, 3);
}

/* --- what others have under way ------------------------------------------------------------------------ */

/* What a change of ours does isn't somebody else's. */
static void test_drift(SampleRegistry *fixture, gconstpointer data)
{
        g_assert_cmpint(store_wanted_set(fixture->store, "ice", SAMPLE_KERNEL,
                                        "xenserver/intel-ice/1.11.17.1"),
                        ==, 0);
        sample_registry_remove(fixture, LINK);
        fixture->changing = "ice";
        sample_registry_refresh(fixture);
        g_assert_false(sample_registry_has_problem(fixture, "ice", "drift"));
        fixture->changing = "bnx2fc";
        sample_registry_refresh(fixture);
        g_assert_true(sample_registry_has_problem(fixture, "ice", "drift"));

        g_string_truncate(fixture->told, 0);
        fixture->note = "It is left alone.";
        sample_registry_refresh(fixture);
        sample_registry_assert_told(fixture, "ice:Problems");
}

/* What is about to be carried over is no problem yet. */
static void test_coming(SampleRegistry *fixture, gconstpointer data)
{
        sample_root_add_kernel(&fixture->sample, "9.9.9");
        sample_root_add_module(&fixture->sample, "9.9.9", "xenserver/intel-ice/1.6.4/ice.ko", "1.6.4");
        sample_root_depmod(&fixture->sample, "9.9.9");
        g_assert_cmpint(string_set_add(&fixture->coming, "9.9.9"), >=, 0);
        sample_registry_refresh(fixture);
        g_assert_false(sample_registry_has_problem(fixture, "ice", "kernel-not-covered"));
        string_set_done(&fixture->coming);
        sample_registry_refresh(fixture);
        g_assert_true(sample_registry_has_problem(fixture, "ice", "kernel-not-covered"));
}

#define TEST(name, function) \
        g_test_add("/refresh/" name, SampleRegistry, NULL, set_up, function, sample_registry_tear_down)

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
        TEST("nothing", test_nothing);
        TEST("changed", test_changed);
        TEST("sets", test_sets);
        TEST("host", test_host);
        g_test_add("/refresh/uuid", SampleRegistry, NULL, sample_registry_set_up, test_uuid,
                        sample_registry_tear_down);
        TEST("uuid-derived", test_uuid_derived);
        TEST("reads-only", test_reads_only);
        TEST("error", test_error);
        TEST("drift", test_drift);
        TEST("coming", test_coming);
        return g_test_run();
}
