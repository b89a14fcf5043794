/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The steps that jobs go through as others see them, and that a job which is canceled or fails in any of
 * them leaves everything as it was: selections, module index, images, what is wanted. */

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "images-fixture.h"
#include "store/store-wanted.h"
#include "versions-fixture.h"

#define INDEX "lib/modules/" SAMPLE_KERNEL "/modules.dep"

/* The steps of all jobs, each when it comes, and whether it can be canceled then. */
typedef struct Record {
        GString *steps;
        const Job *job; /* of the last word */
        const char *step;
        bool cancelable;
        double progress;
} Record;

static Record record;

static void on_changed(void *userdata, Job *job, unsigned what)
{
        if (job != record.job) {
                record = (Record){ .steps = record.steps, .job = job, .step = "" };
                g_string_append_printf(record.steps, "%s:", job->driver);
        }
        g_assert_cmpfloat(job->progress, >=, record.progress);
        g_assert_cmpfloat(job->progress, <=, 1);
        record.progress = job->progress;
        if (strcmp(job->step, record.step) != 0 || job->cancelable != record.cancelable)
                g_string_append_printf(record.steps, " %s%s", job->step, job->cancelable ? "?" : "");
        record.step = job->step;
        record.cancelable = job->cancelable;
}

static void record_steps(SampleChanger *host)
{
        record = (Record){ .steps = g_string_new(NULL) };
        host->observer.changed = on_changed;
}

static void assert_steps(const char *expected)
{
        g_assert_cmpstr(record.steps->str, ==, expected);
        (void) g_string_free(record.steps, TRUE);
}

static void run_until(SampleChanger *host, const Job *job, const char *step)
{
        while (strcmp(job->step, step) != 0)
                g_assert_cmpint(sd_event_run(host->event, UINT64_MAX), >=, 0);
}

/* Selections, the index, the image, and what is wanted of ice. */
static char *state_of(const ImagesFixture *fixture)
{
        g_autofree char *state = images_state(fixture), *index = images_sum(fixture, INDEX);
        char *wanted CLEANUP_FREE = NULL;

        g_assert_cmpint(store_wanted_get(fixture->host.store, "ice", SAMPLE_KERNEL, &wanted), ==, 0);
        return g_strdup_printf("%s\n%s\n%s\n", state, index, wanted);
}

/* Through every step and back, so that what is there was made by depmod and by the generator. */
static void settle(ImagesFixture *fixture)
{
        images_select(fixture, "ice", IMAGES_NEW);
        images_select(fixture, "ice", IMAGES_OLD);
}

static void test_select(ImagesFixture *fixture)
{
        record_steps(&fixture->host);
        images_select(fixture, "ice", IMAGES_NEW);
        assert_steps("ice: ? depmod? verify? initramfs? initramfs");
}

static void test_rebuild(ImagesFixture *fixture)
{
        StringSet releases CLEANUP_STRING_SET = { 0 };
        Refusal refusal CLEANUP_REFUSAL = { 0 };
        const Request request = { .kernels = &releases };
        Job *job;

        settle(fixture);
        g_assert_cmpint(string_set_add(&releases, SAMPLE_KERNEL), ==, 1);
        (void) sample_initramfs_take_runs(&fixture->sample);
        g_assert_cmpint(sample_changer_run_request(
                                        &fixture->host, OPERATION_REBUILD, &request, 0, &job, &refusal),
                        ==, 0);
        sample_changer_run(&fixture->host);
        g_assert_cmpint(fixture->host.last_result, ==, JOB_RESULT_DONE);
        g_assert_cmpuint(sample_initramfs_take_runs(&fixture->sample), ==, 1);
}

static void cancel_in(ImagesFixture *fixture, const char *step)
{
        g_autofree char *before = NULL, *after = NULL;
        Refusal refusal CLEANUP_REFUSAL = { 0 };
        Job *job CLEANUP(job_unrefp) = NULL;

        settle(fixture);
        before = state_of(fixture);
        sample_initramfs_set_fault(&fixture->sample, "hang");
        job = images_start(fixture, "ice", IMAGES_NEW);
        run_until(&fixture->host, job, step);
        g_assert_true(job->cancelable);
        g_assert_cmpint(changer_cancel(fixture->host.changer, job, &refusal), ==, 0);
        sample_changer_run(&fixture->host);
        g_assert_cmpint(job->result, ==, JOB_RESULT_CANCELED);
        g_assert_cmpstr(job->error, ==, "");
        g_assert_cmpstr(job->step, ==, "undo");
        g_assert_cmpuint(sample_changer_open_entries(&fixture->host), ==, 0);
        after = state_of(fixture);
        g_assert_cmpstr(before, ==, after);
        sample_initramfs_set_fault(&fixture->sample, "");
}

static void test_cancel_waiting(ImagesFixture *fixture)
{
        cancel_in(fixture, "");
}

static void test_cancel_index(ImagesFixture *fixture)
{
        cancel_in(fixture, "depmod");
}

