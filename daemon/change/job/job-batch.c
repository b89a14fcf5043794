/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The walk: the first stage that is due for any job, until none is. A job that is taken back lets stages be
 * due once more; as each such round takes back at least one job, the walk comes to an end. */

#include "change/job/job-batch.h"

#include <errno.h>
#include <string.h>

#include "change/job/job-progress.h"
#include "util/text-format.h"

/* How much of a job's progress the stages are; the rest is recording. */
#define STAGES_PART 0.95

#define UNDO_FAILED "Taking it back failed too, and will be tried again: "

struct JobBatch {
        const StageHost *host;
        const JobOwner *owner;
        const Stage *const *stages;
        void (*ended)(void *userdata, JobBatch *batch);
        void *userdata;
        JobEntry *entries;
        ProgressClock clock;
        size_t position; /* of the stage that runs, if RUN has jobs */
        StageRun run;
        bool alone;     /* the stages before a change is on disk */
        bool committed; /* nothing can be canceled any more */
};

/* --- entries ---------------------------------------------------------------------------------------- */

JobEntry *job_entry_free(JobEntry *entry)
{
        if (!entry)
                return NULL;
        (void) job_unref(entry->job);
        free(entry->failure);
        free(entry);
        return NULL;
}

void job_entries_free(JobEntry *list)
{
        while (list) {
                JobEntry *entry CLEANUP(job_entry_freep) = list;

                list = entry->next;
        }
}

void job_entry_append(JobEntry **list, JobEntry *entry)
{
        while (*list)
                list = &(*list)->next;
        entry->next = NULL;
        *list = entry;
}

/* Why the job fails, once more. Without memory the first sentence has to do. */
static void add_failure(JobEntry *entry, const char *intro, const char *sentence)
{
        (void) !text_join(&entry->failure, " ", "%s%s", intro, sentence ? sentence : "There is no memory.");
}

static void set_undone(JobEntry *entry)
{
        entry->due = 0;
        entry->job->undone = true;
        job_set_cancelable(entry->job, false);
}

void job_entry_undo(JobEntry *entry, const JobOwner *owner, const Stage *const *stages)
{
        Refusal refusal CLEANUP_REFUSAL = { 0 };
        const Plan *plan = entry->job->plan;

        set_undone(entry);
        job_set_step(entry->job, "undo", entry->job->progress);
        for (; *stages; stages++)
                if ((*stages)->undo == STAGE_UNDO_ALWAYS ||
                                ((*stages)->undo == STAGE_UNDO_IF_DONE && (entry->done & (*stages)->id)))
                        entry->due |= (*stages)->id & plan->operation->stages;
        if (!plan_has_parts(plan)) /* it was about images alone */
                return;
        if (owner->undo(owner->userdata, entry->job, &refusal) < 0)
                add_failure(entry, UNDO_FAILED, refusal.sentence);
}

/* --- what a stage tells ----------------------------------------------------------------------------- */

static void show(const JobBatch *batch, double fraction)
{
        for (const JobEntry *entry = batch->entries; entry; entry = entry->next) {
                Job *job = entry->job;

                /* Of a job alone nothing is on disk yet that would have to be undone. */
                job_set_step(job,
                                job->undone && !batch->alone ? "undo" : batch->stages[batch->position]->step,
                                job->prepared + fraction * STAGES_PART * (1 - job->prepared));
        }
}

static uint64_t expected_usec(void *userdata, const char *tool)
{
        const JobOwner *owner = ((JobBatch *) userdata)->owner;

        return owner->expected(owner->userdata, tool);
}

static void on_took(void *userdata, const char *tool, uint64_t usec)
{
        const JobOwner *owner = ((JobBatch *) userdata)->owner;

        owner->took(owner->userdata, tool, usec);
}

static void on_tick(void *userdata, double fraction)
{
        show(userdata, fraction);
}

static void on_progress(void *userdata, const char *tool, double from, double to)
{
        JobBatch *batch = userdata;

        if (tool)
                progress_clock_begin(&batch->clock, batch->position, tool, from, to);
        else
                show(batch, 0);
}

