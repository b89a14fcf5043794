/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the store remembers, and that it does so across a restart. */

#include <errno.h>
#include <glib.h>

#include "store/store-cache.h"
#include "store/store-duration.h"
#include "store/store-history.h"
#include "store/store-identity.h"
#include "store/store-journal.h"
#include "store/store-open.h"
#include "store/store-policy.h"
#include "store/store-wanted.h"
#include "store/store.h"
#include "temp-dir.h"

static Store *open_store(const TempDir *dir, StoreCondition expected)
{
        StoreCondition condition;
        char *detail CLEANUP_FREE = NULL;
        Store *store = NULL;

        g_assert_cmpint(store_open(dir->path, &condition, &detail, &store), ==, 0);
        if (detail)
                g_test_message("%s", detail);
        g_assert_cmpint(condition, ==, expected);
        return store;
}

static Store *restart(Store *store, const TempDir *dir)
{
        (void) store_free(store);
        return open_store(dir, STORE_OPENED);
}

static void test_identities(void)
{
        TempDir dir CLEANUP_TEMP_DIR;
        IdentityList list CLEANUP(identity_list_done) = { 0 };
        Store *store;

        temp_dir_init(&dir, "store");
        store = open_store(&dir, STORE_CREATED);
        g_assert_cmpint(store_identity_seen(store, "irdma", "uuid-2", "intel-ice", 20), ==, 0);
        g_assert_cmpint(store_identity_seen(store, "ice", "uuid-1", "intel-ice", 10), ==, 0);
        g_assert_cmpint(store_identity_removed(store, "ice", 30), ==, 0);
        g_assert_cmpint(store_identity_removed(store, "ice", 40), ==, 0);
        g_assert_cmpint(store_identity_removed(store, "nobody", 40), ==, 0);
        store = restart(store, &dir);
        g_assert_cmpint(store_identities(store, &list), ==, 0);
        g_assert_cmpuint(list.count, ==, 2);
        g_assert_cmpstr(list.items[0].name, ==, "ice");
        g_assert_cmpint(list.items[0].removed_at_us, ==, 30);
        g_assert_cmpstr(list.items[1].name, ==, "irdma");
        g_assert_cmpint(list.items[1].removed_at_us, ==, 0);
        identity_list_done(&list);

        /* It comes back: the same UUID and first-seen time, whatever is said now. */
        g_assert_cmpint(store_identity_seen(store, "ice", "another", "ice-oot", 50), ==, 0);
        g_assert_cmpint(store_identities(store, &list), ==, 0);
        g_assert_cmpstr(list.items[0].uuid, ==, "uuid-1");
        g_assert_cmpstr(list.items[0].package, ==, "ice-oot");
        g_assert_cmpint(list.items[0].first_seen_us, ==, 10);
        g_assert_cmpint(list.items[0].removed_at_us, ==, 0);
        (void) store_free(store);
}

static void test_wanted(void)
{
        TempDir dir CLEANUP_TEMP_DIR;
        char *version = NULL;
        Store *store;

        temp_dir_init(&dir, "store");
        store = open_store(&dir, STORE_CREATED);
        g_assert_cmpint(store_wanted_get(store, "ice", "5.10", &version), ==, -ENOENT);
        g_assert_cmpint(store_wanted_set(store, "ice", "5.10", "1.6.4"), ==, 0);
        g_assert_cmpint(store_wanted_set(store, "ice", "6.1", "1.11"), ==, 0);
        g_assert_cmpint(store_wanted_set(store, "ice", "5.10", ""), ==, 0);
        store = restart(store, &dir);
        g_assert_cmpint(store_wanted_get(store, "ice", "5.10", &version), ==, 0);
        g_assert_cmpstr(version, ==, "");
        free(version);
        g_assert_cmpint(store_wanted_get(store, "ice", "6.1", &version), ==, 0);
        g_assert_cmpstr(version, ==, "1.11");
        free(version);
        (void) store_free(store);
}

static int add_row(void *userdata, const char *name, const char *release, const char *version,
                const char *build, const char *last_kind)
{
        g_string_append_printf(userdata, "%s %s %s '%s'", name, release, version, last_kind);
        g_string_append_printf(userdata, *build ? " %s\n" : "%s\n", build);
        return 0;
}

