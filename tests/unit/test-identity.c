/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* UUIDs: derived ones are the same each time, and what is remembered outlives what they are derived from. */

#include <glib.h>

#include "registry/identity.h"
#include "sample-root.h"
#include "sample-store.h"

typedef struct Fixture {
        SampleRoot sample;
        Store *store;
} Fixture;

static void set_up(Fixture *fixture, gconstpointer data)
{
        sample_root_init(&fixture->sample, SAMPLE_KERNEL);
        fixture->store = sample_store_open(fixture->sample.dir.path, STORE_CREATED);
}

static void tear_down(Fixture *fixture, gconstpointer data)
{
        (void) store_free(fixture->store);
        sample_root_done(&fixture->sample);
}

/* Free it with free(). */
static char *host_id(Fixture *fixture, size_t problems)
{
        ProblemList list CLEANUP_PROBLEM_LIST = { 0 };
        char *id = NULL;

        g_assert_cmpint(identity_host(fixture->sample.root, fixture->store, &list, &id), ==, 0);
        g_assert_cmpuint(list.count, ==, problems);
        return id;
}

static void write_machine_id(const Fixture *fixture, const char *text)
{
        temp_dir_write(&fixture->sample.dir, "etc/machine-id", text);
}

static void test_derived(Fixture *fixture, gconstpointer data)
{
        char *host CLEANUP_FREE = NULL, *again CLEANUP_FREE = NULL, *other CLEANUP_FREE = NULL;
        char *ice CLEANUP_FREE = NULL, *ice_again CLEANUP_FREE = NULL, *other_ice CLEANUP_FREE = NULL;

        write_machine_id(fixture, "0123456789abcdef0123456789abcdef\n");
        host = host_id(fixture, 0);
        again = host_id(fixture, 0);
        g_assert_cmpstr(host, ==, again);
        write_machine_id(fixture, "0123456789abcdef0123456789abcde0\n");
        other = host_id(fixture, 0);
        g_assert_cmpstr(host, !=, other);

        g_assert_cmpint(identity_derive(host, "ice", &ice), ==, 0);
        g_assert_cmpint(identity_derive(host, "ice", &ice_again), ==, 0);
        g_assert_cmpint(identity_derive(other, "ice", &other_ice), ==, 0);
        g_assert_cmpstr(ice, ==, ice_again);
        g_assert_cmpstr(ice, !=, other_ice);
}

/* None of these is a machine id, so a random one is remembered, and said. */
static void test_random(Fixture *fixture, gconstpointer data)
{
        static const char *const texts[] = { "uninitialized\n", "", "00000000000000000000000000000000\n",
                "0123456789abcdef0123456789abcdeg\n", "0123456789abcdef\n" };
        char *first CLEANUP_FREE = NULL;

        for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
                char *id CLEANUP_FREE = NULL;

                write_machine_id(fixture, texts[i]);
                id = host_id(fixture, 1);
                g_assert_true(g_uuid_string_is_valid(id));
                if (first)
                        g_assert_cmpstr(id, ==, first);
                else
                        first = STEAL(id);
        }
}

static void test_find(Fixture *fixture, gconstpointer data)
{
        IdentityList list CLEANUP(identity_list_done) = { 0 };
        StringSet present CLEANUP_STRING_SET = { 0 };
        char *host CLEANUP_FREE = NULL;
        const char *uuid = "11111111-2222-4333-8444-555555555555";

        write_machine_id(fixture, "");
        host = host_id(fixture, 1);
        g_assert_cmpint(store_identity_seen(fixture->store, "ice", uuid, "intel-ice", 1), ==, 0);
        g_assert_cmpint(store_identity_seen(fixture->store, "igb", "no UUID", "igb", 1), ==, 0);
        g_assert_cmpint(store_identity_seen(fixture->store, "gone", uuid, "", 1), ==, 0);
        g_assert_cmpint(store_identity_removed(fixture->store, "gone", 2), ==, 0);
        g_assert_cmpint(store_identities(fixture->store, &list), ==, 0);

        g_assert_cmpstr(identity_find(&list, "ice")->uuid, ==, uuid);
        g_assert_nonnull(identity_find(&list, "gone"));
        g_assert_null(identity_find(&list, "igb"));
        g_assert_null(identity_find(&list, "other"));
        /* The host's own is no driver. */
        g_assert_cmpint(identity_present(&list, &present), ==, 0);
        g_assert_cmpuint(present.count, ==, 2);
        g_assert_true(string_set_contains(&present, "ice"));
        g_assert_true(string_set_contains(&present, "igb"));
}

#define TEST(name, function) g_test_add("/identity/" name, Fixture, NULL, set_up, function, tear_down)

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
        TEST("derived", test_derived);
        TEST("random", test_random);
        TEST("find", test_find);
        return g_test_run();
}
