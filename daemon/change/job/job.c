/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A job as a value with one setter per observable state. It runs nothing itself: see job-queue.h. */

#include "change/job/job.h"

#include <errno.h>
#include <string.h>

int job_new(uint32_t id, Plan *plan_taken, int64_t journal_id, uid_t uid, const JobObserver *observer,
                Job **ret)
{
        Job *job = calloc(1, sizeof(*job));

        if (job) {
                const char *driver = plan_taken->subject_count > 0 ? plan_taken->subjects[0].driver : "";

                *job = (Job){ .references = 1,
                        .id = id,
                        .driver = strdup(driver),
                        .plan = plan_taken,
                        .journal_id = journal_id,
                        .uid = uid,
                        .state = JOB_WAITING,
                        .step = "",
                        .error = strdup(""),
                        .observer = observer };
        }
        if (!job || !job->driver || !job->error) {
                if (!job)
                        (void) plan_free(plan_taken);
                (void) job_unref(job);
                return -ENOMEM;
        }
        *ret = job;
        return 0;
}

Job *job_ref(Job *job)
{
        if (job)
                job->references++;
        return job;
}

Job *job_unref(Job *job)
{
        if (!job || --job->references > 0)
                return NULL;
        free(job->driver);
        free(job->error);
        (void) plan_free(job->plan);
        string_set_done(&job->images);
        string_set_done(&job->rebuilt);
        string_set_done(&job->foreseen);
        free(job);
        return NULL;
}

static void announce(Job *job, unsigned what)
{
        if (what != 0 && job->observer->changed)
                job->observer->changed(job->observer->userdata, job, what);
}

void job_set_state(Job *job, JobState state)
{
        if (job->state == state)
                return;
        job->state = state;
        announce(job, JOB_STATE);
}

void job_set_step(Job *job, const char *step_static, double progress)
{
        unsigned what = 0;

        if (strcmp(job->step, step_static) != 0)
                what |= JOB_STEP;
        /* It never runs backwards, even when what was done is undone. */
        if (progress > job->progress) {
                job->progress = progress < 1 ? progress : 1;
                what |= JOB_PROGRESS;
        }
        job->step = step_static;
        announce(job, what);
}

void job_set_cancelable(Job *job, bool cancelable)
{
        if (job->cancelable == cancelable)
                return;
        job->cancelable = cancelable;
        announce(job, JOB_CANCELABLE);
}

int job_foresee(Job *job, const StringSet *images)
{
        int r = string_set_add_all(&job->foreseen, images);

        if (r >= 0 && images->count > 0)
                announce(job, JOB_PLAN);
        return r < 0 ? r : 0;
}

void job_finish(Job *job, JobResult result, const char *error)
{
        unsigned what = JOB_STATE | JOB_RESULT_AND_ERROR;

        if (job->result != JOB_RESULT_NONE)
                return;
        if (error && error[0] != '\0') {
                char *copy = strdup(error);

                /* Without memory for the sentence the result still counts. */
                if (copy) {
                        free(job->error);
                        job->error = copy;
                }
        }
        if (result == JOB_RESULT_DONE && job->progress < 1) {
                job->progress = 1;
                what |= JOB_PROGRESS;
        }
        if (job->cancelable) {
                job->cancelable = false;
                what |= JOB_CANCELABLE;
        }
        job->result = result;
        job->state = JOB_DONE;
        announce(job, what);
}

const char *job_state_text(JobState state)
{
        static const char *const texts[] = {
                [JOB_WAITING] = "waiting",
                [JOB_RUNNING] = "running",
                [JOB_DONE] = "done",
        };

        return texts[state];
}

const char *job_result_text(JobResult result)
{
        static const char *const texts[] = {
                [JOB_RESULT_NONE] = "",
                [JOB_RESULT_DONE] = "done",
                [JOB_RESULT_FAILED] = "failed",
                [JOB_RESULT_CANCELED] = "canceled",
        };

        return texts[result];
}
