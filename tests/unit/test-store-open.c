/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Opening the store whatever stands in the database's place: damaged, foreign, newer, older, unreadable. */

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <signal.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "own-mounts.h"
#include "sample-store.h"
#include "store/store-identity.h"
#include "store/store-open.h"
#include "store/store-wanted.h"
#include "store/store.h"
#include "temp-dir.h"

static void fill(const char *directory)
{
        Store *store = sample_store_open(directory, STORE_CREATED);

        for (unsigned i = 0; i < 200; i++) {
                char name[32];

                (void) g_snprintf(name, sizeof(name), "module_%u", i);
                g_assert_cmpint(store_identity_seen(store, name, "uuid", "a package of some name", 1), ==,
                                0);
        }
        (void) store_free(store);
}

static size_t count_identities(Store *store)
{
        IdentityList list CLEANUP(identity_list_done) = { 0 };

        g_assert_cmpint(store_identities(store, &list), ==, 0);
        return list.count;
}

/* How many entries of the directory begin so. */
static unsigned count_entries(const TempDir *dir, const char *beginning)
{
        GDir *entries = g_dir_open(dir->path, 0, NULL);
        unsigned count = 0;

        for (const char *name = g_dir_read_name(entries); name; name = g_dir_read_name(entries))
                count += g_str_has_prefix(name, beginning);
        g_dir_close(entries);
        return count;
}

static void test_modes(void)
{
        TempDir dir CLEANUP_TEMP_DIR;
        char *directory CLEANUP_FREE = NULL, *file CLEANUP_FREE = NULL;
        struct stat st;
        mode_t mask = umask(0);

        temp_dir_init(&dir, "store-open");
        directory = temp_dir_path(&dir, "hostdriver");
        file = temp_dir_path(&dir, "hostdriver/hostdriver.db");
        (void) store_free(sample_store_open(directory, STORE_CREATED));
        (void) umask(mask);
        g_assert_cmpint(stat(directory, &st), ==, 0);
        g_assert_cmpuint(st.st_mode & 07777, ==, 0700);
        g_assert_cmpint(stat(file, &st), ==, 0);
        g_assert_cmpuint(st.st_mode & 07777, ==, 0600);
        (void) store_free(sample_store_open(directory, STORE_OPENED));
}

/* Puts the wrong thing at the place of hostdriver.db. */
static void put_garbage(const TempDir *dir)
{
        temp_dir_write(dir, "hostdriver.db",
                        "this is no database, but long enough to have a header of 100 "
                        "bytes, so that its first bytes decide what it is.....");
}

static void put_short(const TempDir *dir)
{
        temp_dir_write(dir, "hostdriver.db", "SQLite");
}

static void put_directory(const TempDir *dir)
{
        temp_dir_mkdir(dir, "hostdriver.db");
}

static void put_fifo(const TempDir *dir)
{
        g_assert_cmpint(mkfifoat(dir->fd, "hostdriver.db", 0600), ==, 0);
}

static void put_loop(const TempDir *dir)
{
        temp_dir_link(dir, "hostdriver.db", "hostdriver.db");
}

static void put_foreign(const TempDir *dir)
{
        sample_store_run_sql(dir, "hostdriver.db",
                        "PRAGMA application_id = 7; PRAGMA user_version = 1; CREATE TABLE identity (x TEXT)");
}

static void put_nameless(const TempDir *dir)
{
        sample_store_run_sql(dir, "hostdriver.db", "CREATE TABLE something (name TEXT)");
}

static void test_damaged(void)
{
        void (*const puts[])(const TempDir *dir) = { put_garbage, put_short, put_directory, put_fifo,
                put_loop, put_foreign, put_nameless };

        for (size_t i = 0; i < G_N_ELEMENTS(puts); i++) {
                TempDir dir CLEANUP_TEMP_DIR;
                Store *store;

                temp_dir_init(&dir, "store-open");
                puts[i](&dir);
                temp_dir_write(&dir, "hostdriver.db-wal", "the log of what was there");
                store = sample_store_open(dir.path, STORE_SET_ASIDE);
                g_assert_cmpint(store_check_writable(store), ==, 0);
                g_assert_cmpuint(count_entries(&dir, "hostdriver.db.damaged-2"), ==, 2);
                (void) store_free(store);
                /* Again, within the same second: under a name of its own. */
                g_assert_cmpint(unlinkat(dir.fd, "hostdriver.db", 0), ==, 0);
                puts[i](&dir);
                (void) store_free(sample_store_open(dir.path, STORE_SET_ASIDE));
                g_assert_cmpuint(count_entries(&dir, "hostdriver.db.damaged-2"), ==, 3);
        }
}

/* A database with something in it: its path, which the caller frees, and its bytes. */
static char *init_filled(TempDir *dir, char **ret_content, gsize *ret_size)
{
        char *path;

        temp_dir_init(dir, "store-open");
        fill(dir->path);
        path = temp_dir_path(dir, "hostdriver.db");
        g_assert_true(g_file_get_contents(path, ret_content, ret_size, NULL));
        return path;
}

static void test_truncated(void)
{
        TempDir dir CLEANUP_TEMP_DIR;
        char *content, *path CLEANUP_FREE = NULL;
        gsize size;

        path = init_filled(&dir, &content, &size);
        g_assert_cmpuint(size, >, 8 * 4096);
        for (gsize cut = 4096; cut < size; cut += 4096) {
                Store *store;

                g_assert_true(g_file_set_contents(path, content, (gssize) cut, NULL));
                store = sample_store_open(dir.path, STORE_SET_ASIDE);
                g_assert_cmpuint(count_identities(store), ==, 0);
                (void) store_free(store);
        }
        /* Down to nothing there is nothing to set aside. */
        g_assert_true(g_file_set_contents(path, content, 0, NULL));
        (void) store_free(sample_store_open(dir.path, STORE_CREATED));
        g_free(content);
}

