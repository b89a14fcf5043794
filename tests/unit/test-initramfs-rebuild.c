/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Selections on a host whose initramfs holds the driver: a real generator, though a small one, in a chroot.
 */

#include <string.h>

#include "change/initramfs/initramfs-rebuild.h"
#include "change/recovery.h"
#include "images-fixture.h"

static void test_rebuilt(ImagesFixture *fixture)
{
        const Driver *ice;

        images_select(fixture, "ice", IMAGES_NEW);
        g_assert_cmpuint(sample_initramfs_take_runs(&fixture->sample), ==, 1);
        sample_initramfs_assert_holds(&fixture->sample, "ice", "xenserver/intel-ice/" IMAGES_NEW "/ice.ko");
        /* The facts know it at once, without reading the image again. */
        ice = sample_changer_driver(&fixture->host, "ice");
        g_assert_cmpstr(ice->releases[0].in_initramfs, ==, IMAGES_NEW);
        g_assert_cmpuint(ice->problems.count, ==, 0);
        /* What is right already is not built again. */
        images_select(fixture, "ice", IMAGES_NEW);
        g_assert_cmpuint(sample_initramfs_take_runs(&fixture->sample), ==, 0);
}

static Job *start_dry_run(ImagesFixture *fixture, const char *driver, const char *version)
{
        ChangeTarget target = { driver, version };
        StringSet ignore CLEANUP_STRING_SET = { 0 };
        Request options = { .ignore = &ignore, .dry_run = true };
        Refusal refusal CLEANUP_REFUSAL = { 0 };
        Job *job = NULL;

        g_assert_cmpint(string_set_add(&ignore, "no-hardware"), ==, 1);
        g_assert_cmpint(sample_changer_change(&fixture->host, &target, 1, &options, 0, &job, &refusal), ==,
                        0);
        return job_ref(job);
}

/* The image that a dry run names, or "". */
static const char *foreseen(const Job *job)
{
        g_assert_cmpint(job->result, ==, JOB_RESULT_DONE);
        g_assert_cmpuint(job->foreseen.count, <=, 1);
        return job->foreseen.count == 1 ? job->foreseen.items[0] : "";
}

/* What the image holds isn't known at first, so that the job takes its time; then it is done at once. */
static void test_dry_run(ImagesFixture *fixture)
{
        g_autofree char *before = images_state(fixture), *after = NULL;
        Job *first = start_dry_run(fixture, "ice", IMAGES_NEW), *job;

        g_assert_cmpint(first->state, ==, JOB_RUNNING);
        /* It is in nobody's way. */
        g_assert_null(changer_job_of(fixture->host.changer, "ice"));
        sample_changer_run(&fixture->host);
        g_assert_cmpstr(foreseen(first), ==, "/" SAMPLE_IMAGE);
        (void) job_unref(first);
        job = start_dry_run(fixture, "dell_laptop", "kernel");
        sample_changer_run(&fixture->host);
        g_assert_cmpstr(foreseen(job), ==, "");
        (void) job_unref(job);
        after = images_state(fixture);
        g_assert_cmpstr(before, ==, after);
        g_assert_cmpuint(sample_initramfs_take_runs(&fixture->sample), ==, 0);

        images_select(fixture, "ice", IMAGES_NEW);
        job = start_dry_run(fixture, "ice", IMAGES_NEW);
        g_assert_cmpstr(foreseen(job), ==, "");
        (void) job_unref(job);
        job = start_dry_run(fixture, "ice", "");
        g_assert_cmpstr(foreseen(job), ==, "/" SAMPLE_IMAGE);
        (void) job_unref(job);
}

static void on_stopped(void *userdata)
{
        g_assert_cmpint(sd_event_exit(((SampleChanger *) userdata)->event, 0), >=, 0);
}

