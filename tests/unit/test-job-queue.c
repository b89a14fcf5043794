/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Batches of jobs on a sample root, with the real depmod: how often it runs, what fails alone, what is taken
 * back. */

#include <errno.h>
#include <glib.h>
#include <string.h>

#include "change/job/job-queue.h"
#include "change/parts/transaction.h"
#include "change/stages/stage-devices.h"
#include "change/stages/stage-images.h"
#include "change/stages/stage-index.h"
#include "host/index/module-index.h"
#include "sample-root.h"

#define MODULES 10

typedef struct Fixture {
        SampleRoot sample;
        Config config;
        sd_event *event;
        JobQueue *queue;
        JobObserver observer;
        unsigned runs;     /* of the tools */
        unsigned depmods;  /* releases that depmod was run for */
        unsigned undone;   /* jobs taken back */
        unsigned expected; /* jobs that are to finish */
        bool undo_fails;
        Job *cancel; /* when the tools begin */
        GString *log;
} Fixture;

static int on_undo(void *userdata, Job *job, Refusal *refusal)
{
        Fixture *fixture = userdata;
        Plan *inverse CLEANUP(plan_freep) = NULL;

        fixture->undone++;
        if (fixture->undo_fails)
                return refuse(refusal, REFUSAL_FAILED, "the disk is on fire");
        g_assert_cmpint(plan_invert(job->plan, &inverse), ==, 0);
        return transaction_apply(fixture->sample.root, inverse, refusal);
}

static int on_complete(void *userdata, Job *job, bool well, Refusal *refusal)
{
        return 0;
}

static void on_finished(void *userdata, Job *job, JobResult result, const char *error)
{
        Fixture *fixture = userdata;

        job_finish(job, result, error);
        g_string_append_printf(fixture->log, "%s:%s ", job->driver, job_result_text(result));
        if (--fixture->expected == 0)
                g_assert_cmpint(sd_event_exit(fixture->event, 0), >=, 0);
}

static const Facts *no_facts(void *userdata)
{
        static Catalogue catalogue;
        static const Facts facts = { .catalogue = &catalogue };

        return &facts;
}

static uint64_t expected(void *userdata, const char *tool)
{
        return 0;
}

static void took(void *userdata, const char *tool, uint64_t usec)
{
}

static int cancel_now(sd_event_source *source, void *userdata)
{
        Fixture *fixture = userdata;

        g_assert_cmpint(job_queue_cancel(fixture->queue, fixture->cancel), ==, 0);
        return 0;
}

static int counting_start(StageRun *run, Refusal *refusal)
{
        Fixture *fixture = run->host->userdata;
        const char *tool;

        fixture->runs++;
        fixture->depmods += (unsigned) stage_index.progress(run, &tool);
        if (fixture->cancel && fixture->runs == 1)
                g_assert_cmpint(sd_event_add_defer(run->host->event, NULL, cancel_now, fixture), >=, 0);
        return stage_index.start(run, refusal);
}

static void make_queue(Fixture *fixture)
{
        static Stage counting;
        static const Stage *const stages[] = { &counting, &stage_images, &stage_devices, NULL };
        const StageHost host = { .event = fixture->event,
                .root = fixture->sample.root,
                .config = &fixture->config,
                .facts = no_facts,
                .userdata = fixture };
        const JobOwner owner = { .undo = on_undo,
                .complete = on_complete,
                .finished = on_finished,
                .expected = expected,
                .took = took,
                .userdata = fixture };

        counting = stage_index;
        counting.start = counting_start;
        g_assert_cmpint(job_queue_new(&host, &owner, stages, &fixture->queue), ==, 0);
}

static void set_up(Fixture *fixture, gconstpointer data)
{
        sample_root_init(&fixture->sample, SAMPLE_KERNEL);
        for (unsigned i = 0; i < MODULES; i++)
                for (unsigned version = 1; version <= 2; version++) {
                        g_autofree char *path = g_strdup_printf("xenserver/p%u/%u/m%u.ko", i, version, i);

                        sample_root_add_module(&fixture->sample, SAMPLE_KERNEL, path, NULL);
                }
        fixture->config = (Config){ .depmod_timeout_sec = 60 };
        fixture->log = g_string_new(NULL);
        g_assert_cmpint(sd_event_new(&fixture->event), >=, 0);
        make_queue(fixture);
}

static void tear_down(Fixture *fixture, gconstpointer data)
{
        (void) job_queue_free(fixture->queue);
        (void) sd_event_unref(fixture->event);
        (void) g_string_free(fixture->log, TRUE);
        sample_root_done(&fixture->sample);
}