/* By whom what is wanted was last selected; who only adds or removes a version selects nothing. */
static void test_wanted_kinds(void)
{
        static const char *const kinds[][2] = { { "select", "done" }, { "carry-over", "done" },
                { "import", "done" }, { "remove", "done" }, { "select", "failed" } };
        TempDir dir CLEANUP_TEMP_DIR;
        Store *store;
        GString *text = g_string_new(NULL);

        temp_dir_init(&dir, "store");
        store = open_store(&dir, STORE_CREATED);
        for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
                const HistoryEntry entry = { .boot_id = (char *) "",
                        .kind = (char *) kinds[i][0],
                        .driver = (char *) "ice",
                        .release = (char *) "5.10",
                        .from = (char *) "",
                        .to = (char *) "",
                        .result = (char *) kinds[i][1],
                        .detail = (char *) "" };

                g_assert_cmpint(store_history_add(store, &entry), ==, 0);
        }
        g_assert_cmpint(store_wanted_set(store, "ice", "5.10", "1.6.4"), ==, 0);
        g_assert_cmpint(store_wanted_set(store, "ice", "6.1", "1.11"), ==, 0);
        g_assert_cmpint(store_wanted_load(store, add_row, text), ==, 0);
        g_assert_cmpstr(text->str, ==, "ice 5.10 1.6.4 'carry-over'\nice 6.1 1.11 ''\n");
        g_string_free(text, TRUE);
        (void) store_free(store);
}

/* The build goes with the version that it is of. */
static void test_wanted_builds(void)
{
        TempDir dir CLEANUP_TEMP_DIR;
        g_autoptr(GString) text = g_string_new(NULL);
        Store *store;

        temp_dir_init(&dir, "store");
        store = open_store(&dir, STORE_CREATED);
        g_assert_cmpint(store_wanted_set_build(store, "ice", "5.10", "b0"), ==, 0);
        for (int i = 0; i < 4; i++) {
                static const char *const names[] = { "a", "b", "c", "d" };

                g_assert_cmpint(store_wanted_set(store, names[i], "5.10", "1.6.4"), ==, 0);
                g_assert_cmpint(store_wanted_set_build(store, names[i], "5.10", "b1"), ==, 0);
        }
        g_assert_cmpint(store_wanted_set(store, "a", "5.10", "1.6.4"), ==, 0);
        g_assert_cmpint(store_wanted_keep(store, "b", "5.10", "1.6.4"), ==, 0);
        g_assert_cmpint(store_wanted_keep(store, "c", "5.10", "1.11"), ==, 0);
        g_assert_cmpint(store_wanted_keep(store, "e", "5.10", "1.11"), ==, 0);
        (void) store_free(store);
        store = open_store(&dir, STORE_OPENED);
        g_assert_cmpint(store_wanted_load(store, add_row, text), ==, 0);
        g_assert_cmpstr(text->str, ==,
                        "a 5.10 1.6.4 ''\nb 5.10 1.6.4 '' b1\nc 5.10 1.11 ''\n"
                        "d 5.10 1.6.4 '' b1\ne 5.10 1.11 ''\n");
        (void) store_free(store);
}

static void test_durations(void)
{
        DurationList list CLEANUP(duration_list_done) = { 0 };
        TempDir dir CLEANUP_TEMP_DIR;
        uint64_t usec = 0;
        Store *store;

        temp_dir_init(&dir, "store");
        store = open_store(&dir, STORE_CREATED);
        g_assert_cmpint(store_duration_get(store, "depmod", &usec), ==, -ENOENT);
        g_assert_cmpint(duration_list_add(&list, "depmod", 1000), ==, 0);
        g_assert_cmpint(duration_list_add(&list, "dracut", 7), ==, 0);
        g_assert_cmpint(duration_list_add(&list, "depmod", 2000), ==, 0);
        g_assert_cmpint(store_durations_add(store, &list), ==, 0);
        store = restart(store, &dir);
        g_assert_cmpint(store_duration_get(store, "depmod", &usec), ==, 0);
        g_assert_cmpuint(usec, ==, 1250);
        (void) store_free(store);
}

static void test_policies(void)
{
        TempDir dir CLEANUP_TEMP_DIR;
        StringSet kernels CLEANUP_STRING_SET = { 0 };
        char *text = NULL;
        Store *store;

        temp_dir_init(&dir, "store");
        store = open_store(&dir, STORE_CREATED);
        g_assert_cmpint(store_policy_get(store, "ice", &text), ==, -ENOENT);
        g_assert_cmpint(store_policy_set(store, "ice", "newest"), ==, 0);
        g_assert_cmpint(store_policy_set(store, "ice", "kernel"), ==, 0);
        g_assert_cmpint(store_wanted_set(store, "ice", "6.1", "1.11"), ==, 0);
        g_assert_cmpint(store_wanted_set(store, "ice", "6.12", "1.11"), ==, 0);
        g_assert_cmpint(store_kernel_add(store, "6.12"), ==, 0);
        g_assert_cmpint(store_kernel_add(store, "6.1"), ==, 0);
        g_assert_cmpint(store_kernel_add(store, "6.1"), ==, 0);
        store = restart(store, &dir);
        g_assert_cmpint(store_policy_get(store, "ice", &text), ==, 0);
        g_assert_cmpstr(text, ==, "kernel");
        free(text);
        g_assert_cmpint(store_kernels(store, &kernels), ==, 0);
        g_assert_cmpuint(kernels.count, ==, 2);
        string_set_done(&kernels);

        g_assert_cmpint(store_kernel_remove(store, "6.1"), ==, 0);
        g_assert_cmpint(store_kernel_remove(store, "4.19"), ==, 0);
        g_assert_cmpint(store_kernels(store, &kernels), ==, 0);
        g_assert_cmpuint(kernels.count, ==, 1);
        g_assert_cmpstr(kernels.items[0], ==, "6.12");
        g_assert_cmpint(store_wanted_get(store, "ice", "6.1", &text), ==, -ENOENT);
        g_assert_cmpint(store_wanted_get(store, "ice", "6.12", &text), ==, 0);
        free(text);
        (void) store_free(store);
}

