/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Selections on a host whose initramfs holds the driver: a real generator, though a small one, in a chroot.
 */

#include <errno.h>
#include <glib/gstdio.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "disk-state.h"
#include "sample-changer.h"
#include "sample-initramfs.h"

#define MODULES "lib/modules/" SAMPLE_KERNEL "/"
#define OLD "1.11.17.1"
#define NEW "1.6.4"

/* Whether this process has a mount namespace of its own. */
static bool own_mounts;

typedef struct Fixture {
        SampleRoot sample;
        SampleChanger host;
        bool skipped;
} Fixture;

static void set_up(Fixture *fixture, gconstpointer data)
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

static void tear_down(Fixture *fixture, gconstpointer data)
{
        if (fixture->skipped)
                return;
        sample_initramfs_assert_clean(&fixture->sample);
        sample_changer_done(&fixture->host);
        sample_root_done(&fixture->sample);
}

/* A test of the fixture: not run where the fixture could not be made. */
typedef void (*Body)(Fixture *fixture);

typedef struct Test {
        const char *name;
        Body body;
} Test;

static void run_test(Fixture *fixture, gconstpointer data)
{
        if (!fixture->skipped)
                ((const Test *) data)->body(fixture);
}

static Job *start(Fixture *fixture, const char *driver, const char *version)
{
        StringSet ignore CLEANUP_STRING_SET = { 0 };
        ChangeTarget target = { driver, version };
        ChangeOptions options = { .ignore = &ignore };
        Refusal refusal CLEANUP_REFUSAL = { 0 };
        Job *job = NULL;

        g_assert_cmpint(string_set_add(&ignore, "no-hardware"), ==, 1);
        g_assert_cmpint(changer_change(fixture->host.changer, &target, 1, &options, 0, &job, &refusal), ==,
                        0);
        return job_ref(job);
}

static void select_version(Fixture *fixture, const char *driver, const char *version)
{
        Job *job CLEANUP(job_unrefp) = start(fixture, driver, version);

        sample_changer_run(&fixture->host);
        g_assert_cmpstr(job->error, ==, "");
        g_assert_cmpint(job->result, ==, JOB_RESULT_DONE);
}

static void test_rebuilt(Fixture *fixture)
{
        const Driver *ice;

        select_version(fixture, "ice", NEW);
        g_assert_cmpuint(sample_initramfs_take_runs(&fixture->sample), ==, 1);
        sample_initramfs_assert_holds(&fixture->sample, "ice", "xenserver/intel-ice/" NEW "/ice.ko");
        /* The facts know it at once, without reading the image again. */
        ice = sample_changer_driver(&fixture->host, "ice");
        g_assert_cmpstr(ice->releases[0].in_initramfs, ==, NEW);
        g_assert_cmpuint(ice->problems.count, ==, 0);
        /* What is right already is not built again. */
        select_version(fixture, "ice", NEW);
        g_assert_cmpuint(sample_initramfs_take_runs(&fixture->sample), ==, 0);
}

static void test_not_held(Fixture *fixture)
{
        select_version(fixture, "dell_laptop", "kernel");
        g_assert_cmpuint(sample_initramfs_take_runs(&fixture->sample), ==, 0);
}

static void test_listed(Fixture *fixture)
{
        sample_initramfs_init(&fixture->sample, "bnx2fc\n");
        sample_initramfs_build(&fixture->sample, SAMPLE_KERNEL);
        sample_initramfs_init(&fixture->sample, "bnx2fc\nice\n");
        temp_dir_write(&fixture->sample.dir, "etc/initramfs-tools/modules", "# network\nice debug=1\n");
        select_version(fixture, "ice", NEW);
        g_assert_cmpuint(sample_initramfs_take_runs(&fixture->sample), ==, 1);
        sample_initramfs_assert_holds(&fixture->sample, "ice", "xenserver/intel-ice/" NEW "/ice.ko");
}