static Plan *make_plan(unsigned module, unsigned version, const char *expected)
{
        g_autofree char *text = g_strdup_printf(
                        "{\"format\":1,\"kind\":\"select\",\"blocks\":[],\"subjects\":[{\"driver\":\"m%u\","
                        "\"release\":\"" SAMPLE_KERNEL "\",\"from\":\"\",\"to\":\"%u\"}],\"changes\":["
                        "{\"release\":\"" SAMPLE_KERNEL
                        "\",\"module\":\"m%u\",\"expected\":\"%s\",\"before\":{},"
                        "\"after\":{\"link\":\"m%u.ko\",\"target\":\"../xenserver/p%u/%u/m%u.ko\","
                        "\"directory\":\"xenserver/p%u/%u\",\"spelling\":\"m%u\"}}]}",
                        module, version, module, expected, module, module, version, module, module, version,
                        module);
        Plan *plan;

        g_assert_cmpint(plan_from_json(text, &plan), ==, 0);
        return plan;
}

/* A job whose links are there already, as the changer does it. EXPECTED NULL: what is right. */
static Job *add_job(Fixture *fixture, unsigned module, unsigned version, const char *expected)
{
        g_autofree char *path = g_strdup_printf("xenserver/p%u/%u/m%u.ko", module, version, module);
        Plan *plan = make_plan(module, version, expected ? expected : path);
        Refusal refusal CLEANUP_REFUSAL = { 0 };
        Job *job;

        g_assert_cmpint(transaction_apply(fixture->sample.root, plan, &refusal), ==, 0);
        g_assert_cmpint(job_new(module + 1, plan, 0, 0, &fixture->observer, &job), ==, 0);
        g_assert_cmpint(job_queue_add(fixture->queue, job, NULL), ==, 0);
        fixture->expected++;
        return job;
}

static void run(Fixture *fixture)
{
        g_assert_cmpint(sd_event_loop(fixture->event), ==, 0);
}

static void assert_resolves(const Fixture *fixture, const char *module, const char *expected)
{
        ModuleIndex *index CLEANUP(module_index_freep) = NULL;
        char *path CLEANUP_FREE = NULL;

        g_assert_cmpint(module_index_open(fixture->sample.root, SAMPLE_KERNEL, &index), ==, 0);
        g_assert_cmpint(module_index_resolve(index, module, &path), ==, 0);
        if (expected)
                g_assert_cmpstr(path, ==, expected);
        else
                g_assert_false(g_str_has_prefix(path, "updates/"));
}

static void test_ten_cost_one(Fixture *fixture, gconstpointer data)
{
        Job *jobs[MODULES];

        for (unsigned i = 0; i < MODULES; i++)
                jobs[i] = add_job(fixture, i, 1 + i % 2, NULL);
        run(fixture);
        g_assert_cmpuint(fixture->runs, ==, 1);
        g_assert_cmpuint(fixture->depmods, ==, 1);
        for (unsigned i = 0; i < MODULES; i++)
                g_assert_cmpint(job_queue_cancel(fixture->queue, jobs[i]), ==, -ENOENT);
        for (unsigned i = 0; i < MODULES; i++) {
                g_autofree char *name = g_strdup_printf("m%u", i);
                g_autofree char *path = g_strdup_printf("xenserver/p%u/%u/m%u.ko", i, 1 + i % 2, i);

                assert_resolves(fixture, name, path);
                g_assert_cmpint(jobs[i]->result, ==, JOB_RESULT_DONE);
                g_assert_cmpfloat(jobs[i]->progress, ==, 1);
                (void) job_unref(jobs[i]);
        }
}

/* depmod says nothing is wrong, but another file has won: that job alone is taken back. */
static void test_one_of_three_fails(Fixture *fixture, gconstpointer data)
{
        Job *good CLEANUP(job_unrefp) = add_job(fixture, 0, 2, NULL);
        Job *bad CLEANUP(job_unrefp) = add_job(fixture, 1, 2, "xenserver/p1/9/m1.ko");
        Job *last CLEANUP(job_unrefp) = add_job(fixture, 2, 2, NULL);

        run(fixture);
        g_assert_cmpstr(fixture->log->str, ==, "m0:done m1:failed m2:done ");
        g_assert_nonnull(strstr(bad->error, "xenserver/p1/2/m1.ko instead of xenserver/p1/9/m1.ko"));
        g_assert_cmpuint(fixture->undone, ==, 1);
        g_assert_cmpuint(fixture->runs, ==, 2);
        assert_resolves(fixture, "m0", "xenserver/p0/2/m0.ko");
        assert_resolves(fixture, "m1", NULL);
        g_assert_cmpint(good->result, ==, JOB_RESULT_DONE);
        g_assert_cmpint(last->result, ==, JOB_RESULT_DONE);
}