/* The end of the service doesn't wait for an image that is read. */
static void test_dry_run_stopped(ImagesFixture *fixture)
{
        Job *job = start_dry_run(fixture, "ice", IMAGES_NEW);

        g_assert_cmpint(changer_stop(fixture->host.changer, on_stopped, &fixture->host), >=, 0);
        g_assert_cmpint(sd_event_loop(fixture->host.event), ==, 0);
        g_assert_cmpint(job->result, ==, JOB_RESULT_FAILED);
        (void) job_unref(job);
}

static void test_not_held(ImagesFixture *fixture)
{
        images_select(fixture, "dell_laptop", "kernel");
        g_assert_cmpuint(sample_initramfs_take_runs(&fixture->sample), ==, 0);
}

static void test_listed(ImagesFixture *fixture)
{
        sample_initramfs_init(&fixture->sample, "bnx2fc\n");
        sample_initramfs_build(&fixture->sample, SAMPLE_KERNEL);
        sample_initramfs_init(&fixture->sample, "bnx2fc\nice\n");
        temp_dir_write(&fixture->sample.dir, "etc/initramfs-tools/modules", "# network\nice debug=1\n");
        images_select(fixture, "ice", IMAGES_NEW);
        g_assert_cmpuint(sample_initramfs_take_runs(&fixture->sample), ==, 1);
        sample_initramfs_assert_holds(&fixture->sample, "ice", "xenserver/intel-ice/" IMAGES_NEW "/ice.ko");
}

static void test_deselected(ImagesFixture *fixture)
{
        images_select(fixture, "ice", "");
        g_assert_cmpuint(sample_initramfs_take_runs(&fixture->sample), ==, 1);
        sample_initramfs_assert_blocked(&fixture->sample, "ice");
        images_select(fixture, "ice", IMAGES_OLD);
        g_assert_cmpuint(sample_initramfs_take_runs(&fixture->sample), ==, 1);
        sample_initramfs_assert_holds(&fixture->sample, "ice", "xenserver/intel-ice/" IMAGES_OLD "/ice.ko");
}

/* update-initramfs.conf(5): the image that was booted stays beside the new ones. */
static void test_backup(ImagesFixture *fixture)
{
        g_autofree char *before = images_sum(fixture, SAMPLE_IMAGE), *after = NULL, *later = NULL;

        temp_dir_write(&fixture->sample.dir, "etc/initramfs-tools/update-initramfs.conf",
                        "update_initramfs=yes\nbackup_initramfs=no\nbackup_initramfs=yes\n");
        images_select(fixture, "ice", IMAGES_NEW);
        after = images_sum(fixture, SAMPLE_IMAGE ".bak");
        g_assert_cmpstr(before, ==, after);
        images_select(fixture, "ice", "kernel");
        later = images_sum(fixture, SAMPLE_IMAGE ".bak");
        g_assert_cmpstr(before, ==, later);
        sample_initramfs_remove(&fixture->sample, SAMPLE_IMAGE ".bak");

        temp_dir_write(&fixture->sample.dir, "etc/initramfs-tools/update-initramfs.conf",
                        "backup_initramfs=no\n");
        images_select(fixture, "ice", IMAGES_OLD);
        g_assert_false(sample_initramfs_exists(&fixture->sample, SAMPLE_IMAGE ".bak"));
}

static void test_two_jobs_one_rebuild(ImagesFixture *fixture)
{
        Job *first CLEANUP(job_unrefp) = images_start(fixture, "ice", IMAGES_NEW);
        Job *second CLEANUP(job_unrefp) = images_start(fixture, "bnx2fc", "2.12.13");

        sample_changer_run(&fixture->host);
        g_assert_cmpint(first->result, ==, JOB_RESULT_DONE);
        g_assert_cmpint(second->result, ==, JOB_RESULT_DONE);
        g_assert_cmpuint(sample_initramfs_take_runs(&fixture->sample), ==, 1);
        sample_initramfs_assert_holds(&fixture->sample, "ice", "xenserver/intel-ice/" IMAGES_NEW "/ice.ko");
        sample_initramfs_assert_holds(&fixture->sample, "bnx2fc", "xenserver/bnx2fc/2.12.13/bnx2fc.ko");
}