static void test_deselected(Fixture *fixture)
{
        select_version(fixture, "ice", "");
        g_assert_cmpuint(sample_initramfs_take_runs(&fixture->sample), ==, 1);
        sample_initramfs_assert_blocked(&fixture->sample, "ice");
        select_version(fixture, "ice", OLD);
        g_assert_cmpuint(sample_initramfs_take_runs(&fixture->sample), ==, 1);
        sample_initramfs_assert_holds(&fixture->sample, "ice", "xenserver/intel-ice/" OLD "/ice.ko");
}

static void test_two_jobs_one_rebuild(Fixture *fixture)
{
        Job *first CLEANUP(job_unrefp) = start(fixture, "ice", NEW);
        Job *second CLEANUP(job_unrefp) = start(fixture, "bnx2fc", "2.12.13");

        sample_changer_run(&fixture->host);
        g_assert_cmpint(first->result, ==, JOB_RESULT_DONE);
        g_assert_cmpint(second->result, ==, JOB_RESULT_DONE);
        g_assert_cmpuint(sample_initramfs_take_runs(&fixture->sample), ==, 1);
        sample_initramfs_assert_holds(&fixture->sample, "ice", "xenserver/intel-ice/" NEW "/ice.ko");
        sample_initramfs_assert_holds(&fixture->sample, "bnx2fc", "xenserver/bnx2fc/2.12.13/bnx2fc.ko");
}

/* --- failures ---------------------------------------------------------------------------------------- */

/* What must be the same afterwards: selections, index, image. */
static char *take_state(const Fixture *fixture)
{
        g_autofree char *disk = disk_state(fixture->sample.dir.path);
        char *path = temp_dir_path(&fixture->sample.dir, SAMPLE_IMAGE);
        g_autofree char *data = NULL, *sum = NULL;
        gsize size;
        char *state;

        g_assert_true(g_file_get_contents(path, &data, &size, NULL));
        sum = g_compute_checksum_for_data(G_CHECKSUM_SHA256, (const guchar *) data, size);
        state = g_strdup_printf("%s\n%s\n", disk, sum);
        free(path);
        return state;
}

static void expect_failure(Fixture *fixture, const char *version, const char *words)
{
        g_autofree char *before = take_state(fixture), *after = NULL;
        Job *job CLEANUP(job_unrefp) = start(fixture, "ice", version);

        sample_changer_run(&fixture->host);
        g_test_message("%s", job->error);
        g_assert_cmpint(job->result, ==, JOB_RESULT_FAILED);
        g_assert_nonnull(strstr(job->error, words));
        g_assert_cmpuint(sample_changer_open_entries(&fixture->host), ==, 0);
        g_assert_cmpstr(sample_changer_driver(&fixture->host, "ice")->selected, ==, OLD);
        after = take_state(fixture);
        g_assert_cmpstr(before, ==, after);
}

static void expect_fault(Fixture *fixture, const char *fault, const char *version, const char *words)
{
        sample_initramfs_set_fault(&fixture->sample, fault);
        expect_failure(fixture, version, words);
        g_assert_cmpuint(sample_initramfs_take_runs(&fixture->sample), ==, 1);
        sample_initramfs_set_fault(&fixture->sample, "");
}

static void test_faults(Fixture *fixture)
{
        temp_dir_write(&fixture->sample.dir, "etc/small-generator/other",
                        "xenserver/intel-ice/" OLD "/ice.ko");
        expect_fault(fixture, "fail", NEW, "failed with exit status 3: There is no tape in the drive.");
        expect_fault(fixture, "nothing", NEW, "ended without an error, but wrote no initramfs");
        expect_fault(fixture, "lacks", NEW, "lacks ice");
        expect_fault(fixture, "other", NEW, "holds another version of ice than the selected one");
        expect_fault(fixture, "unblocked", "", "could load ice, which is deselected");
        /* And nothing of that stands in the way of the next one. */
        select_version(fixture, "ice", NEW);
        sample_initramfs_assert_holds(&fixture->sample, "ice", "xenserver/intel-ice/" NEW "/ice.ko");
}

