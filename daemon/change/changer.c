/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The jobs of all changes, from their announcement to their end. */

#include "change/changer.h"

#include <errno.h>
#include <string.h>

#include "change/host-lock.h"
#include "change/job/job-queue.h"
#include "change/journal.h"
#include "change/parts/transaction.h"
#include "change/stages/stages.h"
#include "store/store-duration.h"

struct Changer {
        ChangeContext context;
        const JobObserver *observer;
        JobQueue *queue;
        Job **jobs; /* all that are announced and not removed, oldest first */
        size_t job_count;
        ChangerWork *works;
        DurationList durations; /* of tools, that aren't remembered yet */
        uint32_t last_id;
        int lock_fd;              /* while there is a job that changes the host, else -1 */
        sd_event_source *remover; /* ends jobs that were done when they were made */
        sd_event_source *stopper;
        bool early; /* journal entries are neither ended nor taken back */
        bool stopping;
        void (*stopped)(void *userdata);
        void *stopped_userdata;
};

/* --- the list of jobs -------------------------------------------------------------------------------- */

int changer_new_job(Changer *changer, Plan *plan_taken, int64_t journal_id, uid_t uid, Job **ret)
{
        return job_new(changer->last_id + 1, plan_taken, journal_id, uid, changer->observer, ret);
}

int changer_announce_job(Changer *changer, Job *job_taken, Job **ret)
{
        Job *job CLEANUP(job_unrefp) = job_taken;
        Job **jobs = reallocarray(changer->jobs, changer->job_count + 1, sizeof(*jobs));

        if (!jobs)
                return -ENOMEM;
        changer->jobs = jobs;
        changer->last_id++;
        changer->jobs[changer->job_count++] = job;
        *ret = STEAL(job);
        if (changer->observer->added)
                changer->observer->added(changer->observer->userdata, *ret);
        return 0;
}

static bool all_jobs_done(const Changer *changer)
{
        for (size_t i = 0; i < changer->job_count; i++)
                if (changer->jobs[i]->state != JOB_DONE && !changer->jobs[i]->dry_run)
                        return false;
        return true;
}

int changer_lock(Changer *changer, Refusal *refusal)
{
        int fd = changer->lock_fd < 0 ? host_lock_take(changer->context.root, refusal) : changer->lock_fd;

        if (fd < 0)
                return fd;
        changer->lock_fd = fd;
        return 0;
}

void changer_unlock(Changer *changer)
{
        if (changer->lock_fd < 0 || !all_jobs_done(changer))
                return;
        journal_clear_mark(&changer->context);
        changer->lock_fd = fd_close(changer->lock_fd);
}

void changer_end_job(Changer *changer, Job *job, JobResult result, const char *error)
{
        Job *held CLEANUP(job_unrefp) = job_ref(job);

        job_finish(job, result, error);
        for (size_t i = 0; i < changer->job_count; i++) {
                if (changer->jobs[i] != job)
                        continue;
                changer->job_count--;
                memmove(&changer->jobs[i], &changer->jobs[i + 1],
                                (changer->job_count - i) * sizeof(*changer->jobs));
                (void) job_unref(job);
                break;
        }
        changer_unlock(changer);
        if (changer->observer->removed)
                changer->observer->removed(changer->observer->userdata, held);
        (void) !changer_stop_if_idle(changer);
}

void changer_add_work(ChangerWork *work)
{
        ChangerWork **place = &work->changer->works;

        while (*place)
                place = &(*place)->next;
        *place = work;
}

void changer_drop_work(ChangerWork *work)
{
        LIST_REMOVE(work->changer->works, work);
}

ChangerWork *changer_works(const Changer *changer)
{
        return changer->works;
}

int changer_refuse_stopping(const Changer *changer, Refusal *refusal)
{
        return changer->stopping ? refuse(refusal, REFUSAL_FAILED, "The service is about to end. Try again.")
                                 : 0;
}

const ChangeContext *changer_context(const Changer *changer)
{
        return &changer->context;
}

int changer_stop_if_idle(Changer *changer)
{
        if (!changer->stopping || changer->job_count > 0 || changer->works)
                return 0;
        return sd_event_source_set_enabled(changer->stopper, SD_EVENT_ONESHOT);
}

