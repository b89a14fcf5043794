/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A full disk, and a process that dies between begin and commit: nothing half-done is ever remembered. */

#include <errno.h>
#include <glib.h>
#include <signal.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>

#include "own-mounts.h"
#include "store/store-cache.h"
#include "store/store-identity.h"
#include "store/store-journal.h"
#include "store/store-open.h"
#include "store/store.h"
#include "temp-dir.h"

#define SKIPPED 77

static Store *open_store(const char *directory)
{
        StoreCondition condition;
        Store *store = NULL;

        g_assert_cmpint(store_open(directory, &condition, NULL, &store), ==, 0);
        g_assert_true(condition == STORE_OPENED || condition == STORE_CREATED);
        return store;
}

static size_t count_identities(Store *store)
{
        IdentityList list CLEANUP(identity_list_done) = { 0 };

        g_assert_cmpint(store_identities(store, &list), ==, 0);
        return list.count;
}

/* Writes until it can't; returns the error. */
static int fill_up(Store *store)
{
        static char data[64 * 1024];
        int r = 0;

        memset(data, 'x', sizeof(data));
        for (unsigned i = 0; i < 100 && r >= 0; i++) {
                char path[32];
                CacheKey key = { .path = path };

                (void) g_snprintf(path, sizeof(path), "/module-%u", i);
                r = store_cache_put(store, &key, data, sizeof(data));
        }
        return r;
}

/* In a child with a file system of 512 KiB. */
static int check_full_disk(const char *directory)
{
        char data[8192] = { 0 };
        CacheKey key = { .path = "/another" };
        Store *store;

        if (!own_mounts_enter() || mount("tmpfs", directory, "tmpfs", 0, "size=512k") < 0)
                return SKIPPED;
        store = open_store(directory);
        g_assert_cmpint(store_identity_seen(store, "ice", "u", "p", 1), ==, 0);
        g_assert_cmpint(fill_up(store), ==, -ENOSPC);
        g_assert_cmpuint(count_identities(store), ==, 1);

        /* As a whole or not at all: also what came before the write that failed. */
        g_assert_cmpint(store_begin(store), ==, 0);
        g_assert_cmpint(store_identity_removed(store, "ice", 5), ==, 0);
        g_assert_cmpint(fill_up(store), ==, -ENOSPC);
        g_assert_cmpint(store_identity_seen(store, "late", "u", "p", 1), ==, -ENOSPC);
        g_assert_cmpint(store_commit(store), ==, -ENOSPC);
        g_assert_cmpuint(count_identities(store), ==, 1);

        /* Room again: usable without a restart. */
        g_assert_cmpint(mount("none", directory, "none", MS_REMOUNT, "size=4m"), ==, 0);
        g_assert_cmpint(store_cache_put(store, &key, data, sizeof(data)), ==, 0);
        g_assert_cmpint(store_check_writable(store), ==, 0);
        (void) store_free(store);
        store = open_store(directory);
        g_assert_cmpuint(count_identities(store), ==, 1);
        (void) store_free(store);
        return 0;
}

static void test_full_disk(void)
{
        TempDir dir CLEANUP_TEMP_DIR;
        int status;
        pid_t child;

        temp_dir_init(&dir, "store-failure");
        child = fork();
        g_assert_cmpint(child, >=, 0);
        if (child == 0)
                _exit(check_full_disk(dir.path));
        g_assert_cmpint(waitpid(child, &status, 0), ==, child);
        if (WIFEXITED(status) && WEXITSTATUS(status) == SKIPPED)
                g_test_skip("not permitted to mount a small file system");
        else
                g_assert_cmpint(status, ==, 0);
}

/* How far the child goes before it is killed. */
typedef enum Stage {
        STAGE_BEGUN,
        STAGE_WRITTEN,
        STAGE_COMMITTED,
        STAGE_JOURNALED,
        STAGE_COUNT,
} Stage;

G_NORETURN static void die_at(const char *directory, Stage stage)
{
        Store *store = open_store(directory);
        int64_t id;

        g_assert_cmpint(store_begin(store), ==, 0);
        if (stage >= STAGE_WRITTEN)
                g_assert_cmpint(store_identity_seen(store, "irdma", "u", "p", 1), ==, 0);
        if (stage >= STAGE_WRITTEN)
                g_assert_cmpint(store_identity_removed(store, "ice", 7), ==, 0);
        if (stage >= STAGE_COMMITTED)
                g_assert_cmpint(store_commit(store), ==, 0);
        if (stage >= STAGE_JOURNALED)
                g_assert_cmpint(store_journal_begin(store, "{}", 0, 1, &id), ==, 0);
        (void) kill(getpid(), SIGKILL);
        abort();
}

static void test_killed(void)
{
        for (Stage stage = STAGE_BEGUN; stage < STAGE_COUNT; stage++) {
                TempDir dir CLEANUP_TEMP_DIR;
                JournalList journal CLEANUP(journal_list_done) = { 0 };
                Store *store;
                pid_t child;
                int status;

                temp_dir_init(&dir, "store-failure");
                store = open_store(dir.path);
                g_assert_cmpint(store_identity_seen(store, "ice", "u", "p", 1), ==, 0);
                (void) store_free(store);
                child = fork();
                g_assert_cmpint(child, >=, 0);
                if (child == 0)
                        die_at(dir.path, stage);
                g_assert_cmpint(waitpid(child, &status, 0), ==, child);
                g_assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
                store = open_store(dir.path);
                g_assert_cmpuint(count_identities(store), ==, stage >= STAGE_COMMITTED ? 2 : 1);
                g_assert_cmpint(store_journal_open_entries(store, &journal), ==, 0);
                g_assert_cmpuint(journal.count, ==, stage >= STAGE_JOURNALED ? 1 : 0);
                g_assert_cmpint(store_check_writable(store), ==, 0);
                (void) store_free(store);
        }
}

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/store-failure/full-disk", test_full_disk);
        g_test_add_func("/store-failure/killed", test_killed);
        return g_test_run();
}
