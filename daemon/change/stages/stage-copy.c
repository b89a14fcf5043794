/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Watches the process that copies. Nothing is journaled before: whatever a crash leaves of a copy lies
 * aside, and goes with the next start. */

#include "change/stages/stage-copy.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "change/parts/version-aside.h"
#include "change/parts/version-stage.h"
#include "change/tool/child.h"
#include "util/fs.h"

/* How much of the job's progress the copying is. */
#define COPY_PART 0.5
/* 4 a second are enough for people. */
#define TICK_USEC (250 * UINT64_C(1000))

typedef struct CopyRun {
        StageRun *run;
        Child *child;
        sd_event_source *ticker;
        StageDirectory *directories;
        size_t directory_count;
        uint64_t size; /* all that is to be copied */
        bool canceled;
} CopyRun;

static Job *job_of(const CopyRun *copy)
{
        return copy->run->jobs;
}

static void free_run(StageRun *run)
{
        CopyRun *copy = run->data;

        (void) child_free(copy->child);
        (void) sd_event_source_disable_unref(copy->ticker);
        for (size_t i = 0; i < copy->directory_count; i++)
                (void) fd_close(copy->directories[i].fd);
        free(copy->directories);
        free(copy);
        run->data = NULL;
}

/* --- in the process of its own ---------------------------------------------------------------------- */

static int run_work(void *data)
{
        const CopyRun *copy = data;
        Refusal refusal CLEANUP_REFUSAL = { 0 };
        const char *why;
        int r = version_stage(copy->directories, copy->directory_count, job_of(copy)->files, &refusal);

        if (r >= 0)
                return 0;
        why = refusal.sentence ? refusal.sentence : strerror(-r);
        (void) !fs_write_all(STDOUT_FILENO, why, strlen(why));
        return 1;
}

/* --- in ours ---------------------------------------------------------------------------------------- */

static void on_copied(Child *child, ChildOutcome outcome, int code, const char *last_lines, void *userdata)
{
        const CopyRun *copy = userdata;
        const StageObserver *observer = &copy->run->observer;
        Refusal refusal CLEANUP_REFUSAL = { 0 };

        if (copy->canceled)
                observer->done(observer->userdata, STAGE_CANCELED, NULL);
        else if (outcome == CHILD_EXITED && code == 0)
                observer->done(observer->userdata, STAGE_DONE, NULL);
        else {
                (void) !child_refuse_files(outcome, last_lines, "copied", &refusal);
                observer->done(observer->userdata, STAGE_FAILED, refusal.sentence);
        }
}

static int on_tick(sd_event_source *source, uint64_t usec, void *userdata)
{
        const CopyRun *copy = userdata;
        uint64_t done = 0;

        for (size_t i = 0; i < copy->directory_count; i++)
                done += version_stage_size(&copy->directories[i]);
        if (done < copy->size)
                job_set_step(job_of(copy), stage_copy.step, COPY_PART * (double) done / (double) copy->size);
        if (sd_event_source_set_time_relative(source, TICK_USEC) >= 0)
                (void) sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
        return 0;
}

static int open_directories(CopyRun *copy)
{
        const Plan *plan = job_of(copy)->plan;

        copy->directories = calloc(plan->directory_count + 1, sizeof(*copy->directories));
        if (!copy->directories)
                return -ENOMEM;
        for (size_t i = 0; i < plan->directory_count; i++) {
                StageDirectory *directory = &copy->directories[i];

                directory->fd = version_aside_open(
                                copy->run->host->root, &plan->directories[i], true, &directory->name);
                if (directory->fd < 0)
                        return directory->fd;
                copy->directory_count++;
        }
        return 0;
}

static int start_child(CopyRun *copy)
{
        const StageFiles *files = job_of(copy)->files;
        int *fds CLEANUP_FREE = calloc(copy->directory_count + files->count, sizeof(int));
        ChildFunction function = { .run = run_work, .data = copy, .fds = fds };

        if (!fds)
                return -ENOMEM;
        for (size_t i = 0; i < copy->directory_count; i++)
                fds[function.fd_count++] = copy->directories[i].fd;
        for (size_t i = 0; i < files->count; i++)
                fds[function.fd_count++] = files->items[i].fd;
        return child_start_function(copy->run->host->event, &function, version_stage_patience(copy->size),
                        on_copied, copy, &copy->child);
}

static int start(StageRun *run, Refusal *refusal)
{
        CopyRun *copy = calloc(1, sizeof(*copy));
        int r;

        if (!copy)
                return -ENOMEM;
        copy->run = run;
        run->data = copy;
        r = open_directories(copy);
        copy->size = copy->directory_count * job_of(copy)->files->size;
        if (r >= 0)
                r = sd_event_add_time_relative(run->host->event, &copy->ticker, CLOCK_MONOTONIC, TICK_USEC,
                                0, on_tick, copy);
        if (r >= 0)
                r = start_child(copy);
        if (r < 0)
                return r;
        run->observer.progress(run->observer.userdata, NULL, 0, 1);
        job_of(copy)->prepared = COPY_PART;
        return 1;
}

static void cancel(StageRun *run, const Job *job, bool last)
{
        CopyRun *copy = run->data;

        copy->canceled = true;
        (void) sd_event_source_set_enabled(copy->ticker, SD_EVENT_OFF);
        child_cancel(copy->child);
}

const Stage stage_copy = {
        .id = STAGE_COPY,
        .step = "copy",
        .alone = true,
        .stopped = "The service ended before the files were copied. Import them again.",
        .start = start,
        .cancel = cancel,
        .free = free_run,
};
