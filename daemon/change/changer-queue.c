/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the queue of jobs asks of the changer: undoing, recording, facts, and how long tools take. */

#include <string.h>

#include "change/changer-internal.h"
#include "change/parts/transaction.h"
#include "store/store-duration.h"

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

        /* What was set aside is gone for good once nobody can want it back. */
        if (!changer->index_only && changer_journal_end(changer, job, result, error) >= 0 && !job->unsettled)
                (void) !transaction_discard(changer->root, job->plan);
        /* Before the job goes, so that whoever waited for it reads the new facts. */
        changer->host.refresh(changer->host.userdata);
        changer_end_job(changer, job, result, error);
}

static const Facts *on_facts(void *userdata)
{
        const Changer *changer = userdata;

        return changer->host.facts(changer->host.userdata);
}

static const Driver *on_driver(void *userdata, const char *name)
{
        const Changer *changer = userdata;

        return changer->host.driver(changer->host.userdata, name);
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

static void on_image(void *userdata, InitramfsImage *image)
{
        const Changer *changer = userdata;

        changer->host.image(changer->host.userdata, image);
}

JobQueueOperations changer_queue_operations(Changer *changer)
{
        return (JobQueueOperations){
                .undo = on_undo,
                .finished = on_finished,
                .facts = on_facts,
                .driver = on_driver,
                .image = on_image,
                .expected = on_expected,
                .took = on_took,
                .start = apply_start,
                .userdata = changer,
        };
}
