/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Runs depmod for one release after the other, and believes the index rather than its exit status. */

#include "change/stages/stage-index.h"

#include <errno.h>
#include <string.h>

#include "change/tool/child.h"
#include "change/tool/depmod.h"
#include "change/tool/verify.h"
#include "util/text-format.h"

typedef struct IndexRun {
        StageRun *run;
        StringSet releases;
        size_t position; /* of the release that depmod runs for */
        Child *child;
        bool canceled;
} IndexRun;

static void free_run(StageRun *run)
{
        IndexRun *index = run->data;

        (void) child_free(index->child);
        string_set_done(&index->releases);
        free(index);
        run->data = NULL;
}

static int collect_releases(const StageRun *run, StringSet *ret)
{
        int r = 0;

        for (Job *job = run->jobs; r >= 0 && job; job = job->next_in_run)
                r = plan_releases(job->plan, ret);
        return r;
}

static size_t count_releases(const StageRun *run, const char **ret_tool)
{
        StringSet releases CLEANUP_STRING_SET = { 0 };

        *ret_tool = "depmod";
        return collect_releases(run, &releases) < 0 ? 0 : releases.count;
}

static void on_depmod_done(
                Child *child, ChildOutcome outcome, int code, const char *last_lines, void *userdata);

/* For the release that is next. 1, or 0 if there is none; or as Stage.start(). */
static int run_next(IndexRun *index, Refusal *refusal)
{
        const StageHost *host = index->run->host;
        const StageObserver *observer = &index->run->observer;
        DepmodCommand command CLEANUP(depmod_command_done) = { 0 };
        double count = (double) index->releases.count, position = (double) index->position;
        int r;

        if (index->position >= index->releases.count)
                return 0;
        observer->progress(observer->userdata, "depmod", position / count, (position + 1) / count);
        r = depmod_command(host->root, index->releases.items[index->position], &command, refusal);
        if (r >= 0)
                r = child_start(host->event, command.argv, host->config->depmod_timeout_sec, on_depmod_done,
                                index, &index->child);
        if (r < 0 && r != -ECANCELED)
                return refuse(refusal, REFUSAL_FAILED, "depmod could not be started: %s.", strerror(-r));
        return r < 0 ? r : 1;
}

/* depmod has ended. 0, or -ECANCELED with a refusal. */
static int settle(const IndexRun *index, ChildOutcome outcome, int code, const char *last_lines,
                Refusal *refusal)
{
        const StageHost *host = index->run->host;
        const char *release = index->releases.items[index->position];
        int r;

        if (index->canceled)
                outcome = CHILD_CANCELED;
        if (outcome != CHILD_EXITED || code != 0) {
                refusal->sentence = child_report("depmod", release, host->config->depmod_timeout_sec,
                                outcome, code, last_lines);
                return -ECANCELED;
        }
        r = index_sync(host->root, release);
        return r >= 0 ? 0
                      : refuse(refusal, REFUSAL_FAILED,
                                        "What depmod wrote for kernel release %s can't be synced to disk: %s.",
                                        release, strerror(-r));
}

static void on_depmod_done(
                Child *child, ChildOutcome outcome, int code, const char *last_lines, void *userdata)
{
        IndexRun *index = userdata;
        const StageObserver *observer = &index->run->observer;
        Refusal refusal CLEANUP_REFUSAL = { 0 };
        int r = settle(index, outcome, code, last_lines, &refusal);

        index->child = child_free(child);
        index->position++;
        if (r >= 0)
                r = run_next(index, &refusal);
        if (r <= 0)
                observer->done(observer->userdata,
                                r == 0            ? STAGE_DONE
                                : index->canceled ? STAGE_CANCELED
                                                  : STAGE_FAILED,
                                r == 0 ? NULL : refusal.sentence);
}

static int start(StageRun *run, Refusal *refusal)
{
        IndexRun *index = calloc(1, sizeof(*index));
        int r;

        if (!index)
                return -ENOMEM;
        index->run = run;
        run->data = index;
        r = collect_releases(run, &index->releases);
        return r < 0 ? r : run_next(index, refusal);
}

static bool check(const StageRun *run, Job *job, char **ret_sentence)
{
        int r;

        job_set_step(job, "verify", job->progress);
        r = plan_verify(run->host->root, job->plan, ret_sentence);
        if (r < 0)
                *ret_sentence = text_new("The module index could not be read: %s", strerror(-r));
        return r > 0;
}

static void cancel(StageRun *run, const Job *job, bool last)
{
        IndexRun *index = run->data;

        if (!last)
                return;
        index->canceled = true;
        child_cancel(index->child);
}

const Stage stage_index = {
        .id = STAGE_INDEX,
        .step = "depmod",
        .stale = "The module index is not up to date: ",
        .undo = STAGE_UNDO_ALWAYS,
        .completes = true,
        .progress = count_releases,
        .start = start,
        .check = check,
        .cancel = cancel,
        .free = free_run,
};