int changer_start_job(Changer *changer, Job *job, Job **ret)
{
        int r = changer_announce_job(changer, job_ref(job), ret);

        if (r >= 0) {
                r = job_queue_add(changer->queue, job, NULL);
                if (r < 0)
                        changer_end_job(changer, job, JOB_RESULT_FAILED, strerror(-r));
        }
        if (r < 0 && job->journal_id != 0)
                journal_abandon(&changer->context, job->plan, job->journal_id);
        return r;
}

JobQueue *changer_queue(const Changer *changer)
{
        return changer->queue;
}

bool changer_is_early(const Changer *changer)
{
        return changer->early;
}

void changer_be_early(Changer *changer)
{
        changer->early = true;
        job_queue_set_stages(changer->queue, stages_early);
}

/* --- what the queue asks ------------------------------------------------------------------------------- */

static int on_place(void *userdata, Job *job, Refusal *refusal)
{
        Changer *changer = userdata;
        int r = journal_place(&changer->context, job->plan, job->uid, &job->journal_id, refusal);

        if (r >= 0)
                context_refresh(&changer->context);
        return r;
}

static int on_undo(void *userdata, Job *job, Refusal *refusal)
{
        Changer *changer = userdata;
        int r;

        r = changer->early ? refuse(refusal, REFUSAL_FAILED, "that is left to the service.")
                           : journal_take_back(&changer->context, job->plan, job->journal_id, refusal);
        job->unsettled = r < 0;
        return r;
}

static int on_complete(void *userdata, Job *job, bool well, Refusal *refusal)
{
        const Changer *changer = userdata;
        int r;

        if (job->unsettled) /* the disk isn't what it was */
                return 0;
        r = journal_finish(&changer->context, job->plan, job->undone, well, refusal);
        job->unsettled = job->undone && r < 0;
        return r;
}

static void on_finished(void *userdata, Job *job, JobResult result, const char *error)
{
        Changer *changer = userdata;
        bool journaled = job->journal_id != 0;

        /* What was set aside is gone for good once nobody can want it back. */
        if (!changer->early &&
                        (journal_end(&changer->context, job, result, error, &changer->durations) >= 0 ||
                                        !journaled) &&
                        !job->unsettled)
                (void) !transaction_discard(changer->context.root, job->plan);
        duration_list_done(&changer->durations);
        /* Before the job goes, so that whoever waited for it reads the new facts. */
        context_refresh(&changer->context);
        changer_end_job(changer, job, result, error);
}

static uint64_t on_expected(void *userdata, const char *tool)
{
        const Changer *changer = userdata;
        uint64_t usec;

        return store_duration_get(changer->context.store, tool, &usec) >= 0 ? usec : 0;
}

static void on_took(void *userdata, const char *tool, uint64_t usec)
{
        Changer *changer = userdata;

        /* Without it the next estimate is a worse one. */
        (void) !duration_list_add(&changer->durations, tool, usec);
}

static int new_queue(Changer *changer)
{
        const ChangeContext *context = &changer->context;
        const StageHost host = { .event = context->event,
                .root = context->root,
                .config = context->config,
                .facts = context->host.facts,
                .driver = context->host.driver,
                .image = context->host.image,
                .userdata = context->host.userdata };
        const JobOwner owner = { .place = on_place,
                .undo = on_undo,
                .complete = on_complete,
                .finished = on_finished,
                .expected = on_expected,
                .took = on_took,
                .userdata = changer };

        return job_queue_new(&host, &owner, stages_all, &changer->queue);
}

/* --- sources ----------------------------------------------------------------------------------------- */

static int on_remove(sd_event_source *source, void *userdata)
{
        Changer *changer = userdata;

        for (size_t i = changer->job_count; i > 0; i--)
                if (changer->jobs[i - 1]->state == JOB_DONE)
                        changer_end_job(changer, changer->jobs[i - 1], JOB_RESULT_DONE, NULL);
        return 0;
}

static int on_stop(sd_event_source *source, void *userdata)
{
        Changer *changer = userdata;

        changer->stopped(changer->stopped_userdata);
        return 0;
}

