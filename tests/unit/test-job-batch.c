/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How a batch walks stages: rows of the test's own, each of which can be told to end well, to fail or to
 * wait until its jobs are canceled; what runs, for whom and how often, and what is taken back. */

#include <errno.h>
#include <glib.h>
#include <string.h>

#include "change/job/job-queue.h"
#include "temp-dir.h"

/* What a stage does when it is started for the TIMES-th time. */
typedef enum Behaviour {
        WORK,
        NOTHING, /* there is nothing to do */
        FAIL,    /* when it has run */
        FAIL_TO_START,
        HANG, /* until it is canceled */
} Behaviour;

typedef struct Fixture {
        TempDir dir;
        HostRoot *root;
        Config config;
        sd_event *event;
        JobQueue *queue;
        JobObserver observer;
        Job *jobs[2];
        size_t left;             /* jobs that haven't ended */
        Job *cancel;             /* when a stage hangs */
        Behaviour behaviours[4]; /* of the stages, the first time */
        unsigned runs[4];
        bool second_concerned; /* by the third stage */
        bool check_fails;      /* of the first job */
        bool complete_fails;   /* of each, but not when it was undone */
        GString *log;
} Fixture;

typedef struct Work {
        StageRun *run;
        size_t stage;
        sd_event_source *source;
        StageOutcome outcome;
} Work;

/* --- stages ------------------------------------------------------------------------------------------ */

static Fixture *fixture_of(const StageRun *run)
{
        return run->host->userdata;
}

static void log_jobs(GString *log, const char *name, const StageRun *run)
{
        g_string_append_printf(log, "%s(", name);
        for (const Job *job = run->jobs; job; job = job->next_in_run)
                g_string_append_printf(log, "%s%u", job->undone ? "-" : "", job->id);
        g_string_append(log, ") ");
}

static int on_work(sd_event_source *source, void *userdata)
{
        Work *work = userdata;
        const StageObserver *observer = &work->run->observer;

        observer->done(observer->userdata, work->outcome,
                        work->outcome == STAGE_FAILED ? "It failed." : NULL);
        return 0;
}

static int on_cancel(sd_event_source *source, void *userdata)
{
        Fixture *fixture = userdata;

        g_assert_cmpint(job_queue_cancel(fixture->queue, fixture->cancel), ==, 0);
        return 0;
}

static int start(StageRun *run, size_t stage, const char *name)
{
        Fixture *fixture = fixture_of(run);
        Behaviour behaviour = fixture->runs[stage]++ == 0 ? fixture->behaviours[stage] : WORK;
        Work *work;

        log_jobs(fixture->log, name, run);
        if (behaviour == NOTHING)
                return 0;
        if (behaviour == FAIL_TO_START)
                return -ENOMEM;
        work = g_new0(Work, 1);
        *work = (Work){
                .run = run, .stage = stage, .outcome = behaviour == FAIL ? STAGE_FAILED : STAGE_DONE
        };
        run->data = work;
        run->observer.progress(run->observer.userdata, name, 0, 1);
        g_assert_cmpint(sd_event_add_defer(run->host->event, &work->source, on_work, work), >=, 0);
        if (behaviour == HANG) {
                g_assert_cmpint(sd_event_source_set_enabled(work->source, SD_EVENT_OFF), >=, 0);
                g_assert_cmpint(sd_event_add_defer(run->host->event, NULL, on_cancel, fixture), >=, 0);
        }
        return 1;
}

static void cancel(StageRun *run, const Job *job, bool last)
{
        Work *work = run->data;

        g_string_append_printf(fixture_of(run)->log, "cancel %u%s ", job->id, last ? "!" : "");
        work->outcome = STAGE_CANCELED;
        g_assert_cmpint(sd_event_source_set_enabled(work->source, SD_EVENT_ONESHOT), >=, 0);
}

static void free_run(StageRun *run)
{
        Work *work = run->data;

        (void) sd_event_source_disable_unref(work->source);
        g_free(work);
        run->data = NULL;
}