static void test_tool_fails(Fixture *fixture, gconstpointer data)
{
        Job *job CLEANUP(job_unrefp) = add_job(fixture, 0, 2, NULL);

        /* It can't be replaced by a file, so depmod really fails. */
        temp_dir_write(&fixture->sample.dir, "lib/modules/" SAMPLE_KERNEL "/modules.dep/x", "");
        run(fixture);
        g_assert_cmpint(job->result, ==, JOB_RESULT_FAILED);
        g_assert_nonnull(strstr(
                        job->error, "depmod for kernel release " SAMPLE_KERNEL " failed with exit status"));
        g_assert_nonnull(strstr(job->error, "The module index is not up to date"));
        g_assert_cmpuint(fixture->undone, ==, 1);
        g_assert_cmpuint(fixture->runs, ==, 2);
}

static void test_undo_fails(Fixture *fixture, gconstpointer data)
{
        Job *job CLEANUP(job_unrefp) = add_job(fixture, 1, 2, "xenserver/p1/9/m1.ko");

        fixture->undo_fails = true;
        run(fixture);
        g_assert_cmpint(job->result, ==, JOB_RESULT_FAILED);
        g_assert_nonnull(strstr(job->error, "the disk is on fire"));
}

static void test_cancel_waiting(Fixture *fixture, gconstpointer data)
{
        Job *kept CLEANUP(job_unrefp) = add_job(fixture, 0, 1, NULL);
        Job *canceled CLEANUP(job_unrefp) = add_job(fixture, 1, 1, NULL);

        g_assert_true(canceled->cancelable);
        g_assert_cmpint(job_queue_cancel(fixture->queue, canceled), ==, 0);
        g_assert_false(canceled->cancelable);
        g_assert_cmpint(job_queue_cancel(fixture->queue, canceled), ==, -EALREADY);
        run(fixture);
        g_assert_cmpstr(fixture->log->str, ==, "m0:done m1:canceled ");
        g_assert_cmpuint(fixture->runs, ==, 1);
        g_assert_cmpstr(canceled->error, ==, "");
        g_assert_cmpint(job_queue_cancel(fixture->queue, kept), ==, -ENOENT);
}

static void test_cancel_running(Fixture *fixture, gconstpointer data)
{
        Job *job CLEANUP(job_unrefp) = add_job(fixture, 0, 1, NULL);
        Job *other CLEANUP(job_unrefp) = NULL;

        if (GPOINTER_TO_INT(data))
                other = add_job(fixture, 1, 1, NULL);
        fixture->cancel = job;
        run(fixture);
        g_assert_cmpint(job->result, ==, JOB_RESULT_CANCELED);
        g_assert_cmpuint(fixture->undone, ==, 1);
        g_assert_cmpuint(fixture->runs, ==, 2);
        /* The tool was not ended for the one, since the other one needs it. */
        if (other) {
                g_assert_cmpint(other->result, ==, JOB_RESULT_DONE);
                assert_resolves(fixture, "m1", "xenserver/p1/1/m1.ko");
        }
        assert_resolves(fixture, "m0", NULL);
}

/* Taken back before it came: the tools run, and it has failed whatever they say. */
static void test_undone_already(Fixture *fixture, gconstpointer data)
{
        Plan *plan = make_plan(0, 1, "xenserver/p0/1/m0.ko");
        Job *job CLEANUP(job_unrefp) = NULL;

        g_assert_cmpint(job_new(1, plan, 0, 0, &fixture->observer, &job), ==, 0);
        job->undone = true;
        g_assert_cmpint(job_queue_add(fixture->queue, job, "it was interrupted"), ==, 0);
        fixture->expected = 1;
        run(fixture);
        g_assert_cmpint(job->result, ==, JOB_RESULT_FAILED);
        g_assert_cmpstr(job->error, ==, "it was interrupted");
        g_assert_cmpuint(fixture->undone, ==, 0);
        g_assert_cmpuint(fixture->runs, ==, 1);
}

#define ADD(name, function, data) \
        g_test_add("/job-queue/" name, Fixture, GINT_TO_POINTER(data), set_up, function, tear_down)

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
        ADD("ten-cost-one", test_ten_cost_one, 0);
        ADD("one-of-three-fails", test_one_of_three_fails, 0);
        ADD("tool-fails", test_tool_fails, 0);
        ADD("undo-fails", test_undo_fails, 0);
        ADD("cancel-waiting", test_cancel_waiting, 0);
        ADD("cancel-running", test_cancel_running, 0);
        ADD("cancel-one-of-two", test_cancel_running, 1);
        ADD("undone-already", test_undone_already, 0);
        return g_test_run();
}
