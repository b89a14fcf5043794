/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A dry run: a job that says what would be done, and does nothing. It takes no lock, writes neither to disk
 * nor to the store, and whatever else is under way doesn't know of it. */

#include "change/dry-run.h"

#include <errno.h>
#include <string.h>

#include "change/initramfs/initramfs-foresee.h"
#include "change/journal.h"
#include "change/parts/transaction.h"

typedef struct DryRun {
        ChangerWork work;
        Job *job;
        ImageForesight *foresight;
} DryRun;

static DryRun *dry_run_free(DryRun *run)
{
        if (!run)
                return NULL;
        (void) image_foresight_free(run->foresight);
        (void) job_unref(run->job);
        free(run);
        return NULL;
}
DEFINE_CLEANUP(DryRun, dry_run_free)

static DryRun *take_out(DryRun *run)
{
        changer_drop_work(&run->work);
        return run;
}

static const Facts *get_facts(void *userdata)
{
        return context_facts(changer_context(((DryRun *) userdata)->work.changer));
}

static void end(DryRun *run_taken, JobResult result, const char *error)
{
        DryRun *run CLEANUP(dry_run_freep) = run_taken;

        changer_end_job(run->work.changer, run->job, result, error);
}

static void on_foreseen(void *userdata, int result, const StringSet *images)
{
        DryRun *run = take_out(userdata);
        int r = result < 0 ? result : job_foresee(run->job, images);

        end(run, r < 0 ? JOB_RESULT_FAILED : JOB_RESULT_DONE, r < 0 ? strerror(-r) : NULL);
}

/* A version that comes is looked for when it is copied; whether its place is free, its plan has asked. */
static bool can_be_checked(const Plan *plan)
{
        for (size_t i = 0; i < plan->directory_count; i++)
                if (plan->directories[i].after)
                        return false;
        return true;
}

/* 1 if the images aren't known yet, else 0 with those of JOB; or a negative errno. */
static int foresee(DryRun *run, Refusal *refusal)
{
        const ChangeContext *context = changer_context(run->work.changer);
        const ForesightObserver observer = { get_facts, on_foreseen, run };
        Job *job = run->job;
        int r = job->satisfied ? 0 : journal_check_known(context, refusal);

        if (r >= 0 && !job->satisfied && can_be_checked(job->plan))
                r = transaction_check(context->root, job->plan, refusal);
        return r < 0 || job->satisfied
                               ? r
                               : image_foresight_begin(context->event, context->root, context->config,
                                                 job->plan, &observer, &job->foreseen, &run->foresight);
}

static void stop_work(ChangerWork *work)
{
        end(take_out((DryRun *) work), JOB_RESULT_FAILED, "The service ended before all was known.");
}

static void free_work(ChangerWork *work)
{
        (void) dry_run_free((DryRun *) work);
}

static const ChangerWorkKind work_kind = { stop_work, free_work };

int dry_run_start(Changer *changer, Plan *plan_taken, bool satisfied, uid_t uid, Job **ret_job,
                Refusal *refusal)
{
        DryRun *run CLEANUP(dry_run_freep) = calloc(1, sizeof(*run));
        Plan *plan CLEANUP(plan_freep) = plan_taken;
        Job *job CLEANUP(job_unrefp) = NULL;
        int r;

        if (!run)
                return -ENOMEM;
        run->work = (ChangerWork){ .kind = &work_kind, .changer = changer };
        r = changer_new_job(changer, STEAL(plan), 0, uid, &job);
        if (r < 0)
                return r;
        job->dry_run = true;
        job->satisfied = satisfied;
        run->job = job_ref(job);
        r = foresee(run, refusal);
        if (r < 0)
                return r;
        if (r == 0)
                return changer_finish_at_once(changer, STEAL(job), ret_job);
        job->state = JOB_RUNNING;
        r = changer_announce_job(changer, STEAL(job), ret_job);
        if (r < 0)
                return r;
        changer_add_work(&STEAL(run)->work);
        return 0;
}