static int start_copy(StageRun *run, Refusal *refusal)
{
        return start(run, 0, "copy");
}

static int start_index(StageRun *run, Refusal *refusal)
{
        return start(run, 1, "index");
}

static bool check_index(const StageRun *run, Job *job, char **ret_sentence)
{
        bool good = !fixture_of(run)->check_fails || job->id != 1;

        g_string_append_printf(fixture_of(run)->log, "check %u ", job->id);
        if (!good)
                *ret_sentence = strdup("It isn't there.");
        return good;
}

static int start_images(StageRun *run, Refusal *refusal)
{
        return start(run, 2, "images");
}

static bool concerns(const StageRun *run, const Job *job)
{
        return job->id == 1 || fixture_of(run)->second_concerned;
}

static int start_late(StageRun *run, Refusal *refusal)
{
        return start(run, 3, "late");
}

static const Stage copy = { .id = STAGE_COPY,
        .step = "copy",
        .alone = true,
        .stopped = "Stopped.",
        .start = start_copy,
        .cancel = cancel,
        .free = free_run };
static const Stage index_stage = { .id = STAGE_INDEX,
        .step = "index",
        .stale = "Stale index: ",
        .undo = STAGE_UNDO_ALWAYS,
        .completes = true,
        .start = start_index,
        .check = check_index,
        .cancel = cancel,
        .free = free_run };
static const Stage images = { .id = STAGE_IMAGES,
        .step = "images",
        .stale = "Stale images: ",
        .undo = STAGE_UNDO_IF_DONE,
        .start = start_images,
        .concerns = concerns,
        .cancel = cancel,
        .free = free_run };
/* As one that loads modules would be: what it can't do fails the job, and it can't be canceled. */
static const Stage late = { .id = STAGE_DEVICES,
        .step = "late",
        .stale = "Stale: ",
        .undo = STAGE_UNDO_IF_DONE,
        .start = start_late,
        .free = free_run };
static const Stage *const stages[] = { &copy, &index_stage, &images, &late, NULL };

/* --- jobs -------------------------------------------------------------------------------------------- */

static int on_place(void *userdata, Job *job, Refusal *refusal)
{
        g_string_append_printf(((Fixture *) userdata)->log, "place %u ", job->id);
        return 0;
}

static int on_undo(void *userdata, Job *job, Refusal *refusal)
{
        g_string_append_printf(((Fixture *) userdata)->log, "undo %u ", job->id);
        return 0;
}

static int on_complete(void *userdata, Job *job, bool well, Refusal *refusal)
{
        Fixture *fixture = userdata;

        g_string_append_printf(
                        fixture->log, "complete %s%u%s ", job->undone ? "-" : "", job->id, well ? "" : "?");
        return fixture->complete_fails && !job->undone
                               ? refuse(refusal, REFUSAL_FAILED, "It can't be completed.")
                               : 0;
}

static void on_finished(void *userdata, Job *job, JobResult result, const char *error)
{
        Fixture *fixture = userdata;

        g_string_append_printf(fixture->log, "%u:%s%s%s ", job->id, job_result_text(result),
                        error ? " " : "", error ? error : "");
        fixture->left--;
}

static uint64_t expected(void *userdata, const char *tool)
{
        return 0;
}

static void took(void *userdata, const char *tool, uint64_t usec)
{
}

static void set_up(Fixture *fixture, gconstpointer data)
{
        StageHost host = { 0 };
        const JobOwner owner = { on_place, on_undo, on_complete, on_finished, expected, took, fixture };

        temp_dir_init(&fixture->dir, "batch");
        g_assert_cmpint(host_root_new(fixture->dir.path, "6.1.0", &fixture->root), ==, 0);
        g_assert_cmpint(sd_event_new(&fixture->event), >=, 0);
        host = (StageHost){ .event = fixture->event,
                .root = fixture->root,
                .config = &fixture->config,
                .userdata = fixture };
        g_assert_cmpint(job_queue_new(&host, &owner, stages, &fixture->queue), ==, 0);
        fixture->log = g_string_new(NULL);
}

