/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Versions that a package of rpm owns, by a real database that the real rpm has made. */

#include <errno.h>
#include <sys/mount.h>
#include <unistd.h>

#include "change/adopt/rpm-owner.h"
#include "own-mounts.h"
#include "versions-fixture.h"

#define OWNED "/" TREE "/intel-ice/1.11/ice.ko"
#define OTHER "/" TREE "/intel-ice/1.6.4/ice.ko"
#define DATABASE "var/lib/rpm"

static bool own_mounts;

/* Runs rpmbuild or rpm. Its words are only of interest if it fails. */
static void run(const char *const argv[])
{
        g_autofree char *output = NULL, *errors = NULL;
        g_autoptr(GError) error = NULL;
        int status;

        g_assert_true(g_spawn_sync(NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &output,
                        &errors, &status, &error));
        if (!g_spawn_check_wait_status(status, &error))
                g_error("%s: %s%s%s", argv[0], error->message, output, errors);
}

/* A package that owns the file of one version, in the sample's database. */
static void install_package(const SampleRoot *sample)
{
        static const char specification[] =
                        "Name: ice-driver\nVersion: 1\nRelease: 1\nSummary: x\n"
                        "License: x\nBuildArch: noarch\n%description\nx\n%install\n"
                        "install -D /dev/null %{buildroot}" OWNED "\n%files\n" OWNED "\n";
        g_autofree char *top = g_strdup_printf("_topdir %s/build", sample->dir.path);
        g_autofree char *temporary = g_strdup_printf("_tmppath %s/build", sample->dir.path);
        g_autofree char *file = g_strdup_printf("%s/build/a.spec", sample->dir.path);
        g_autofree char *package =
                        g_strdup_printf("%s/build/RPMS/noarch/ice-driver-1-1.noarch.rpm", sample->dir.path);

        temp_dir_write(&sample->dir, "build/a.spec", specification);
        run((const char *const[]){ "rpmbuild", "-bb", "--define", top, "--define", temporary, file, NULL });
        run((const char *const[]){ "rpm", "--root", sample->dir.path, "--dbpath", "/" DATABASE, "--nodeps",
                        "--justdb", "-i", package, NULL });
}

static bool cannot_run(void)
{
        g_autofree char *program = g_find_program_in_path("rpmbuild");

        if (!program)
                g_test_skip("rpm isn't installed");
        else if (geteuid() != 0)
                g_test_skip("rpm --root is for root");
        return !program || geteuid() != 0;
}

static void assert_owner(const HostRoot *root, const char *path, int result, const char *owner)
{
        char *words CLEANUP_FREE = NULL;

        g_assert_cmpint(rpm_owner_find(root, path, &words), ==, result);
        g_assert_cmpstr(words, ==, owner);
}

static void test_removal(VersionsFixture *fixture, gconstpointer data)
{
        if (cannot_run())
                return;
        versions_start(fixture);
        assert_owner(fixture->sample.root, OWNED, 0, NULL);
        install_package(&fixture->sample);
        assert_owner(fixture->sample.root, OWNED, 1, "ice-driver");
        assert_owner(fixture->sample.root, "/usr" OWNED, 1, "ice-driver");
        assert_owner(fixture->sample.root, OTHER, 0, NULL);
        versions_refuse_owned(fixture, "1.11/ice.ko belongs to the package ice-driver. ");
        g_assert_cmpint(string_set_add(&fixture->ignore, "owned-by-package"), ==, 1);
        versions_change(fixture, versions_plan_removal, "ice 1.11");
}

static void test_damaged(VersionsFixture *fixture, gconstpointer data)
{
        if (cannot_run())
                return;
        temp_dir_write(&fixture->sample.dir, DATABASE "/rpmdb.sqlite", "no database");
        versions_start(fixture);
        versions_refuse_owned(fixture, " belongs to a package, rpm can't tell: ");
        g_assert_cmpint(string_set_add(&fixture->ignore, "owned-by-package"), ==, 1);
        versions_change(fixture, versions_plan_removal, "ice 1.11");
}

/* Of this host's own files rpm is asked without --root. */
static void test_host(VersionsFixture *fixture, gconstpointer data)
{
        HostRoot *root CLEANUP(host_root_freep) = NULL;
        char *database CLEANUP_FREE = temp_dir_path(&fixture->sample.dir, DATABASE);

        if (cannot_run())
                return;
        install_package(&fixture->sample);
        if (!own_mounts || mount(database, "/" DATABASE, "none", MS_BIND, NULL) != 0) {
                g_test_skip("a directory can't be mounted over /" DATABASE " here");
                return;
        }
        g_assert_cmpint(host_root_new("/", NULL, &root), ==, 0);
        assert_owner(root, OWNED, 1, "ice-driver");
        assert_owner(root, "/etc/passwd", 0, NULL);
        g_assert_cmpint(umount("/" DATABASE), ==, 0);
}

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
        own_mounts = own_mounts_enter();
#define TEST(name, function) \
        g_test_add("/rpm-owner/" name, VersionsFixture, NULL, versions_set_up, function, versions_tear_down)
        TEST("removal", test_removal);
        TEST("damaged", test_damaged);
        TEST("host", test_host);
        return g_test_run();
}
