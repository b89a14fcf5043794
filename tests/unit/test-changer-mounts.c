/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Versions that come and go where something is mounted, and where no room is left. */

#include <errno.h>
#include <string.h>
#include <sys/mount.h>

#include "change/parts/version-aside.h"
#include "change/recovery.h"
#include "own-mounts.h"
#include "versions-fixture.h"

#define INCOMING                             \
        (const char *[])                     \
        {                                    \
                "lib/incoming/bnx2.ko", NULL \
        }

static bool own_mounts;

/* --- mounts ---------------------------------------------------------------------------------------------
 */

static void run(const char *command, const char *from, const char *to)
{
        const char *const argv[] = { command, "-a", from, to, NULL };

        g_assert_true(g_spawn_sync(NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL,
                        NULL, NULL));
}

/* Mounts a tmpfs at PATH, with what is there. False: skipped. */
static bool mount_over(const VersionsFixture *fixture, const char *path, const char *options)
{
        g_autofree char *target = g_build_filename(fixture->sample.dir.path, path, NULL);
        g_autofree char *copy = g_build_filename(fixture->sample.dir.path, "copy", NULL);
        g_autofree char *content = g_build_filename(copy, ".", NULL);

        run("cp", target, copy);
        if (!own_mounts || mount("tmpfs", target, "tmpfs", 0, options) < 0) {
                g_test_skip("mounting is not allowed here");
                return false;
        }
        run("cp", content, target);
        return true;
}

/* A mount of what is there already, which rename(2) doesn't lead into either. */
static bool mount_itself(const VersionsFixture *fixture, const char *path)
{
        g_autofree char *target = g_build_filename(fixture->sample.dir.path, path, NULL);

        if (own_mounts && mount(target, target, "none", MS_BIND, NULL) == 0)
                return true;
        g_test_skip("mounting is not allowed here");
        return false;
}

static void tear_down(VersionsFixture *fixture, gconstpointer data)
{
        static const char *const paths[] = { TREE "/intel-ice/1.11", TREE, MODULES };

        for (size_t i = 0; i < G_N_ELEMENTS(paths); i++) {
                g_autofree char *path = g_build_filename(fixture->sample.dir.path, paths[i], NULL);

                (void) umount2(path, MNT_DETACH);
        }
        if (fixture->host.changer)
                versions_tear_down(fixture, data);
        else
                sample_root_done(&fixture->sample);
}

static void assert_in(const VersionsFixture *fixture, const char *path)
{
        g_autofree char *directory = g_build_filename(fixture->sample.dir.path, path, NULL);
        g_autoptr(GDir) dir = g_dir_open(directory, 0, NULL);

        for (const char *name; (name = g_dir_read_name(dir));)
                g_assert_false(g_str_has_prefix(name, ".hostdriver-"));
}

/* In neither place. */
static void assert_nothing_aside(const VersionsFixture *fixture)
{
        assert_in(fixture, "lib/modules");
        assert_in(fixture, MODULES);
}

/* What must be in the index, and what must not. */
static void assert_index(const VersionsFixture *fixture, const char *there, const char *absent)
{
        g_autofree char *path = g_build_filename(fixture->sample.dir.path, MODULES "/modules.dep", NULL);
        g_autofree char *index = NULL;

        g_assert_true(g_file_get_contents(path, &index, NULL, NULL));
        g_assert_nonnull(strstr(index, there));
        g_assert_null(strstr(index, absent));
}

static void start(VersionsFixture *fixture)
{
        versions_add_incoming(fixture, "bnx2.ko", VERSIONS_MAGIC);
        versions_start(fixture);
}