/* --- alone ------------------------------------------------------------------------------------------- */

typedef struct Rebuild {
        ImagesFixture *fixture;
        GString *log;
} Rebuild;

static const Facts *get_facts(void *userdata)
{
        return ((Rebuild *) userdata)->fixture->host.facts;
}

static void on_image(void *userdata, InitramfsImage *image)
{
        g_string_append_printf(((Rebuild *) userdata)->log, "%s ", image->release);
}

static void on_progress(void *userdata, const char *tool, double from, double to)
{
        g_string_append_printf(((Rebuild *) userdata)->log, "%s %g-%g ", tool, from, to);
}

static void on_commit(void *userdata)
{
        g_string_append(((Rebuild *) userdata)->log, "commit ");
}

static void on_done(void *userdata, StageOutcome outcome, const char *failure)
{
        Rebuild *rebuild = userdata;

        g_assert_cmpint(outcome, ==, STAGE_DONE);
        g_assert_cmpint(sd_event_exit(rebuild->fixture->host.event, 0), >=, 0);
}

/* What a rebuild of two images tells. */
static void test_two_images(ImagesFixture *fixture)
{
        Rebuild told = { .fixture = fixture, .log = g_string_new(NULL) };
        const StageHost host = { .event = fixture->host.event,
                .root = fixture->host.root,
                .config = &fixture->host.config,
                .facts = get_facts,
                .image = on_image,
                .userdata = &told };
        const StageObserver observer = { on_progress, on_commit, on_done, &told };
        RebuildRequests requests CLEANUP(rebuild_requests_done) = { 0 };
        StringSet releases CLEANUP_STRING_SET = { 0 }, modules CLEANUP_STRING_SET = { 0 };
        InitramfsRebuild *rebuild = NULL;

        sample_root_add_module(&fixture->sample, "6.1.0", "kernel/ice.ko", "1");
        sample_root_add_module(&fixture->sample, "6.1.0", "kernel/bnx2fc.ko", "1");
        sample_root_depmod(&fixture->sample, "6.1.0");
        sample_initramfs_build(&fixture->sample, "6.1.0");
        sample_changer_refresh(&fixture->host);
        g_assert_cmpint(string_set_add(&releases, SAMPLE_KERNEL), ==, 1);
        g_assert_cmpint(string_set_add(&releases, "6.1.0"), ==, 1);
        g_assert_cmpint(string_set_add(&modules, "ice"), ==, 1);
        g_assert_cmpint(rebuild_requests_add_all(&requests, &releases, &modules, true), ==, 0);
        g_assert_cmpint(initramfs_rebuild_start(&host, &requests, &observer, &rebuild), ==, 0);
        g_assert_cmpint(sd_event_loop(host.event), ==, 0);
        (void) initramfs_rebuild_free(rebuild);
        g_assert_cmpstr(told.log->str, ==,
                        "initramfs-tools 0-0.5 initramfs-tools 0.5-1 commit " SAMPLE_KERNEL " 6.1.0 ");
        (void) g_string_free(told.log, TRUE);
}

/* --- failures ---------------------------------------------------------------------------------------- */

/* Everything is as it was before. */
static void expect_failure(ImagesFixture *fixture, const char *version, const char *words)
{
        g_autofree char *before = images_state(fixture), *after = NULL;

        g_free(images_fail(fixture, version, words));
        after = images_state(fixture);
        g_assert_cmpstr(before, ==, after);
}

static void expect_fault(ImagesFixture *fixture, const char *fault, const char *version, const char *words)
{
        sample_initramfs_set_fault(&fixture->sample, fault);
        expect_failure(fixture, version, words);
        g_assert_cmpuint(sample_initramfs_take_runs(&fixture->sample), ==, 1);
        sample_initramfs_set_fault(&fixture->sample, "");
}