static void tear_down(Fixture *fixture, gconstpointer data)
{
        (void) job_queue_free(fixture->queue);
        for (size_t i = 0; i < G_N_ELEMENTS(fixture->jobs); i++)
                (void) job_unref(fixture->jobs[i]);
        (void) sd_event_unref(fixture->event);
        (void) host_root_free(fixture->root);
        temp_dir_done(&fixture->dir);
        (void) g_string_free(fixture->log, TRUE);
}

static Job *add_job(Fixture *fixture, OperationId operation)
{
        static const char text[] = "{\"format\":1,\"kind\":\"select\",\"subjects\":[],\"changes\":[],"
                                   "\"blocks\":[{\"module\":\"ice\",\"before\":false,\"after\":true}]}";
        size_t position = fixture->jobs[0] ? 1 : 0;
        Plan *plan;
        Job **job = &fixture->jobs[position];

        g_assert_cmpint(plan_from_json(text, &plan), ==, 0);
        plan->operation = &operation_table[operation];
        g_assert_cmpint(job_new((uint32_t) position + 1, plan, 0, 0, &fixture->observer, job), ==, 0);
        g_assert_cmpint(job_queue_add(fixture->queue, *job, NULL), ==, 0);
        fixture->left++;
        return *job;
}

static void run(Fixture *fixture, const char *expected_log)
{
        while (fixture->left > 0)
                g_assert_cmpint(sd_event_run(fixture->event, UINT64_MAX), >=, 0);
        g_assert_cmpstr(g_strchomp(fixture->log->str), ==, expected_log);
}

static void test_merged(Fixture *fixture, gconstpointer data)
{
        add_job(fixture, OPERATION_SELECT);
        add_job(fixture, OPERATION_SELECT);
        run(fixture, "index(12) check 1 complete 1 check 2 complete 2 images(12) late(12) 1:done 2:done");
}

/* Each has the stages of its operation, and nothing to do is as good as done. */
static void test_own_stages(Fixture *fixture, gconstpointer data)
{
        fixture->behaviours[1] = fixture->behaviours[3] = NOTHING;
        add_job(fixture, OPERATION_REBUILD);
        add_job(fixture, OPERATION_SELECT);
        run(fixture, "index(2) check 2 complete 2 images(12) late(2) 1:done 2:done");
}

static void test_copied(Fixture *fixture, gconstpointer data)
{
        Job *job = add_job(fixture, OPERATION_IMPORT);

        g_assert_cmpint(job->state, ==, JOB_RUNNING);
        g_assert_cmpstr(job->step, ==, "copy");
        add_job(fixture, OPERATION_SELECT);
        run(fixture, "copy(1) place 1 index(21) check 2 complete 2 check 1 complete 1 images(21) late(21) 2:done "
                     "1:done");
}

/* --- failures ---------------------------------------------------------------------------------------- */

static void test_copy_fails(Fixture *fixture, gconstpointer data)
{
        const Job *job;

        fixture->behaviours[0] = FAIL;
        job = add_job(fixture, OPERATION_IMPORT);
        run(fixture, "copy(1) 1:failed It failed.");
        /* There was nothing to undo. */
        g_assert_cmpstr(job->step, ==, "copy");
}

static void test_copy_fails_to_start(Fixture *fixture, gconstpointer data)
{
        Job *job CLEANUP(job_unrefp) = NULL;
        Plan *plan = calloc(1, sizeof(*plan));

        g_assert_nonnull(plan);
        plan->operation = &operation_table[OPERATION_IMPORT];
        fixture->behaviours[0] = FAIL_TO_START;
        g_assert_cmpint(job_new(1, plan, 0, 0, &fixture->observer, &job), ==, 0);
        g_assert_cmpint(job_queue_add(fixture->queue, job, NULL), ==, -ENOMEM);
        g_assert_cmpint(job_queue_cancel(fixture->queue, job), ==, -ENOENT);
        run(fixture, "copy(1)");
}