/* --- jobs that end, and the end of all ----------------------------------------------------------------- */

int changer_finish_at_once(Changer *changer, Job *job_taken, Job **ret)
{
        Job *job CLEANUP(job_unrefp) = job_taken;
        int r = sd_event_source_set_enabled(changer->remover, SD_EVENT_ONESHOT);

        if (r >= 0)
                r = changer_announce_job(changer, STEAL(job), ret);
        if (r >= 0)
                job_finish(*ret, JOB_RESULT_DONE, NULL);
        return r;
}

int changer_cancel(Changer *changer, Job *job, Refusal *refusal)
{
        int r = job_queue_cancel(changer->queue, job);

        if (r == -EALREADY || r == -ENOENT)
                return refuse(refusal, REFUSAL_IN_USE, "Job %u can no longer be canceled: %s.", job->id,
                                r == -ENOENT  ? "it is done"
                                : job->undone ? "it is being taken back already"
                                              : "the new initramfs is being put in place");
        return r;
}

int changer_stop(Changer *changer, void (*done)(void *userdata), void *userdata)
{
        changer->stopping = true;
        changer->stopped = done;
        changer->stopped_userdata = userdata;
        for (ChangerWork *each = changer->works, *next; each; each = next) {
                next = each->next;
                each->kind->stop(each);
        }
        job_queue_stop(changer->queue);
        return changer_stop_if_idle(changer);
}

/* --- life and look-up -------------------------------------------------------------------------------- */

Changer *changer_free(Changer *changer)
{
        if (!changer)
                return NULL;
        while (changer->works) {
                ChangerWork *work = changer->works;

                changer_drop_work(work);
                work->kind->free(work);
        }
        (void) job_queue_free(changer->queue);
        duration_list_done(&changer->durations);
        for (size_t i = 0; i < changer->job_count; i++)
                (void) job_unref(changer->jobs[i]);
        free(changer->jobs);
        (void) sd_event_source_disable_unref(changer->remover);
        (void) sd_event_source_disable_unref(changer->stopper);
        (void) fd_close(changer->lock_fd);
        (void) sd_event_unref(changer->context.event);
        free(changer);
        return NULL;
}

static int add_source(Changer *changer, sd_event_source **source, sd_event_handler_t handler)
{
        int r = sd_event_add_defer(changer->context.event, source, handler, changer);

        return r < 0 ? r : sd_event_source_set_enabled(*source, SD_EVENT_OFF);
}

int changer_new(sd_event *event, const HostRoot *root, const Config *config, Store *store,
                const ChangerHost *host, const JobObserver *observer, Changer **ret)
{
        Changer *changer CLEANUP(changer_freep) = calloc(1, sizeof(*changer));
        int r;

        if (!changer)
                return -ENOMEM;
        *changer = (Changer){ .context = { sd_event_ref(event), root, config, store, *host },
                .observer = observer,
                .lock_fd = -1 };
        r = new_queue(changer);
        if (r >= 0)
                r = add_source(changer, &changer->remover, on_remove);
        if (r >= 0)
                r = add_source(changer, &changer->stopper, on_stop);
        if (r < 0)
                return r;
        *ret = STEAL(changer);
        return 0;
}

size_t changer_job_count(const Changer *changer)
{
        return changer->job_count;
}

Job *changer_job_at(const Changer *changer, size_t position)
{
        return changer->jobs[position];
}

Job *changer_job_of(const Changer *changer, const char *module)
{
        for (size_t i = 0; i < changer->job_count; i++) {
                Job *job = changer->jobs[i];

                if (job->state != JOB_DONE && !job->dry_run && plan_has_module(job->plan, module))
                        return job;
        }
        return NULL;
}

int changer_settling(const Changer *changer, const char *module, StringSet *ret)
{
        int r = 0;

        for (size_t i = 0; r >= 0 && i < changer->job_count; i++) {
                const Job *job = changer->jobs[i];

                if (job->state != JOB_DONE && !job->recorded)
                        r = plan_releases_of(job->plan, module, ret);
        }
        return r;
}
