/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A database that is damaged, can't be written, or has no room: reads go on, changes are refused with why.
 */

#include <glib.h>
#include <glib/gstdio.h>
#include <sys/mount.h>

#include "host.h"
#include "snapshot.h"

#define ICE DRIVER_PATH("ice")
#define DIRECTORY "var/lib/hostdriver"
#define DATABASE DIRECTORY "/hostdriver.db"

static Harness *new_host(void)
{
        Harness *harness = harness_new(host_with_nics);

        harness_start_script(harness, POLKIT_YES);
        temp_dir_mkdir(&harness->sample.dir, DIRECTORY);
        return harness;
}

/* Everything can be read; a change is refused in a sentence, and the disk stays as it was. Its dry run is
 * refused likewise, if that is KNOWN without writing. */
static void assert_read_only(Harness *harness, bool known)
{
        char *before = snapshot_take(harness->sample.dir.path);
        char *sentence, *dry_sentence, *dry;
        char *error = call_error(harness->superuser, &sentence, ICE, DRIVER, "Select", "sa{sv}", "1.6.4", 0);

        assert_property(harness->stranger, ICE, DRIVER, "Versions", "[kernel 1.6.4 1.11.17.1]");
        g_free(call_text(harness->stranger, MANAGER_PATH, MANAGER, "GetHistory", "a{sv}", 0));
        if (!g_str_equal(error, "org.hostdriver1.Error.NotSupported") &&
                        !g_str_equal(error, "org.hostdriver1.Error.Failed"))
                g_error("A change without a database: \"%s\" %s", error, sentence);
        g_assert_cmpuint(strlen(sentence), >, 20);
        dry = call_error(harness->superuser, &dry_sentence, ICE, DRIVER, "Select", "sa{sv}", "1.6.4", 1,
                        "dry-run", "b", 1);
        g_assert_cmpstr(dry, ==, known ? error : "");
        if (known)
                g_assert_cmpstr(dry_sentence, ==, sentence);
        snapshot_assert_same(harness->sample.dir.path, before);
        g_free(dry_sentence);
        g_free(dry);
        g_free(before);
        g_free(error);
        g_free(sentence);
}

/* Set aside, said, rebuilt; identities are the same ones, since they derive from the machine id. */
static void test_damaged(void)
{
        Harness *harness CLEANUP_HARNESS = new_host();
        char *directory CLEANUP_FREE = temp_dir_path(&harness->sample.dir, DIRECTORY);
        char *uuid, *problems;
        unsigned aside = 0;
        const char *name;
        GDir *dir;

        harness_start_daemon(harness);
        host_select(harness, harness->superuser, ICE, "1.6.4");
        uuid = property_text(harness->stranger, ICE, DRIVER, "UUID");
        harness_stop_daemon(harness);
        temp_dir_write(&harness->sample.dir, DATABASE, "This is not a database, and it never was one.\n");

        harness_start_daemon(harness);
        problems = property_text(harness->stranger, MANAGER_PATH, MANAGER, "Problems");
        g_assert_nonnull(strstr(problems, "database-set-aside"));
        assert_property(harness->stranger, ICE, DRIVER, "UUID", uuid);
        assert_property(harness->stranger, ICE, DRIVER, "Selected", "1.6.4");
        host_select(harness, harness->superuser, ICE, "1.11.17.1");
        dir = g_dir_open(directory, 0, NULL);
        while ((name = g_dir_read_name(dir)))
                aside += g_str_has_prefix(name, "hostdriver.db.damaged-");
        g_dir_close(dir);
        g_assert_cmpuint(aside, ==, 1);
        g_free(problems);
        g_free(uuid);
}