static void test_hangs(Fixture *fixture)
{
        fixture->host.config.initramfs_timeout_sec = 1;
        expect_fault(fixture, "hang", NEW, "did not end within 1 s and was killed");
}

static void test_hook_fails(Fixture *fixture)
{
        sample_initramfs_add_hook(&fixture->sample,
                        "echo \"$1 $2\" >>/var/log/hooks\n"
                        "[ $(wc -l </var/log/hooks) != 1 ] || { echo 'The loader is full.' >&2; exit 9; }");
        temp_dir_write(&fixture->sample.dir, "var/log/hooks", "");
        expect_failure(fixture, NEW, "The loader is full.");
        {
                char *path = temp_dir_path(&fixture->sample.dir, "var/log/hooks");
                g_autofree char *text = NULL;

                /* Once for the new image, and once since the old one is back. */
                g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
                g_assert_cmpstr(text, ==,
                                SAMPLE_KERNEL " /" SAMPLE_IMAGE "\n" SAMPLE_KERNEL " /" SAMPLE_IMAGE "\n");
                free(path);
        }
        select_version(fixture, "ice", NEW);
        sample_initramfs_assert_holds(&fixture->sample, "ice", "xenserver/intel-ice/" NEW "/ice.ko");
}

/* Mounts a file system with OPTIONS on boot/. */
static bool mount_boot(const Fixture *fixture, const char *options)
{
        char *path = temp_dir_path(&fixture->sample.dir, "boot");
        bool mounted = own_mounts && mount("tmpfs", path, "tmpfs", 0, options) == 0;

        free(path);
        if (mounted)
                sample_initramfs_build(&fixture->sample, SAMPLE_KERNEL);
        else
                g_test_skip("mounting is not allowed here");
        return mounted;
}

static void unmount_boot(const Fixture *fixture)
{
        char *path = temp_dir_path(&fixture->sample.dir, "boot");

        sample_initramfs_assert_clean(&fixture->sample);
        g_assert_cmpint(umount(path), ==, 0);
        free(path);
}

static void test_no_space(Fixture *fixture)
{
        if (!mount_boot(fixture, "size=512k"))
                return;
        expect_failure(fixture, NEW, "KiB of free space, but the new initramfs");
        g_assert_cmpuint(sample_initramfs_take_runs(&fixture->sample), ==, 0);
        unmount_boot(fixture);
}

/* It can't be rebuilt, and the driver's problem says so. */
static void test_read_only(Fixture *fixture)
{
        char *path = temp_dir_path(&fixture->sample.dir, "boot");

        if (mount_boot(fixture, "size=64m")) {
                g_assert_cmpint(mount(NULL, path, "none", MS_REMOUNT | MS_RDONLY, NULL), ==, 0);
                select_version(fixture, "ice", NEW);
                g_assert_cmpuint(sample_initramfs_take_runs(&fixture->sample), ==, 0);
                sample_initramfs_assert_holds(&fixture->sample, "ice", "updates/ice.ko");
                unmount_boot(fixture);
        }
        free(path);
}

static void test_no_generator(Fixture *fixture)
{
        char *path = temp_dir_path(&fixture->sample.dir, "usr/sbin/mkinitramfs");

        g_assert_cmpint(g_unlink(path), ==, 0);
        select_version(fixture, "ice", NEW);
        sample_initramfs_assert_holds(&fixture->sample, "ice", "updates/ice.ko");
        free(path);
}

/* --- canceling and crashes --------------------------------------------------------------------------- */

static void run_until_building(Fixture *fixture, const Job *job)
{
        while (strcmp(job->step, "initramfs") != 0)
                g_assert_cmpint(sd_event_run(fixture->host.event, UINT64_MAX), >=, 0);
}