static void test_index_fails(Fixture *fixture, gconstpointer data)
{
        fixture->behaviours[1] = GPOINTER_TO_INT(data) ? FAIL_TO_START : FAIL;
        add_job(fixture, OPERATION_SELECT);
        add_job(fixture, OPERATION_SELECT);
        run(fixture, GPOINTER_TO_INT(data)
                                        ? "index(12) undo 1 undo 2 index(-1-2) complete -1 complete -2 1:failed "
                                          "There is no memory. 2:failed There is no memory."
                                        : "index(12) undo 1 undo 2 index(-1-2) complete -1 complete -2 1:failed "
                                          "It failed. 2:failed It failed.");
}

/* That job alone; and the other one is looked at again, since the index was written again beneath it. */
static void test_check_fails(Fixture *fixture, gconstpointer data)
{
        fixture->check_fails = true;
        add_job(fixture, OPERATION_SELECT);
        add_job(fixture, OPERATION_SELECT);
        run(fixture, "index(12) check 1 undo 1 check 2 complete 2 index(-1) complete -1 check 2 images(2) late(2) "
                     "1:failed It isn't there. 2:done");
}

/* What had to wait for the index can't be done. */
static void test_complete_fails(Fixture *fixture, gconstpointer data)
{
        fixture->complete_fails = true;
        add_job(fixture, OPERATION_SELECT);
        run(fixture, "index(1) check 1 complete 1 undo 1 index(-1) complete -1 1:failed It can't be completed.");
}

/* A second attempt isn't made, and whom the images don't concern goes on. */
static void test_images_fail(Fixture *fixture, gconstpointer data)
{
        fixture->behaviours[2] = FAIL;
        add_job(fixture, OPERATION_SELECT);
        add_job(fixture, OPERATION_SELECT);
        run(fixture, "index(12) check 1 complete 1 check 2 complete 2 images(12) undo 1 index(-1) complete -1 check 2 "
                     "late(2) "
                     "1:failed It failed. 2:done");
}

/* What was effective already is undone in each stage. */
static void test_late_fails(Fixture *fixture, gconstpointer data)
{
        fixture->behaviours[3] = FAIL;
        add_job(fixture, OPERATION_SELECT);
        run(fixture, "index(1) check 1 complete 1 images(1) late(1) undo 1 index(-1) complete -1 images(-1) 1:failed It "
                     "failed.");
}

/* The stages have to run for it whatever became of them before, and what fails then is told. */
static void test_undone_before(Fixture *fixture, gconstpointer data)
{
        Job *job CLEANUP(job_unrefp) = NULL;
        Plan *plan = calloc(1, sizeof(*plan));

        g_assert_nonnull(plan);
        plan->operation = &operation_table[OPERATION_IMPORT];
        fixture->behaviours[1] = fixture->behaviours[2] = FAIL;
        g_assert_cmpint(job_new(1, plan, 7, 0, &fixture->observer, &job), ==, 0);
        job->undone = true;
        g_assert_cmpint(job_queue_add(fixture->queue, job, "Interrupted."), ==, 0);
        fixture->left++;
        run(fixture, "index(-1) complete -1? images(-1) late(-1) 1:failed Interrupted. Stale index: It failed. Stale "
                     "images: It failed.");
}

/* --- canceling --------------------------------------------------------------------------------------- */

static void test_cancel_waiting(Fixture *fixture, gconstpointer data)
{
        Job *job = add_job(fixture, OPERATION_SELECT);

        add_job(fixture, OPERATION_SELECT);
        g_assert_cmpint(job_queue_cancel(fixture->queue, job), ==, 0);
        g_assert_cmpint(job_queue_cancel(fixture->queue, job), ==, -EALREADY);
        run(fixture, "undo 1 index(-12) complete -1 check 2 complete 2 images(2) late(2) 1:canceled 2:done");
}