typedef struct Loaded {
        unsigned count;
        char *paths;
        uint64_t inode;
        int64_t mtime_ns;
        size_t size;
        guint8 last;
        int answer;
} Loaded;

static int take(void *userdata, const CacheKey *key, const void *data, size_t size)
{
        Loaded *loaded = userdata;
        char *paths = g_strconcat(loaded->paths ? loaded->paths : "", key->path, " ", NULL);

        g_free(loaded->paths);
        loaded->paths = paths;
        loaded->count++;
        loaded->inode = key->inode;
        loaded->mtime_ns = key->mtime_ns;
        loaded->size = size;
        loaded->last = size > 0 ? ((const guint8 *) data)[size - 1] : 0;
        return loaded->answer;
}

static void test_cache(void)
{
        static const guint8 bytes[] = { 1, 0, 2, 0xff };
        CacheKey key = { .path = "/b", .device = 1, .inode = G_MAXUINT64, .size = 5, .mtime_ns = -7 };
        TempDir dir CLEANUP_TEMP_DIR;
        Loaded loaded = { 0 };
        Store *store;

        temp_dir_init(&dir, "store");
        store = open_store(&dir, STORE_CREATED);
        g_assert_cmpint(store_cache_put(store, &key, bytes, sizeof(bytes)), ==, 0);
        key.path = "/a";
        g_assert_cmpint(store_cache_put(store, &key, NULL, 0), ==, 0);
        key.path = "/c";
        g_assert_cmpint(store_cache_put(store, &key, bytes, 1), ==, 0);
        g_assert_cmpint(store_cache_delete(store, "/c"), ==, 0);
        g_assert_cmpint(store_cache_delete(store, "/none"), ==, 0);
        store = restart(store, &dir);
        g_assert_cmpint(store_cache_load(store, take, &loaded), ==, 0);
        g_assert_cmpstr(loaded.paths, ==, "/a /b ");
        g_assert_true(loaded.inode == G_MAXUINT64);
        g_assert_cmpint(loaded.mtime_ns, ==, -7);
        g_assert_cmpuint(loaded.size, ==, 4);
        g_assert_cmpuint(loaded.last, ==, 0xff);
        g_clear_pointer(&loaded.paths, g_free);

        loaded = (Loaded){ .answer = -ECANCELED };
        g_assert_cmpint(store_cache_load(store, take, &loaded), ==, -ECANCELED);
        g_assert_cmpuint(loaded.count, ==, 1);
        g_free(loaded.paths);
        (void) store_free(store);
}

static void test_journal(void)
{
        TempDir dir CLEANUP_TEMP_DIR;
        JournalList list CLEANUP(journal_list_done) = { 0 };
        int64_t first, second, third;
        Store *store;

        temp_dir_init(&dir, "store");
        store = open_store(&dir, STORE_CREATED);
        g_assert_cmpint(store_journal_begin(store, "{\"a\":1}", 0, 10, &first), ==, 0);
        g_assert_cmpint(store_journal_begin(store, "{}", 4294967295U, 20, &second), ==, 0);
        g_assert_cmpint(store_journal_phase(store, second, JOURNAL_DURABLE), ==, 0);
        g_assert_cmpint(store_journal_phase(store, second + 7, JOURNAL_DURABLE), ==, -ENOENT);
        store = restart(store, &dir);
        g_assert_cmpint(store_journal_open_entries(store, &list), ==, 0);
        g_assert_cmpuint(list.count, ==, 2);
        g_assert_true(list.items[0].id == first && list.items[1].id == second);
        g_assert_cmpint(list.items[0].phase, ==, JOURNAL_INTENT);
        g_assert_cmpstr(list.items[0].plan, ==, "{\"a\":1}");
        g_assert_cmpint(list.items[1].phase, ==, JOURNAL_DURABLE);
        g_assert_cmpuint(list.items[1].uid, ==, 4294967295U);
        journal_list_done(&list);

        g_assert_cmpint(store_journal_end(store, first), ==, 0);
        g_assert_cmpint(store_journal_end(store, second), ==, 0);
        g_assert_cmpint(store_journal_end(store, second), ==, -ENOENT);
        store = restart(store, &dir);
        g_assert_cmpint(store_journal_begin(store, "{}", 0, 30, &third), ==, 0);
        g_assert_cmpint(third, >, second);
        (void) store_free(store);
}