static void refuse_import(VersionsFixture *fixture, RefusalKind kind, const char *words)
{
        Refusal refusal CLEANUP_REFUSAL = { 0 };
        g_autofree char *before = versions_state_of(fixture), *after = NULL;

        g_assert_cmpint(versions_import(fixture, INCOMING, &refusal), ==, -ECANCELED);
        g_test_message("%s", refusal.sentence);
        g_assert_cmpint(refusal.kind, ==, kind);
        g_assert_nonnull(strstr(refusal.sentence, words));
        after = versions_state_of(fixture);
        g_assert_cmpstr(before, ==, after);
        assert_nothing_aside(fixture);
}

/* --- tests ----------------------------------------------------------------------------------------------
 */

static void come_and_go(VersionsFixture *fixture)
{
        Refusal refusal CLEANUP_REFUSAL = { 0 };

        g_assert_cmpint(versions_import(fixture, INCOMING, &refusal), ==, 0);
        g_assert_cmpstr(fixture->host.last_error, ==, "");
        g_assert_true(versions_is_there(fixture, TREE "/bnx2/5.7/bnx2.ko"));
        g_assert_nonnull(sample_changer_driver(&fixture->host, "bnx2"));
        assert_nothing_aside(fixture);
        versions_change(fixture, versions_plan_removal, "ice 1.11");
        g_assert_false(versions_is_there(fixture, TREE "/intel-ice/1.11"));
        assert_nothing_aside(fixture);
        assert_index(fixture, "xenserver/bnx2/5.7/bnx2.ko:", ".hostdriver-");
}

static void test_mounted(VersionsFixture *fixture, gconstpointer data)
{
        if (!mount_over(fixture, MODULES, NULL))
                return;
        start(fixture);
        come_and_go(fixture);
}

static void test_bind_mounted(VersionsFixture *fixture, gconstpointer data)
{
        if (!mount_itself(fixture, MODULES))
                return;
        start(fixture);
        come_and_go(fixture);
}

/* depmod fails when the version is aside. */
static void test_taken_back(VersionsFixture *fixture, gconstpointer data)
{
        if (!mount_over(fixture, MODULES, NULL))
                return;
        start(fixture);
        versions_fail_removal(fixture);
        assert_nothing_aside(fixture);
}

/* What a crash left, which depmod passes over until then. */
static void test_sweep(VersionsFixture *fixture, gconstpointer data)
{
        static const char aside[] = ".hostdriver-0123456789abcdef-0";
        const PlanDirectory directory = {
                .release = (char *) SAMPLE_KERNEL, .aside = (char *) aside, .inside = true
        };
        g_autofree char *path = NULL;
        const char *name;
        int fd CLEANUP_FD = -1;

        if (!mount_over(fixture, MODULES, NULL))
                return;
        start(fixture);
        fd = version_aside_open(fixture->host.root, &directory, true, &name);
        g_assert_cmpint(fd, >=, 0);
        path = g_build_filename(aside, name, "bnx2.ko", NULL);
        sample_root_add_module(&fixture->sample, SAMPLE_KERNEL, path, "5.7");
        sample_root_depmod(&fixture->sample, SAMPLE_KERNEL);
        assert_index(fixture, "updates/ice.ko:", "bnx2");
        g_assert_cmpint(recovery_run(fixture->host.changer), ==, 0);
        assert_nothing_aside(fixture);
        g_assert_true(versions_is_there(fixture, TREE "/intel-ice/1.11"));
}

static void test_tree_mounted(VersionsFixture *fixture, gconstpointer data)
{
        if (!mount_over(fixture, TREE, NULL))
                return;
        start(fixture);
        refuse_import(fixture, REFUSAL_NOT_SUPPORTED, "by hand");
        versions_refuse_change(
                        fixture, versions_plan_removal, "ice 1.11", REFUSAL_NOT_SUPPORTED, "Unmount it");
}

static void test_version_mounted(VersionsFixture *fixture, gconstpointer data)
{
        if (!mount_over(fixture, TREE "/intel-ice/1.11", NULL))
                return;
        start(fixture);
        versions_refuse_change(
                        fixture, versions_plan_removal, "ice 1.11", REFUSAL_NOT_SUPPORTED, "Unmount it");
}