static void test_cancel_copy(Fixture *fixture, gconstpointer data)
{
        fixture->behaviours[0] = HANG;
        fixture->cancel = add_job(fixture, OPERATION_IMPORT);
        run(fixture, "copy(1) cancel 1! 1:canceled");
        g_assert_cmpstr(fixture->cancel->step, ==, "copy");
}

static void test_cancel_index(Fixture *fixture, gconstpointer data)
{
        fixture->behaviours[1] = HANG;
        fixture->cancel = add_job(fixture, OPERATION_SELECT);
        run(fixture, "index(1) cancel 1! undo 1 index(-1) complete -1 1:canceled");
        g_assert_cmpstr(fixture->cancel->step, ==, "undo");
}

/* The other one's begin once more. */
static void test_cancel_images(Fixture *fixture, gconstpointer data)
{
        fixture->behaviours[2] = HANG;
        fixture->cancel = add_job(fixture, OPERATION_SELECT);
        add_job(fixture, OPERATION_SELECT);
        run(fixture, "index(12) check 1 complete 1 check 2 complete 2 images(12) cancel 1 undo 1 index(-1) complete -1 "
                     "check 2 images(2) late(2) "
                     "1:canceled 2:done");
}

static void test_cancel_late(Fixture *fixture, gconstpointer data)
{
        Job *job = add_job(fixture, OPERATION_SELECT);

        while (strcmp(job->step, "late") != 0)
                g_assert_cmpint(sd_event_run(fixture->event, UINT64_MAX), >=, 0);
        g_assert_false(job->cancelable);
        g_assert_cmpint(job_queue_cancel(fixture->queue, job), ==, -EALREADY);
        run(fixture, "index(1) check 1 complete 1 images(1) late(1) 1:done");
}

static void test_stop(Fixture *fixture, gconstpointer data)
{
        add_job(fixture, OPERATION_IMPORT);
        add_job(fixture, OPERATION_SELECT);
        job_queue_stop(fixture->queue);
        job_queue_stop(fixture->queue);
        run(fixture, "copy(1) cancel 1! 1:failed Stopped. index(2) check 2 complete 2 images(2) late(2) "
                     "2:done");
}

/* In the middle of each stage. */
static void test_free(Fixture *fixture, gconstpointer data)
{
        const char *step = data;
        Job *job = add_job(fixture, OPERATION_IMPORT);

        while (strcmp(job->step, step) != 0)
                g_assert_cmpint(sd_event_run(fixture->event, UINT64_MAX), >=, 0);
        fixture->queue = job_queue_free(fixture->queue);
        g_assert_cmpuint(fixture->left, ==, 1);
}

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
#define ADD(name, function, data) g_test_add("/job-batch/" name, Fixture, data, set_up, function, tear_down)
        ADD("merged", test_merged, NULL);
        ADD("own-stages", test_own_stages, NULL);
        ADD("copied", test_copied, NULL);
        ADD("copy-fails", test_copy_fails, NULL);
        ADD("copy-fails-to-start", test_copy_fails_to_start, NULL);
        ADD("index-fails", test_index_fails, NULL);
        ADD("index-fails-to-start", test_index_fails, GINT_TO_POINTER(1));
        ADD("check-fails", test_check_fails, NULL);
        ADD("complete-fails", test_complete_fails, NULL);
        ADD("images-fail", test_images_fail, NULL);
        ADD("late-fails", test_late_fails, NULL);
        ADD("undone-before", test_undone_before, NULL);
        ADD("cancel-waiting", test_cancel_waiting, NULL);
        ADD("cancel-copy", test_cancel_copy, NULL);
        ADD("cancel-index", test_cancel_index, NULL);
        ADD("cancel-images", test_cancel_images, NULL);
        ADD("cancel-late", test_cancel_late, NULL);
        ADD("stop", test_stop, NULL);
        ADD("free-copy", test_free, "copy");
        ADD("free-index", test_free, "index");
        ADD("free-images", test_free, "images");
        ADD("free-late", test_free, "late");
        return g_test_run();
}
