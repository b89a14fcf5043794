/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Watches the processes that copy, and hands on what they have copied. Nothing is journaled before: whatever
 * a crash leaves of a copy lies aside, and goes with the next start. */

#include "change/changer-copy.h"

#include <errno.h>
#include <string.h>

#include "change/changer-internal.h"
#include "change/parts/transaction.h"
#include "change/parts/version-aside.h"
#include "util/fs.h"

/* How much of the job's progress the copying is. */
#define COPY_PART 0.5
/* 4 a second are enough for people. */
#define TICK_USEC (250 * UINT64_C(1000))

typedef enum CopyEnd { COPY_GOES_ON, COPY_CANCELED, COPY_STOPPED } CopyEnd;

struct ChangerCopy {
        ChangerCopy *next;
        Changer *changer;
        Job *job;
        Child *child;
        sd_event_source *ticker;
        StageDirectory *directories;
        size_t directory_count;
        uint64_t size; /* all that is to be copied */
        CopyEnd end;
};

static ChangerCopy *copy_free(ChangerCopy *copy)
{
        if (!copy)
                return NULL;
        (void) child_free(copy->child);
        (void) sd_event_source_disable_unref(copy->ticker);
        for (size_t i = 0; i < copy->directory_count; i++)
                (void) fd_close(copy->directories[i].fd);
        free(copy->directories);
        (void) job_unref(copy->job);
        free(copy);
        return NULL;
}
DEFINE_CLEANUP(ChangerCopy, copy_free)

/* --- in the process of its own --------------------------------------------------------------------------
 */

typedef struct CopyWork {
        const ChangerCopy *copy;
        const StageFiles *files;
} CopyWork;

static int run_work(void *data)
{
        const CopyWork *work = data;
        Refusal refusal CLEANUP_REFUSAL = { 0 };
        const char *why;
        int r = version_stage(work->copy->directories, work->copy->directory_count, work->files, &refusal);

        if (r >= 0)
                return 0;
        why = refusal.sentence ? refusal.sentence : strerror(-r);
        (void) !fs_write_all(STDOUT_FILENO, why, strlen(why));
        return 1;
}

/* --- the end --------------------------------------------------------------------------------------------
 */

static void end_job(Changer *changer, Job *job, JobResult result, const char *error)
{
        (void) !transaction_discard(changer->root, job->plan);
        (void) !changer_journal_end(changer, job, result, error);
        /* It may have come and gone on disk. */
        changer->host.refresh(changer->host.userdata);
        changer_end_job(changer, job, result, error);
}

static void take_back(Changer *changer, Job *job)
{
        Refusal refusal CLEANUP_REFUSAL = { 0 };

        job->unsettled = changer_take_back(changer, job->plan, job->journal_id, &refusal) < 0;
}

/* All is there: from here on it is a change like others. */
static void go_on(Changer *changer, Job *job)
{
        Refusal refusal CLEANUP_REFUSAL = { 0 };
        int r = changer_make_durable(changer, job->plan, job->uid, &job->journal_id, &refusal);

        if (r >= 0) {
                r = job_queue_add(changer->queue, job, NULL);
                if (r < 0)
                        take_back(changer, job);
        }
        if (r < 0)
                end_job(changer, job, JOB_RESULT_FAILED, refusal.sentence ? refusal.sentence : strerror(-r));
        else
                changer->host.refresh(changer->host.userdata);
}

static ChangerCopy *take_out(ChangerCopy *copy)
{
        LIST_REMOVE(copy->changer->copies, copy);
        return copy;
}

int changer_copy_refuse(ChildOutcome outcome, const char *last_lines, const char *verb, Refusal *refusal)
{
        if (outcome == CHILD_TIMED_OUT)
                return refuse(refusal, REFUSAL_FAILED,
                                "The files could not be %s in a reasonable time. Look for a disk or network "
                                "that hangs.",
                                verb);
        if (outcome == CHILD_EXITED && last_lines[0] != '\0')
                return refuse(refusal, REFUSAL_FAILED, "%s", last_lines);
        return refuse(refusal, REFUSAL_FAILED,
                        "The process that %s the files was killed. Import them again.", verb);
}

static void fail(Changer *changer, Job *job, ChildOutcome outcome, const char *last_lines)
{
        Refusal refusal CLEANUP_REFUSAL = { 0 };
        int r = changer_copy_refuse(outcome, last_lines, "copied", &refusal);

        end_job(changer, job, JOB_RESULT_FAILED, refusal.sentence ? refusal.sentence : strerror(-r));
}