static void test_canceled(Fixture *fixture)
{
        g_autofree char *before = take_state(fixture), *after = NULL;
        Refusal refusal CLEANUP_REFUSAL = { 0 };
        Job *job CLEANUP(job_unrefp) = NULL;

        sample_initramfs_set_fault(&fixture->sample, "hang");
        job = start(fixture, "ice", NEW);
        run_until_building(fixture, job);
        g_assert_true(job->cancelable);
        g_assert_cmpint(changer_cancel(fixture->host.changer, job, &refusal), ==, 0);
        sample_changer_run(&fixture->host);
        g_assert_cmpint(job->result, ==, JOB_RESULT_CANCELED);
        after = take_state(fixture);
        g_assert_cmpstr(before, ==, after);
}

/* The other one gets its image, which is begun anew. */
static void test_one_of_two_canceled(Fixture *fixture)
{
        Refusal refusal CLEANUP_REFUSAL = { 0 };
        Job *first CLEANUP(job_unrefp) = NULL, *second CLEANUP(job_unrefp) = NULL;

        sample_initramfs_set_fault(&fixture->sample, "hang-once");
        first = start(fixture, "ice", NEW);
        second = start(fixture, "bnx2fc", "2.12.13");
        run_until_building(fixture, first);
        /* The generator has to be that far that it will not hang again. */
        while (sample_initramfs_has_fault(&fixture->sample))
                g_assert_cmpint(sd_event_run(fixture->host.event, 1000), >=, 0);
        g_assert_cmpint(changer_cancel(fixture->host.changer, first, &refusal), ==, 0);
        sample_changer_run(&fixture->host);
        g_assert_cmpint(first->result, ==, JOB_RESULT_CANCELED);
        g_assert_cmpint(second->result, ==, JOB_RESULT_DONE);
        sample_initramfs_assert_holds(&fixture->sample, "ice", "updates/ice.ko");
        sample_initramfs_assert_holds(&fixture->sample, "bnx2fc", "xenserver/bnx2fc/2.12.13/bnx2fc.ko");
}

/* The service dies while it builds; the next one finishes it, and removes what was left. */
static void test_crash(Fixture *fixture)
{
        Job *job CLEANUP(job_unrefp) = NULL;

        sample_initramfs_set_fault(&fixture->sample, "hang");
        job = start(fixture, "ice", NEW);
        run_until_building(fixture, job);
        sample_changer_done(&fixture->host);
        sample_initramfs_set_fault(&fixture->sample, "");
        temp_dir_write(&fixture->sample.dir, "boot/.hostdriver-0123456789abcdef", "half an image");
        sample_changer_init(&fixture->host, fixture->sample.dir.path, SAMPLE_KERNEL);
        g_assert_cmpint(changer_recover(fixture->host.changer), ==, 0);
        sample_initramfs_assert_clean(&fixture->sample);
        sample_changer_run(&fixture->host);
        g_assert_cmpint(fixture->host.last_result, ==, JOB_RESULT_DONE);
        sample_initramfs_assert_holds(&fixture->sample, "ice", "xenserver/intel-ice/" NEW "/ice.ko");
}

int main(int argc, char **argv)
{
        static const Test tests[] = {
                { "rebuilt", test_rebuilt },
                { "not-held", test_not_held },
                { "listed", test_listed },
                { "deselected", test_deselected },
                { "two-jobs-one-rebuild", test_two_jobs_one_rebuild },
                { "faults", test_faults },
                { "hangs", test_hangs },
                { "hook-fails", test_hook_fails },
                { "no-space", test_no_space },
                { "read-only", test_read_only },
                { "no-generator", test_no_generator },
                { "canceled", test_canceled },
                { "one-of-two-canceled", test_one_of_two_canceled },
                { "crash", test_crash },
        };

        g_test_init(&argc, &argv, NULL);
        /* Before any directory is opened: a descriptor stays in the namespace that it is of. */
        own_mounts = unshare(CLONE_NEWNS) == 0 && mount(NULL, "/", "none", MS_REC | MS_PRIVATE, NULL) == 0;
        for (size_t i = 0; i < G_N_ELEMENTS(tests); i++) {
                g_autofree char *path = g_strdup_printf("/initramfs-rebuild/%s", tests[i].name);

                g_test_add(path, Fixture, &tests[i], set_up, run_test, tear_down);
        }
        return g_test_run();
}