/* What isn't listed, since no module lies in it, is there all the same. */
static void test_place_taken(VersionsFixture *fixture, gconstpointer data)
{
        temp_dir_mkdir(&fixture->sample.dir, TREE "/bnx2/5.7");
        start(fixture);
        refuse_import(fixture, REFUSAL_CONFLICT, TREE "/bnx2/5.7 is there already");
        g_assert_true(versions_is_there(fixture, TREE "/bnx2/5.7"));
}

static void test_no_room(VersionsFixture *fixture, gconstpointer data)
{
        Refusal refusal CLEANUP_REFUSAL = { 0 };
        g_autofree char *file = g_build_filename(fixture->sample.dir.path, "lib/incoming/bnx2.ko", NULL);
        g_autofree char *before = NULL, *after = NULL;

        if (!mount_over(fixture, MODULES, "size=4m"))
                return;
        start(fixture);
        g_assert_cmpint(truncate(file, 5 * 1024 * 1024), ==, 0);
        refuse_import(fixture, REFUSAL_FAILED, "/" MODULES " has ");
        /* Whoever knows better may try. */
        g_assert_cmpint(string_set_add(&fixture->ignore, "no-space"), ==, 1);
        before = versions_state_of(fixture);
        g_assert_cmpint(versions_import(fixture, INCOMING, &refusal), ==, 0);
        g_assert_cmpint(fixture->host.last_result, ==, JOB_RESULT_FAILED);
        g_assert_nonnull(strstr(fixture->host.last_error, "No space left"));
        after = versions_state_of(fixture);
        g_assert_cmpstr(before, ==, after);
        assert_nothing_aside(fixture);
        versions_assert_history(fixture, "import bnx2 " SAMPLE_KERNEL " '' '5.7' failed");
}

/* Where the copy for depmod would be made, nothing can be. What lies there already is left in its place. */
static bool make_tmp_read_only(const VersionsFixture *fixture)
{
        const char *path = fixture->sample.dir.path;
        g_autofree char *source = g_strdup_printf("/proc/self/fd/%d", fixture->sample.dir.fd);

        if (!own_mounts || mount("tmpfs", "/tmp", "tmpfs", 0, "size=64k") < 0) {
                g_test_skip("mounting is not allowed here");
                return false;
        }
        if (g_str_has_prefix(path, "/tmp/")) {
                g_assert_cmpint(g_mkdir_with_parents(path, 0700), ==, 0);
                g_assert_cmpint(mount(source, path, "none", MS_BIND, NULL), ==, 0);
        }
        g_assert_cmpint(mount("none", "/tmp", "none", MS_REMOUNT | MS_RDONLY, NULL), ==, 0);
        return true;
}

/* It is said what can't be found out, and why; the error alone would seem to be one of the module file. */
static void test_no_stage(VersionsFixture *fixture, gconstpointer data)
{
        sample_root_add_module(&fixture->sample, SAMPLE_KERNEL, "updates/tg3.ko", "3.137");
        versions_start(fixture);
        if (!make_tmp_read_only(fixture))
                return;
        versions_refuse_adopt(fixture, "tg3", " no directory can be made there: Read-only file system. ");
        g_assert_cmpint(umount2("/tmp", MNT_DETACH), ==, 0);
        versions_adopt(fixture, "tg3");
}

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
        own_mounts = own_mounts_enter();
#define ADD(name, function) \
        g_test_add("/changer-mounts/" name, VersionsFixture, NULL, versions_set_up, function, tear_down)
        ADD("mounted", test_mounted);
        ADD("bind-mounted", test_bind_mounted);
        ADD("taken-back", test_taken_back);
        ADD("sweep", test_sweep);
        ADD("tree-mounted", test_tree_mounted);
        ADD("version-mounted", test_version_mounted);
        ADD("place-taken", test_place_taken);
        ADD("no-room", test_no_room);
        ADD("no-stage", test_no_stage);
        return g_test_run();
}
