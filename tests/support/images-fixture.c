/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Selects versions on a host with an initramfs. */

#include "images-fixture.h"

#include <string.h>
#include <sys/mount.h>

#include "disk-state.h"
#include "own-mounts.h"

static bool own_mounts;

bool images_own_mounts(void)
{
        return own_mounts;
}

/* --- the tests of a program -------------------------------------------------------------------------- */

static void set_up(ImagesFixture *fixture, gconstpointer data)
{
        const char *obstacle = sample_initramfs_obstacle();

        fixture->skipped = obstacle;
        if (obstacle) {
                g_test_skip(obstacle);
                return;
        }
        sample_root_init_xenserver(&fixture->sample);
        sample_initramfs_init(&fixture->sample, "ice\nbnx2fc\n");
        sample_initramfs_build(&fixture->sample, SAMPLE_KERNEL);
        sample_changer_init(&fixture->host, fixture->sample.dir.path, SAMPLE_KERNEL);
}

static void tear_down(ImagesFixture *fixture, gconstpointer data)
{
        if (fixture->skipped)
                return;
        sample_initramfs_assert_clean(&fixture->sample);
        sample_changer_done(&fixture->host);
        sample_root_done(&fixture->sample);
}

/* A test of the fixture: not run where the fixture could not be made. */
static void run_test(ImagesFixture *fixture, gconstpointer data)
{
        if (!fixture->skipped)
                ((const ImagesTest *) data)->body(fixture);
}

int images_main(int argc, char **argv, const char *group, const ImagesTest *tests, size_t count)
{
        g_test_init(&argc, &argv, NULL);
        own_mounts = own_mounts_enter();
        for (size_t i = 0; i < count; i++) {
                g_autofree char *path = g_strdup_printf("/%s/%s", group, tests[i].name);

                g_test_add(path, ImagesFixture, &tests[i], set_up, run_test, tear_down);
        }
        return g_test_run();
}

/* --- selecting --------------------------------------------------------------------------------------- */

Job *images_start(ImagesFixture *fixture, const char *driver, const char *version)
{
        StringSet ignore CLEANUP_STRING_SET = { 0 };
        ChangeTarget target = { driver, version };
        Request options = { .ignore = &ignore };
        Refusal refusal CLEANUP_REFUSAL = { 0 };
        Job *job = NULL;
        int r;

        g_assert_cmpint(string_set_add(&ignore, "no-hardware"), ==, 1);
        r = sample_changer_change(&fixture->host, &target, 1, &options, 0, &job, &refusal);
        g_assert_cmpstr(refusal.sentence, ==, NULL);
        g_assert_cmpint(r, ==, 0);
        return job_ref(job);
}

void images_select(ImagesFixture *fixture, const char *driver, const char *version)
{
        Job *job CLEANUP(job_unrefp) = images_start(fixture, driver, version);

        sample_changer_run(&fixture->host);
        g_assert_cmpstr(job->error, ==, "");
        g_assert_cmpint(job->result, ==, JOB_RESULT_DONE);
}

char *images_fail(ImagesFixture *fixture, const char *version, const char *words)
{
        Job *job CLEANUP(job_unrefp) = images_start(fixture, "ice", version);

        sample_changer_run(&fixture->host);
        g_test_message("%s", job->error);
        g_assert_cmpint(job->result, ==, JOB_RESULT_FAILED);
        g_assert_nonnull(strstr(job->error, words));
        g_assert_cmpuint(sample_changer_open_entries(&fixture->host), ==, 0);
        g_assert_cmpstr(sample_changer_driver(&fixture->host, "ice")->selected, ==, IMAGES_OLD);
        return g_strdup(job->error);
}

void images_add_version(ImagesFixture *fixture, ModuleSpec *spec)
{
        static const char *const aliases[] = { "pci:*", NULL };

        spec->version = "1.12";
        spec->aliases = aliases;
        sample_root_add_module_spec(
                        &fixture->sample, SAMPLE_KERNEL, "xenserver/intel-ice/1.12/ice.ko", spec);
        sample_root_depmod(&fixture->sample, SAMPLE_KERNEL);
        sample_changer_refresh(&fixture->host);
}

char *images_sum(const ImagesFixture *fixture, const char *path)
{
        char *absolute = temp_dir_path(&fixture->sample.dir, path);
        g_autofree char *data = NULL;
        gsize size;

        g_assert_true(g_file_get_contents(absolute, &data, &size, NULL));
        free(absolute);
        return g_compute_checksum_for_data(G_CHECKSUM_SHA256, (const guchar *) data, size);
}

char *images_state(const ImagesFixture *fixture)
{
        g_autofree char *disk = disk_state(fixture->sample.dir.path);
        g_autofree char *sum = images_sum(fixture, SAMPLE_IMAGE);

        return g_strdup_printf("%s\n%s\n", disk, sum);
}

/* --- mounts ------------------------------------------------------------------------------------------ */

bool images_mount(const ImagesFixture *fixture, const char *where, const char *options)
{
        char *path = temp_dir_path(&fixture->sample.dir, where);
        bool mounted = own_mounts && mount("tmpfs", path, "tmpfs", 0, options) == 0;

        if (!mounted)
                g_test_skip("mounting is not allowed here");
        free(path);
        return mounted;
}

void images_unmount(const ImagesFixture *fixture, const char *where)
{
        char *path = temp_dir_path(&fixture->sample.dir, where);

        g_assert_cmpint(umount(path), ==, 0);
        free(path);
}

bool images_mount_boot(const ImagesFixture *fixture, const char *options)
{
        bool mounted = images_mount(fixture, "boot", options);

        if (mounted)
                sample_initramfs_build(&fixture->sample, SAMPLE_KERNEL);
        return mounted;
}

void images_remount_boot(const ImagesFixture *fixture, bool read_only)
{
        char *path = temp_dir_path(&fixture->sample.dir, "boot");

        g_assert_cmpint(mount(NULL, path, "none", MS_REMOUNT | (read_only ? MS_RDONLY : 0), NULL), ==, 0);
        free(path);
}

void images_unmount_boot(const ImagesFixture *fixture)
{
        sample_initramfs_assert_clean(&fixture->sample);
        images_unmount(fixture, "boot");
}