static void test_faults(ImagesFixture *fixture)
{
        temp_dir_write(&fixture->sample.dir, "etc/small-generator/other",
                        "xenserver/intel-ice/" IMAGES_OLD "/ice.ko");
        expect_fault(fixture, "fail", IMAGES_NEW,
                        "failed with exit status 3: There is no tape in the drive.");
        expect_fault(fixture, "nothing", IMAGES_NEW, "ended without an error, but wrote no initramfs");
        expect_fault(fixture, "lacks", IMAGES_NEW, "lacks ice");
        expect_fault(fixture, "other", IMAGES_NEW, "holds another version of ice than the selected one");
        expect_fault(fixture, "unblocked", "", "could load ice, which is deselected");
        /* And nothing of that stands in the way of the next one. */
        images_select(fixture, "ice", IMAGES_NEW);
        sample_initramfs_assert_holds(&fixture->sample, "ice", "xenserver/intel-ice/" IMAGES_NEW "/ice.ko");
}

static void test_hangs(ImagesFixture *fixture)
{
        fixture->host.config.initramfs_timeout_sec = 1;
        expect_fault(fixture, "hang", IMAGES_NEW, "did not end within 1 s and was killed");
}

static void test_hook_fails(ImagesFixture *fixture)
{
        sample_initramfs_add_hook(&fixture->sample,
                        "echo \"$1 $2\" >>/var/log/hooks\n"
                        "[ $(busybox wc -l </var/log/hooks) != 1 ] || { echo 'The loader is full.' >&2; exit 9; }");
        temp_dir_write(&fixture->sample.dir, "var/log/hooks", "");
        expect_failure(fixture, IMAGES_NEW, "The loader is full.");
        {
                char *path = temp_dir_path(&fixture->sample.dir, "var/log/hooks");
                g_autofree char *text = NULL;

                /* Once for the new image, and once since the old one is back. */
                g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
                g_assert_cmpstr(text, ==,
                                SAMPLE_KERNEL " /" SAMPLE_IMAGE "\n" SAMPLE_KERNEL " /" SAMPLE_IMAGE "\n");
                free(path);
        }
        images_select(fixture, "ice", IMAGES_NEW);
        sample_initramfs_assert_holds(&fixture->sample, "ice", "xenserver/intel-ice/" IMAGES_NEW "/ice.ko");
}

static void test_no_space(ImagesFixture *fixture)
{
        if (!images_mount_boot(fixture, "size=512k"))
                return;
        expect_failure(fixture, IMAGES_NEW, "KiB of free space, but the new initramfs");
        g_assert_cmpuint(sample_initramfs_take_runs(&fixture->sample), ==, 0);
        images_unmount_boot(fixture);
}

/* Where the generator lays out what the image holds. */
static void test_no_work_space(ImagesFixture *fixture)
{
        temp_dir_mkdir(&fixture->sample.dir, "srv/work");
        temp_dir_write(&fixture->sample.dir, "etc/initramfs-tools/initramfs.conf", "TMPDIR=/srv/work\n");
        if (!images_mount(fixture, "srv/work", "size=512k"))
                return;
        expect_failure(fixture, IMAGES_NEW,
                        "The file system of /srv/work, where initramfs-tools works, has 512 KiB of free space, "
                        "but making the new initramfs may need ");
        g_assert_cmpuint(sample_initramfs_take_runs(&fixture->sample), ==, 0);
        images_unmount(fixture, "srv/work");
}

/* It can't be rebuilt, and the driver's problem says so. */
static void test_read_only(ImagesFixture *fixture)
{
        if (!images_mount_boot(fixture, "size=64m"))
                return;
        images_remount_boot(fixture, true);
        images_select(fixture, "ice", IMAGES_NEW);
        g_assert_cmpuint(sample_initramfs_take_runs(&fixture->sample), ==, 0);
        sample_initramfs_assert_holds(&fixture->sample, "ice", "updates/ice.ko");
        images_unmount_boot(fixture);
}