static void add_history(Store *store, const char *driver, int64_t time_us)
{
        HistoryEntry entry = {
                .time_us = time_us,
                .boot_id = (char *) "boot",
                .uid = 1000,
                .kind = (char *) "select",
                .driver = (char *) driver,
                .release = (char *) "6.1",
                .from = (char *) "",
                .to = (char *) "1.11",
                .result = (char *) "failed",
                .detail = (char *) "depmod said: it's \"so\"",
        };

        g_assert_cmpint(store_history_add(store, &entry), ==, 0);
}

static void test_history(void)
{
        static const struct {
                HistoryFilter filter;
                unsigned count;
                int64_t newest;
        } table[] = {
                { { 0 }, 5, 50 },
                { { .driver = "ice" }, 3, 50 },
                { { .driver = "ice", .limit = 2 }, 2, 50 },
                { { .since_us = 30 }, 3, 50 },
                { { .driver = "irdma", .since_us = 30 }, 1, 40 },
                { { .driver = "none" }, 0, 0 },
                { { .limit = G_MAXUINT64 }, 5, 50 },
        };
        TempDir dir CLEANUP_TEMP_DIR;
        Store *store;

        temp_dir_init(&dir, "store");
        store = open_store(&dir, STORE_CREATED);
        for (int64_t i = 1; i <= 5; i++)
                add_history(store, i % 2 ? "ice" : "irdma", i * 10);
        store = restart(store, &dir);
        for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
                HistoryList list CLEANUP(history_list_done) = { 0 };

                g_assert_cmpint(store_history(store, &table[i].filter, &list), ==, 0);
                g_assert_cmpuint(list.count, ==, table[i].count);
                if (list.count == 0)
                        continue;
                g_assert_cmpint(list.items[0].time_us, ==, table[i].newest);
                g_assert_cmpstr(list.items[0].detail, ==, "depmod said: it's \"so\"");
                g_assert_cmpstr(list.items[0].to, ==, "1.11");
                g_assert_cmpuint(list.items[0].uid, ==, 1000);
        }
        (void) store_free(store);
}

static void test_transactions(void)
{
        TempDir dir CLEANUP_TEMP_DIR;
        IdentityList list CLEANUP(identity_list_done) = { 0 };
        Store *store;

        temp_dir_init(&dir, "store");
        store = open_store(&dir, STORE_CREATED);
        g_assert_cmpint(store_commit(store), ==, -EINVAL);
        g_assert_cmpint(store_begin(store), ==, 0);
        g_assert_cmpint(store_begin(store), ==, -EALREADY);
        g_assert_cmpint(store_identity_seen(store, "ice", "u", "p", 1), ==, 0);
        store_rollback(store);
        store_rollback(store);
        g_assert_cmpint(store_begin(store), ==, 0);
        g_assert_cmpint(store_identity_seen(store, "irdma", "u", "p", 1), ==, 0);
        g_assert_cmpint(store_commit(store), ==, 0);
        /* An open transaction at the end is none. */
        g_assert_cmpint(store_begin(store), ==, 0);
        g_assert_cmpint(store_identity_seen(store, "mlx5_core", "u", "p", 1), ==, 0);
        store = restart(store, &dir);
        g_assert_cmpint(store_identities(store, &list), ==, 0);
        g_assert_cmpuint(list.count, ==, 1);
        g_assert_cmpstr(list.items[0].name, ==, "irdma");
        g_assert_cmpint(store_check_writable(store), ==, 0);
        (void) store_free(store);
}

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/store/identities", test_identities);
        g_test_add_func("/store/wanted", test_wanted);
        g_test_add_func("/store/wanted-kinds", test_wanted_kinds);
        g_test_add_func("/store/wanted-builds", test_wanted_builds);
        g_test_add_func("/store/policies", test_policies);
        g_test_add_func("/store/durations", test_durations);
        g_test_add_func("/store/cache", test_cache);
        g_test_add_func("/store/journal", test_journal);
        g_test_add_func("/store/history", test_history);
        g_test_add_func("/store/transactions", test_transactions);
        return g_test_run();
}