/* Each page in turn is overwritten: never an error, never a crash, and what is wrong is noticed. */
static void test_scribbled(void)
{
        TempDir dir CLEANUP_TEMP_DIR;
        char *content, *path CLEANUP_FREE = NULL;
        gsize size;

        path = init_filled(&dir, &content, &size);
        for (gsize page = 0; page < size; page += 4096) {
                char *copy = g_memdup2(content, size);

                memset(copy + page, 0xa5, 4096);
                g_assert_true(g_file_set_contents(path, copy, (gssize) size, NULL));
                (void) store_free(sample_store_open(dir.path, STORE_SET_ASIDE));
                g_free(copy);
        }
        g_free(content);
}

static void test_no_directory(void)
{
        TempDir dir CLEANUP_TEMP_DIR;
        char *path CLEANUP_FREE = NULL;
        Store *store;
        char *version = NULL;

        temp_dir_init(&dir, "store-open");
        temp_dir_write(&dir, "file", "");
        path = temp_dir_path(&dir, "file/state");
        store = sample_store_open(path, STORE_ABSENT);
        g_assert_cmpint(store_wanted_get(store, "ice", "6.1", &version), ==, -ENOENT);
        g_assert_cmpint(store_wanted_set(store, "ice", "6.1", "1"), ==, -ENOTDIR);
        (void) store_free(store);
}

static void test_special_characters(void)
{
        TempDir dir CLEANUP_TEMP_DIR;
        char *path CLEANUP_FREE = NULL;

        temp_dir_init(&dir, "store-open");
        path = temp_dir_path(&dir, "what? 100%41 #1 'x'");
        fill(path);
        g_assert_cmpuint(count_entries(&dir, "what? 100%41 #1 'x'"), ==, 1);
        (void) store_free(sample_store_open(path, STORE_OPENED));
}

static void test_in_use(void)
{
        TempDir dir CLEANUP_TEMP_DIR;
        Store *first, *second;

        temp_dir_init(&dir, "store-open");
        first = sample_store_open(dir.path, STORE_CREATED);
        g_assert_cmpint(store_check_writable(first), ==, 0);
        second = sample_store_open(dir.path, STORE_ABSENT);
        g_assert_cmpint(store_check_writable(second), ==, -EBUSY);
        (void) store_free(second);
        g_assert_cmpint(store_check_writable(first), ==, 0);
        (void) store_free(first);
}

/* In a child with mounts of its own. 77: it may not mount. */
static int check_read_only(const char *directory, size_t expected)
{
        Store *store;

        if (!own_mounts_enter() || mount(directory, directory, "none", MS_BIND, NULL) < 0 ||
                        mount("none", directory, "none", MS_BIND | MS_REMOUNT | MS_RDONLY, NULL) < 0)
                return 77;
        store = sample_store_open(directory, STORE_READ_ONLY);
        g_assert_cmpuint(count_identities(store), ==, expected);
        g_assert_cmpint(store_check_writable(store), ==, -EROFS);
        g_assert_cmpint(store_begin(store), ==, -EROFS);
        g_assert_cmpint(store_identity_seen(store, "ice", "u", "p", 1), ==, -EROFS);
        (void) store_free(store);
        return 0;
}

static void run_read_only(const TempDir *dir, size_t expected)
{
        pid_t child = fork();
        int status;

        g_assert_cmpint(child, >=, 0);
        if (child == 0)
                _exit(check_read_only(dir->path, expected));
        g_assert_cmpint(waitpid(child, &status, 0), ==, child);
        if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
                g_test_skip("not permitted to mount a read-only file system");
        else
                g_assert_cmpint(status, ==, 0);
}

static void test_read_only(void)
{
        TempDir dir CLEANUP_TEMP_DIR;

        temp_dir_init(&dir, "store-open");
        fill(dir.path);
        run_read_only(&dir, 200);
}

/* As after a crash, and the file system that was mounted read-only since. */
static void test_read_only_log(void)
{
        TempDir dir CLEANUP_TEMP_DIR;
        int status;
        pid_t child;

        temp_dir_init(&dir, "store-open");
        fill(dir.path);
        child = fork();
        g_assert_cmpint(child, >=, 0);
        if (child == 0) {
                Store *store = sample_store_open(dir.path, STORE_OPENED);

                g_assert_cmpint(store_identity_seen(store, "late", "u", "p", 1), ==, 0);
                (void) kill(getpid(), SIGKILL);
        }
        g_assert_cmpint(waitpid(child, &status, 0), ==, child);
        g_assert_true(WIFSIGNALED(status));
        g_assert_cmpuint(count_entries(&dir, "hostdriver.db-wal"), ==, 1);
        run_read_only(&dir, 201);
}

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/store-open/modes", test_modes);
        g_test_add_func("/store-open/damaged", test_damaged);
        g_test_add_func("/store-open/truncated", test_truncated);
        g_test_add_func("/store-open/scribbled", test_scribbled);
        g_test_add_func("/store-open/no-directory", test_no_directory);
        g_test_add_func("/store-open/special-characters", test_special_characters);
        g_test_add_func("/store-open/in-use", test_in_use);
        g_test_add_func("/store-open/read-only", test_read_only);
        g_test_add_func("/store-open/read-only-log", test_read_only_log);
        return g_test_run();
}