static void on_copied(Child *child, ChildOutcome outcome, int code, const char *last_lines, void *userdata)
{
        ChangerCopy *copy CLEANUP(copy_freep) = take_out(userdata);
        Changer *changer = copy->changer;
        Job *job = copy->job;

        job_set_cancelable(job, false);
        if (copy->end == COPY_CANCELED)
                end_job(changer, job, JOB_RESULT_CANCELED, NULL);
        else if (copy->end == COPY_STOPPED)
                end_job(changer, job, JOB_RESULT_FAILED,
                                "The service ended before the files were copied. Import them again.");
        else if (outcome == CHILD_EXITED && code == 0)
                go_on(changer, job);
        else
                fail(changer, job, outcome, last_lines);
}

/* --- the beginning --------------------------------------------------------------------------------------
 */

static int on_tick(sd_event_source *source, uint64_t usec, void *userdata)
{
        const ChangerCopy *copy = userdata;
        uint64_t done = 0;

        for (size_t i = 0; i < copy->directory_count; i++)
                done += version_stage_size(&copy->directories[i]);
        if (done < copy->size)
                job_set_step(copy->job, "copy", COPY_PART * (double) done / (double) copy->size);
        if (sd_event_source_set_time_relative(source, TICK_USEC) >= 0)
                (void) sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
        return 0;
}

static int open_directories(ChangerCopy *copy, const Plan *plan)
{
        copy->directories = calloc(plan->directory_count + 1, sizeof(*copy->directories));
        if (!copy->directories)
                return -ENOMEM;
        for (size_t i = 0; i < plan->directory_count; i++) {
                StageDirectory *directory = &copy->directories[i];

                directory->fd = version_aside_open(
                                copy->changer->root, &plan->directories[i], true, &directory->name);
                if (directory->fd < 0)
                        return directory->fd;
                copy->directory_count++;
        }
        return 0;
}

static int start_child(ChangerCopy *copy, const StageFiles *files)
{
        CopyWork work = { copy, files };
        int *fds CLEANUP_FREE = calloc(copy->directory_count + files->count, sizeof(int));
        ChildFunction function = { .run = run_work, .data = &work, .fds = fds };

        if (!fds)
                return -ENOMEM;
        for (size_t i = 0; i < copy->directory_count; i++)
                fds[function.fd_count++] = copy->directories[i].fd;
        for (size_t i = 0; i < files->count; i++)
                fds[function.fd_count++] = files->items[i].fd;
        return child_start_function(copy->changer->event, &function, version_stage_patience(copy->size),
                        on_copied, copy, &copy->child);
}

static int start(ChangerCopy *copy, const StageFiles *files)
{
        int r = open_directories(copy, copy->job->plan);

        copy->size = copy->directory_count * files->size;
        if (r >= 0)
                r = sd_event_add_time_relative(copy->changer->event, &copy->ticker, CLOCK_MONOTONIC,
                                TICK_USEC, 0, on_tick, copy);
        return r < 0 ? r : start_child(copy, files);
}

int changer_copy_start(Changer *changer, Plan *plan_taken, const StageFiles *files, uid_t uid, Job **ret_job)
{
        ChangerCopy *copy CLEANUP(copy_freep) = calloc(1, sizeof(*copy));
        Plan *plan CLEANUP(plan_freep) = plan_taken;
        Job *job;
        int r;

        if (!copy)
                return -ENOMEM;
        copy->changer = changer;
        r = changer_add_job(changer, STEAL(plan), 0, uid, &job);
        if (r < 0)
                return r;
        copy->job = job_ref(job);
        r = start(copy, files);
        if (r < 0) {
                (void) !transaction_discard(changer->root, job->plan);
                changer_end_job(changer, job, JOB_RESULT_FAILED, strerror(-r));
                return r;
        }
        job->prepared = COPY_PART;
        job_set_state(job, JOB_RUNNING);
        job_set_step(job, "copy", 0);
        job_set_cancelable(job, true);
        copy->next = changer->copies;
        changer->copies = STEAL(copy);
        *ret_job = job;
        return 0;
}

/* --- before the end -------------------------------------------------------------------------------------
 */

/* Its end comes from the event loop. */
static void end_child(ChangerCopy *copy, CopyEnd end)
{
        copy->end = end;
        (void) sd_event_source_set_enabled(copy->ticker, SD_EVENT_OFF);
        job_set_cancelable(copy->job, false);
        job_set_step(copy->job, "undo", copy->job->progress);
        child_cancel(copy->child);
}

int changer_copy_cancel(Changer *changer, const Job *job)
{
        for (ChangerCopy *copy = changer->copies; copy; copy = copy->next) {
                if (copy->job != job)
                        continue;
                if (copy->end != COPY_GOES_ON)
                        return -EALREADY;
                copy->job->undone = true;
                end_child(copy, COPY_CANCELED);
                return 1;
        }
        return 0;
}

void changer_copy_stop(Changer *changer)
{
        for (ChangerCopy *copy = changer->copies; copy; copy = copy->next)
                if (copy->end == COPY_GOES_ON)
                        end_child(copy, COPY_STOPPED);
}

void changer_copy_free(Changer *changer)
{
        while (changer->copies)
                (void) copy_free(take_out(changer->copies));
}