static void on_commit(void *userdata)
{
        JobBatch *batch = userdata;

        batch->committed = true;
        for (const JobEntry *entry = batch->entries; entry; entry = entry->next)
                job_set_cancelable(entry->job, false);
}

/* --- the end of a stage ----------------------------------------------------------------------------- */

/* Whether the job goes on; if not, why is in entry->failure, or it was canceled. */
static bool goes_on(const JobBatch *batch, JobEntry *entry, bool failed, const char *failure)
{
        const Stage *stage = batch->stages[batch->position];
        char *sentence CLEANUP_FREE = NULL;

        if (entry->canceled)
                return false;
        if (failed && (!stage->concerns || stage->concerns(&batch->run, entry->job))) {
                add_failure(entry, "", failure);
                return false;
        }
        if (!stage->check || !(entry->done & stage->id) || stage->check(&batch->run, entry->job, &sentence))
                return true;
        add_failure(entry, "", sentence);
        return false;
}

/* Without it a job can't go on; one that was taken back has failed then. */
static bool complete(const JobBatch *batch, JobEntry *entry, bool well)
{
        const Stage *stage = batch->stages[batch->position];
        Refusal refusal CLEANUP_REFUSAL = { 0 };

        if (!stage->completes ||
                        batch->owner->complete(batch->owner->userdata, entry->job, well, &refusal) >= 0)
                return true;
        add_failure(entry, entry->job->undone ? UNDO_FAILED : "", refusal.sentence);
        return false;
}

static void settle(JobBatch *batch, JobEntry *entry, StageOutcome outcome, const char *failure)
{
        const Stage *stage = batch->stages[batch->position];
        bool had = outcome != STAGE_CANCELED && (entry->due & stage->id);
        bool failed = had && outcome == STAGE_FAILED;

        if (outcome == STAGE_DONE)
                entry->done |= entry->due & stage->id;
        if (outcome != STAGE_CANCELED)
                entry->due &= ~(unsigned) stage->id;
        if (entry->job->undone) {
                if (failed)
                        add_failure(entry, stage->stale, failure);
                if (had)
                        (void) complete(batch, entry, !failed);
        } else if (!goes_on(batch, entry, failed, failure) ||
                        (had && !failed && !complete(batch, entry, true))) {
                if (batch->alone)
                        set_undone(entry);
                else
                        job_entry_undo(entry, batch->owner, batch->stages);
        }
}

static void end_run(JobBatch *batch)
{
        if (batch->run.data)
                batch->stages[batch->position]->free(&batch->run);
        batch->run = (StageRun){ 0 };
}

static void end_stage(JobBatch *batch, StageOutcome outcome, const char *failure)
{
        progress_clock_end(&batch->clock, outcome == STAGE_DONE);
        for (JobEntry *entry = batch->entries; entry; entry = entry->next)
                settle(batch, entry, outcome, failure);
        end_run(batch);
}

/* --- the walk --------------------------------------------------------------------------------------- */

static void walk(JobBatch *batch);

static void on_done(void *userdata, StageOutcome outcome, const char *failure)
{
        JobBatch *batch = userdata;

        end_stage(batch, outcome, failure);
        walk(batch);
}

/* A run of STAGE for all to whom it is due. It needs no memory, since what is effective must be undone. */
static void prepare(JobBatch *batch, const Stage *stage)
{
        Job **place = &batch->run.jobs;

        batch->run = (StageRun){ .host = batch->host,
                .observer = { on_progress, on_commit, on_done, batch } };
        for (const JobEntry *entry = batch->entries; entry; entry = entry->next)
                if (entry->due & stage->id) {
                        *place = entry->job;
                        place = &entry->job->next_in_run;
                }
        *place = NULL;
}

static void plan_progress(JobBatch *batch)
{
        ProgressPart parts[PROGRESS_PARTS_MAX] = { 0 };
        size_t count = 0;

        for (; count < PROGRESS_PARTS_MAX && batch->stages[count]; count++) {
                const Stage *stage = batch->stages[count];

                prepare(batch, stage);
                if (stage->progress)
                        parts[count].count = stage->progress(&batch->run, &parts[count].tool);
        }
        progress_clock_plan(&batch->clock, parts, count);
}

