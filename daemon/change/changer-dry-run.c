/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A dry run: a job that says what would be done, and does nothing. It takes no lock, writes neither to disk
 * nor to the store, and whatever else is under way doesn't know of it. */

#include "change/changer-dry-run.h"

#include <errno.h>
#include <string.h>

#include "change/initramfs/initramfs-foresee.h"
#include "change/parts/transaction.h"
#include "store/store.h"

struct ChangerDryRun {
        ChangerDryRun *next;
        Changer *changer;
        Job *job;
        ImageForesight *foresight;
};

static ChangerDryRun *dry_run_free(ChangerDryRun *run)
{
        if (!run)
                return NULL;
        (void) image_foresight_free(run->foresight);
        (void) job_unref(run->job);
        free(run);
        return NULL;
}
DEFINE_CLEANUP(ChangerDryRun, dry_run_free)

static ChangerDryRun *take_out(ChangerDryRun *run)
{
        LIST_REMOVE(run->changer->dry_runs, run);
        return run;
}

static const Facts *get_facts(void *userdata)
{
        const Changer *changer = ((ChangerDryRun *) userdata)->changer;

        return changer->host.facts(changer->host.userdata);
}

static void end(ChangerDryRun *run_taken, JobResult result, const char *error)
{
        ChangerDryRun *run CLEANUP(dry_run_freep) = run_taken;

        changer_end_job(run->changer, run->job, result, error);
}

static void on_foreseen(void *userdata, int result, const StringSet *images)
{
        ChangerDryRun *run = take_out(userdata);
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

/* What is known without writing to it. */
static int check_database(const Changer *changer, Refusal *refusal)
{
        int r = store_known_refusal(changer->store);

        return r < 0 ? changer_refuse_database(r, refusal) : 0;
}

/* 1 if the images aren't known yet, else 0 with those of JOB; or a negative errno. */
static int foresee(ChangerDryRun *run, Refusal *refusal)
{
        const Changer *changer = run->changer;
        const ForesightObserver observer = { get_facts, on_foreseen, run };
        Job *job = run->job;
        int r = changer_nothing_to_do(changer, job->plan);

        if (r != 0) {
                job->satisfied = r > 0;
                return r < 0 ? r : 0;
        }
        r = check_database(changer, refusal);
        if (r >= 0 && can_be_checked(job->plan))
                r = transaction_check(changer->root, job->plan, refusal);
        return r < 0 ? r
                     : image_foresight_begin(changer->event, changer->root, changer->config, job->plan,
                                       &observer, &job->foreseen, &run->foresight);
}

int changer_dry_run(Changer *changer, Plan *plan_taken, uid_t uid, Job **ret_job, Refusal *refusal)
{
        ChangerDryRun *run CLEANUP(dry_run_freep) = calloc(1, sizeof(*run));
        Plan *plan CLEANUP(plan_freep) = plan_taken;
        Job *job CLEANUP(job_unrefp) = NULL;
        int r;

        if (!run)
                return -ENOMEM;
        run->changer = changer;
        r = changer_new_job(changer, STEAL(plan), 0, uid, &job);
        if (r < 0)
                return r;
        job->dry_run = true;
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
        run->next = changer->dry_runs;
        changer->dry_runs = STEAL(run);
        return 0;
}

void changer_dry_run_stop(Changer *changer)
{
        while (changer->dry_runs)
                end(take_out(changer->dry_runs), JOB_RESULT_FAILED,
                                "The service ended before all was known.");
}

void changer_dry_run_free(Changer *changer)
{
        while (changer->dry_runs)
                (void) dry_run_free(take_out(changer->dry_runs));
}