static void test_cancel_images(ImagesFixture *fixture)
{
        cancel_in(fixture, "initramfs");
}

static void fail(ImagesFixture *fixture, const char *fault, const char *words)
{
        g_autofree char *before = NULL, *after = NULL;

        before = state_of(fixture);
        sample_initramfs_set_fault(&fixture->sample, fault);
        record_steps(&fixture->host);
        g_free(images_fail(fixture, IMAGES_NEW, words));
        after = state_of(fixture);
        g_assert_cmpstr(before, ==, after);
}

static void test_fail_images(ImagesFixture *fixture)
{
        settle(fixture);
        fail(fixture, "fail", "failed with exit status 3");
        assert_steps("ice: ? depmod? verify? initramfs? initramfs undo");
}

/* After the images were replaced. */
static void test_fail_hooks(ImagesFixture *fixture)
{
        sample_initramfs_add_hook(&fixture->sample, "[ ! -e /var/log/full ] || exit 9");
        settle(fixture);
        temp_dir_write(&fixture->sample.dir, "var/log/full", "");
        fail(fixture, "", "failed with exit status 9");
        assert_steps("ice: ? depmod? verify? initramfs? initramfs undo");
}

/* --- imports ----------------------------------------------------------------------------------------- */

/* Ends when the copying has begun. */
static void start_import(VersionsFixture *fixture)
{
        ImportFile file = { .name = "new.ko" };
        Request request;
        Refusal refusal CLEANUP_REFUSAL = { 0 };

        versions_set_up(fixture, NULL);
        versions_add_incoming(fixture, "new.ko", VERSIONS_MAGIC);
        versions_start(fixture);
        request = fixture->request;
        request.files = &file;
        request.file_count = 1;
        file.fd = openat(fixture->sample.dir.fd, "lib/incoming/new.ko", O_RDONLY | O_CLOEXEC);
        g_assert_cmpint(file.fd, >=, 0);
        record_steps(&fixture->host);
        g_assert_cmpint(sample_changer_run_request(
                                        &fixture->host, OPERATION_IMPORT, &request, 0, NULL, &refusal),
                        ==, 0);
        (void) fd_close(file.fd);
}

static void test_import(ImagesFixture *images)
{
        VersionsFixture fixture = { 0 };

        start_import(&fixture);
        sample_changer_run(&fixture.host);
        g_assert_cmpint(fixture.host.last_result, ==, JOB_RESULT_DONE);
        g_assert_true(versions_is_there(&fixture, TREE "/new"));
        assert_steps("new: copy copy? copy copy? depmod? verify? verify");
        versions_tear_down(&fixture, NULL);
}

static void on_stopped(void *userdata)
{
}

/* STOP: since the service ends. Nothing of it is left. */
static void end_import(bool stop)
{
        VersionsFixture fixture = { 0 };
        Refusal refusal CLEANUP_REFUSAL = { 0 };
        Job *job;

        start_import(&fixture);
        job = changer_job_at(fixture.host.changer, 0);
        if (stop)
                g_assert_cmpint(changer_stop(fixture.host.changer, on_stopped, NULL), >=, 0);
        else {
                g_assert_cmpint(changer_cancel(fixture.host.changer, job, &refusal), ==, 0);
                g_assert_cmpint(changer_cancel(fixture.host.changer, job, &refusal), ==, -ECANCELED);
                g_assert_nonnull(strstr(refusal.sentence, "it is being taken back already"));
        }
        sample_changer_run(&fixture.host);
        assert_steps("new: copy copy? copy");
        g_assert_cmpint(fixture.host.last_result, ==, stop ? JOB_RESULT_FAILED : JOB_RESULT_CANCELED);
        g_assert_cmpstr(fixture.host.last_error, ==,
                        stop ? "The service ended before the files were copied. Import them again." : "");
        g_assert_false(versions_is_there(&fixture, TREE "/new"));
        g_assert_false(versions_is_there(&fixture, TREE "/.hostdriver-new"));
        g_assert_cmpuint(sample_changer_open_entries(&fixture.host), ==, 0);
        versions_assert_history(&fixture, stop ? "import new " SAMPLE_KERNEL " '' '5.7' failed"
                                               : "import new " SAMPLE_KERNEL " '' '5.7' canceled");
        versions_tear_down(&fixture, NULL);
}

static void test_cancel_copy(ImagesFixture *images)
{
        end_import(false);
}

static void test_stop_copy(ImagesFixture *images)
{
        end_import(true);
}

int main(int argc, char **argv)
{
        static const ImagesTest tests[] = {
                { "select", test_select },
                { "rebuild", test_rebuild },
                { "cancel-waiting", test_cancel_waiting },
                { "cancel-index", test_cancel_index },
                { "cancel-images", test_cancel_images },
                { "fail-images", test_fail_images },
                { "fail-hooks", test_fail_hooks },
                { "import", test_import },
                { "cancel-copy", test_cancel_copy },
                { "stop-copy", test_stop_copy },
        };

        return images_main(argc, argv, "stages", tests, G_N_ELEMENTS(tests));
}