/* The first stage that is due for any job. */
static bool find_next(JobBatch *batch)
{
        for (batch->position = 0; batch->stages[batch->position]; batch->position++) {
                const Stage *stage = batch->stages[batch->position];

                if (batch->alone && !stage->alone)
                        return false;
                for (const JobEntry *entry = batch->entries; entry; entry = entry->next)
                        if (entry->due & stage->id)
                                return true;
        }
        return false;
}

/* As Stage.start(). */
static int start_stage(JobBatch *batch, Refusal *refusal)
{
        const Stage *stage = batch->stages[batch->position];

        prepare(batch, stage);
        if (!stage->cancel)
                on_commit(batch);
        return stage->start(&batch->run, refusal);
}

static void walk(JobBatch *batch)
{
        while (find_next(batch)) {
                Refusal refusal CLEANUP_REFUSAL = { 0 };
                int r = start_stage(batch, &refusal);

                if (r > 0)
                        return;
                end_stage(batch, r < 0 ? STAGE_FAILED : STAGE_DONE, refusal.sentence);
        }
        batch->ended(batch->userdata, batch);
}

int job_batch_start(JobBatch *batch, const Stage *const *stages, JobEntry *entries_taken)
{
        Refusal refusal CLEANUP_REFUSAL = { 0 };
        int r;

        batch->stages = stages;
        batch->entries = entries_taken;
        batch->alone = batch->committed = false;
        (void) find_next(batch);
        batch->alone = batch->stages[batch->position] && batch->stages[batch->position]->alone;
        plan_progress(batch);
        for (const JobEntry *entry = batch->entries; entry; entry = entry->next)
                job_set_state(entry->job, JOB_RUNNING);
        if (!batch->alone) {
                walk(batch);
                return 0;
        }
        r = start_stage(batch, &refusal);
        if (r >= 0)
                return 0;
        end_run(batch);
        batch->entries = NULL;
        return r;
}

JobEntry *job_batch_entries(const JobBatch *batch)
{
        return batch->entries;
}

JobEntry *job_batch_take(JobBatch *batch)
{
        return STEAL(batch->entries);
}

/* --- before the end --------------------------------------------------------------------------------- */

static bool all_canceled(const JobBatch *batch)
{
        for (const JobEntry *entry = batch->entries; entry; entry = entry->next)
                if (!entry->canceled)
                        return false;
        return true;
}

int job_batch_cancel(JobBatch *batch, JobEntry *entry)
{
        if (entry->job->undone || batch->committed)
                return -EALREADY;
        entry->canceled = true;
        if (batch->alone)
                set_undone(entry);
        batch->stages[batch->position]->cancel(&batch->run, entry->job, all_canceled(batch));
        return 0;
}

void job_batch_stop(JobBatch *batch)
{
        JobEntry *entry = batch->entries;

        if (!batch->alone || !entry || entry->job->undone)
                return;
        add_failure(entry, "", batch->stages[batch->position]->stopped);
        (void) !job_batch_cancel(batch, entry);
}

JobBatch *job_batch_free(JobBatch *batch)
{
        if (!batch)
                return NULL;
        end_run(batch);
        progress_clock_done(&batch->clock);
        job_entries_free(batch->entries);
        free(batch);
        return NULL;
}

int job_batch_new(const StageHost *host, const JobOwner *owner,
                void (*ended)(void *userdata, JobBatch *batch), void *userdata, JobBatch **ret)
{
        JobBatch *batch CLEANUP(job_batch_freep) = calloc(1, sizeof(*batch));
        int r;

        if (!batch)
                return -ENOMEM;
        *batch = (JobBatch){ .host = host, .owner = owner, .ended = ended, .userdata = userdata };
        r = progress_clock_init(&batch->clock, host->event,
                        &(ProgressSource){ expected_usec, on_took, on_tick, batch });
        if (r < 0)
                return r;
        *ret = STEAL(batch);
        return 0;
}