/* root may write anywhere but on a file system that is mounted read-only. */
static void test_read_only(void)
{
        Harness *harness CLEANUP_HARNESS = new_host();
        char *directory CLEANUP_FREE = temp_dir_path(&harness->sample.dir, DIRECTORY);
        char *problems;

        harness_start_daemon(harness);
        harness_stop_daemon(harness);
        g_assert_cmpint(mount(directory, directory, NULL, MS_BIND, NULL), ==, 0);
        g_assert_cmpint(mount(NULL, directory, NULL, MS_BIND | MS_REMOUNT | MS_RDONLY, NULL), ==, 0);
        harness_start_daemon(harness);
        problems = property_text(harness->stranger, MANAGER_PATH, MANAGER, "Problems");
        g_assert_nonnull(strstr(problems, "database-read-only"));
        assert_read_only(harness, true);
        harness_stop_daemon(harness);
        g_assert_cmpint(umount(directory), ==, 0);
        g_free(problems);
}

/* A directory in the database's place: it can be neither opened nor made. */
static void test_absent(void)
{
        Harness *harness CLEANUP_HARNESS = new_host();
        char *directory CLEANUP_FREE = temp_dir_path(&harness->sample.dir, DIRECTORY);
        char *problems;

        g_assert_cmpint(mount("none", directory, "tmpfs", MS_RDONLY, NULL), ==, 0);
        harness_start_daemon(harness);
        problems = property_text(harness->stranger, MANAGER_PATH, MANAGER, "Problems");
        g_assert_nonnull(strstr(problems, "database-"));
        assert_read_only(harness, true);
        harness_stop_daemon(harness);
        g_assert_cmpint(umount(directory), ==, 0);
        g_free(problems);
}

static void rescan(Harness *harness)
{
        g_free(call_text(harness->superuser, MANAGER_PATH, MANAGER, "Rescan", NULL));
}

static void assert_problem(Harness *harness, const char *code, bool there)
{
        char *problems = property_text(harness->stranger, MANAGER_PATH, MANAGER, "Problems");

        g_test_message("%s", problems);
        g_assert_true(!strstr(problems, code) == !there);
        g_free(problems);
}

/* It turns read-only, as after errors of the disk; nobody can do that by hand while files are open in it, so
 * another file system is mounted over it. */
static void test_turned_read_only(void)
{
        Harness *harness CLEANUP_HARNESS = new_host();
        char *directory CLEANUP_FREE = temp_dir_path(&harness->sample.dir, DIRECTORY);

        harness_start_daemon(harness);
        assert_problem(harness, "state-", false);
        g_assert_cmpint(mount("none", directory, "tmpfs", MS_RDONLY, NULL), ==, 0);
        rescan(harness);
        assert_problem(harness, "state-read-only", true);
        g_assert_cmpint(umount(directory), ==, 0);
        rescan(harness);
        assert_problem(harness, "state-", false);
        harness_stop_daemon(harness);
}

/* The disk fills up while the service runs; when there is room again, changes work again. */
static void test_full(void)
{
        Harness *harness CLEANUP_HARNESS = new_host();
        char *directory CLEANUP_FREE = temp_dir_path(&harness->sample.dir, DIRECTORY);
        char *filler CLEANUP_FREE = temp_dir_path(&harness->sample.dir, DIRECTORY "/filler");
        char page[4096] = { 0 };
        FILE *file;

        g_assert_cmpint(mount("none", directory, "tmpfs", 0, "size=1m"), ==, 0);
        harness_start_daemon(harness);
        file = fopen(filler, "we");
        g_assert_nonnull(file);
        while (fwrite(page, sizeof(page), 1, file) == 1 && fflush(file) == 0)
                ;
        (void) fclose(file);
        assert_read_only(harness, false);
        /* That is told before anybody is refused, and no longer than it is so. */
        rescan(harness);
        assert_problem(harness, "state-full", true);
        g_assert_cmpint(g_unlink(filler), ==, 0);
        rescan(harness);
        assert_problem(harness, "state-full", false);
        host_select(harness, harness->superuser, ICE, "1.6.4");
        harness_stop_daemon(harness);
        g_assert_cmpint(umount(directory), ==, 0);
}

static void add_tests(void)
{
        g_test_add_func("/database/damaged", test_damaged);
        g_test_add_func("/database/read-only", test_read_only);
        g_test_add_func("/database/absent", test_absent);
        g_test_add_func("/database/full", test_full);
        g_test_add_func("/database/turned-read-only", test_turned_read_only);
}

int main(int argc, char *argv[])
{
        return harness_main(argc, argv, add_tests);
}
