/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the changer does for its queue of jobs: placing, undoing, recording, and how long tools take. */

#include <string.h>

#include "change/changer-internal.h"
#include "change/parts/transaction.h"
#include "change/stages/stages.h"
#include "store/store-duration.h"

static int on_place(void *userdata, Job *job, Refusal *refusal)
{
        Changer *changer = userdata;
        int r = changer_make_durable(changer, job->plan, job->uid, &job->journal_id, refusal);

        if (r >= 0)
                changer->host.refresh(changer->host.userdata);
        return r;
}

static int on_undo(void *userdata, Job *job, Refusal *refusal)
{
        Changer *changer = userdata;
        int r;

        r = changer->index_only ? refuse(refusal, REFUSAL_FAILED, "that is left to the service.")
                                : changer_take_back(changer, job->plan, job->journal_id, refusal);
        job->unsettled = r < 0;
        return r;
}

static void on_finished(void *userdata, Job *job, JobResult result, const char *error)
{
        Changer *changer = userdata;
        bool journaled = job->journal_id != 0;

        /* What was set aside is gone for good once nobody can want it back. */
        if (!changer->index_only && (changer_journal_end(changer, job, result, error) >= 0 || !journaled) &&
                        !job->unsettled)
                (void) !transaction_discard(changer->root, job->plan);
        /* Before the job goes, so that whoever waited for it reads the new facts. */
        changer->host.refresh(changer->host.userdata);
        changer_end_job(changer, job, result, error);
}

static uint64_t on_expected(void *userdata, const char *tool)
{
        const Changer *changer = userdata;
        uint64_t usec;

        return store_duration_get(changer->store, tool, &usec) >= 0 ? usec : 0;
}

static void on_took(void *userdata, const char *tool, uint64_t usec)
{
        const Changer *changer = userdata;

        /* Without it the next estimate is a worse one. */
        (void) !store_duration_add(changer->store, tool, usec);
}

int changer_new_queue(Changer *changer)
{
        const StageHost host = { .event = changer->event,
                .root = changer->root,
                .config = changer->config,
                .facts = changer->host.facts,
                .driver = changer->host.driver,
                .image = changer->host.image,
                .userdata = changer->host.userdata };
        const JobOwner owner = { .place = on_place,
                .undo = on_undo,
                .finished = on_finished,
                .expected = on_expected,
                .took = on_took,
                .userdata = changer };

        return job_queue_new(&host, &owner, stages_all, &changer->queue);
}

int changer_queue_import(
                Changer *changer, Plan *plan_taken, const struct StageFiles *files, uid_t uid, Job **ret_job)
{
        Job *job;
        int r = changer_add_job(changer, plan_taken, 0, uid, &job);

        if (r < 0)
                return r;
        job->files = files;
        r = job_queue_add(changer->queue, job, NULL);
        job->files = NULL;
        if (r >= 0)
                *ret_job = job;
        else {
                (void) !transaction_discard(changer->root, job->plan);
                changer_end_job(changer, job, JOB_RESULT_FAILED, strerror(-r));
        }
        return r;
}