static void test_no_generator(ImagesFixture *fixture)
{
        sample_initramfs_remove(&fixture->sample, "usr/sbin/mkinitramfs");
        images_select(fixture, "ice", IMAGES_NEW);
        sample_initramfs_assert_holds(&fixture->sample, "ice", "updates/ice.ko");
}

/* --- canceling and crashes --------------------------------------------------------------------------- */

static void run_until_building(ImagesFixture *fixture, const Job *job)
{
        while (strcmp(job->step, "initramfs") != 0)
                g_assert_cmpint(sd_event_run(fixture->host.event, UINT64_MAX), >=, 0);
}

static void test_canceled(ImagesFixture *fixture)
{
        g_autofree char *before = images_state(fixture), *after = NULL;
        Refusal refusal CLEANUP_REFUSAL = { 0 };
        Job *job CLEANUP(job_unrefp) = NULL;

        sample_initramfs_set_fault(&fixture->sample, "hang");
        job = images_start(fixture, "ice", IMAGES_NEW);
        run_until_building(fixture, job);
        g_assert_true(job->cancelable);
        g_assert_cmpint(changer_cancel(fixture->host.changer, job, &refusal), ==, 0);
        sample_changer_run(&fixture->host);
        g_assert_cmpint(job->result, ==, JOB_RESULT_CANCELED);
        after = images_state(fixture);
        g_assert_cmpstr(before, ==, after);
}

/* The other one gets its image, which is begun anew. */
static void test_one_of_two_canceled(ImagesFixture *fixture)
{
        Refusal refusal CLEANUP_REFUSAL = { 0 };
        Job *first CLEANUP(job_unrefp) = NULL, *second CLEANUP(job_unrefp) = NULL;

        sample_initramfs_set_fault(&fixture->sample, "hang-once");
        first = images_start(fixture, "ice", IMAGES_NEW);
        second = images_start(fixture, "bnx2fc", "2.12.13");
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
static void test_crash(ImagesFixture *fixture)
{
        Job *job CLEANUP(job_unrefp) = NULL;

        sample_initramfs_set_fault(&fixture->sample, "hang");
        job = images_start(fixture, "ice", IMAGES_NEW);
        run_until_building(fixture, job);
        sample_changer_done(&fixture->host);
        sample_initramfs_set_fault(&fixture->sample, "");
        temp_dir_write(&fixture->sample.dir, "boot/.hostdriver-0123456789abcdef", "half an image");
        sample_changer_init(&fixture->host, fixture->sample.dir.path, SAMPLE_KERNEL);
        g_assert_cmpint(recovery_run(fixture->host.changer), ==, 0);
        sample_initramfs_assert_clean(&fixture->sample);
        sample_changer_run(&fixture->host);
        g_assert_cmpint(fixture->host.last_result, ==, JOB_RESULT_DONE);
        sample_initramfs_assert_holds(&fixture->sample, "ice", "xenserver/intel-ice/" IMAGES_NEW "/ice.ko");
}

int main(int argc, char **argv)
{
        static const ImagesTest tests[] = {
                { "rebuilt", test_rebuilt },
                { "dry-run", test_dry_run },
                { "dry-run-stopped", test_dry_run_stopped },
                { "not-held", test_not_held },
                { "listed", test_listed },
                { "deselected", test_deselected },
                { "backup", test_backup },
                { "two-jobs-one-rebuild", test_two_jobs_one_rebuild },
                { "two-images", test_two_images },
                { "faults", test_faults },
                { "hangs", test_hangs },
                { "hook-fails", test_hook_fails },
                { "no-space", test_no_space },
                { "no-work-space", test_no_work_space },
                { "read-only", test_read_only },
                { "no-generator", test_no_generator },
                { "canceled", test_canceled },
                { "one-of-two-canceled", test_one_of_two_canceled },
                { "crash", test_crash },
        };

        return images_main(argc, argv, "initramfs-rebuild", tests, G_N_ELEMENTS(tests));
}
