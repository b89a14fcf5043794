/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Acts upon the entries that nobody ended. */

#include "change/recovery.h"

#include <errno.h>
#include <string.h>

#include "change/aside.h"
#include "change/initramfs/initramfs-look.h"
#include "change/job/job-queue.h"
#include "change/journal.h"
#include "change/segment/segment-stage.h"
#include "host/initramfs/initramfs-find.h"
#include "store/store-journal.h"
#include "util/log.h"

static bool has_job(const Changer *changer, int64_t journal_id)
{
        for (size_t i = 0; i < changer_job_count(changer); i++)
                if (changer_job_at(changer, i)->journal_id == journal_id)
                        return true;
        return false;
}

/* An entry that can't be read can't be acted upon; it is told and closed, or it would be told for ever. */
static int discard(const ChangeContext *context, const JournalEntry *entry)
{
        log_error("The journal entry %lld of /var/lib/hostdriver is damaged and was closed. Check with "
                  "`hostdriverctl list` that the selections are the wanted ones.",
                        (long long) entry->id);
        return store_journal_end(context->store, entry->id);
}

static int queue_recovery(Changer *changer, const JournalEntry *entry, Plan *plan_taken, bool undone)
{
        Job *job;
        int r = changer_new_job(changer, plan_taken, entry->id, (uid_t) entry->uid, &job);

        if (r < 0)
                return r;
        job->recovered = true;
        job->undone = undone;
        r = changer_announce_job(changer, job, &job);
        if (r < 0)
                return r;
        r = job_queue_add(changer_queue(changer), job, undone ? RECOVERY_TAKEN_BACK : NULL);
        if (r < 0)
                changer_end_job(changer, job, JOB_RESULT_FAILED, strerror(-r));
        return r;
}

static int recover_entry(Changer *changer, const JournalEntry *entry)
{
        const ChangeContext *context = changer_context(changer);
        Plan *plan CLEANUP(plan_freep) = NULL;
        Refusal refusal CLEANUP_REFUSAL = { 0 };
        bool undone = entry->phase != JOURNAL_DURABLE;
        int r = plan_from_json(entry->plan, &plan);

        if (r < 0)
                return r == -EBADMSG ? discard(context, entry) : r;
        if (!undone && journal_redo(context, plan, &refusal) < 0) {
                log_message(4, NULL, NULL, "An interrupted change can't be finished, so it is %s: %s",
                                changer_is_early(changer) ? "left to the service" : "taken back",
                                refusal.sentence ? refusal.sentence : "unknown error");
                undone = !changer_is_early(changer);
        }
        if (undone) {
                r = journal_take_back(context, plan, entry->id, &refusal);
                if (r < 0) /* it was logged, and stays in the journal for the next attempt */
                        return r == -ENOMEM ? r : 0;
        }
        if (plan->operation->release_goes)
                return changer_is_early(changer)
                                       ? 0
                                       : journal_end_forgotten(context, plan, entry->id, (uid_t) entry->uid,
                                                         undone ? RECOVERY_TAKEN_BACK : NULL);
        return queue_recovery(changer, entry, STEAL(plan), undone);
}

/* What a service that died has left beside the images. SETTLED: no job follows that looks at them. An image
 * is read here only if an old one is beside it. */
static void sweep_images(const ChangeContext *context, bool settled)
{
        const Catalogue *catalogue = context_facts(context)->catalogue;

        segment_stage_sweep();
        for (size_t i = 0; i < catalogue->release_count; i++) {
                const char *release = catalogue->releases[i].release;
                char *path CLEANUP_FREE = NULL;
                FileStamp stamp;

                if (initramfs_find(context->root, release, &path, &stamp) < 0)
                        continue;
                image_place_sweep(context->root, path);
                if (settled) /* else the next start will */
                        (void) !kept_images_review(
                                        context->root, context->config, release, path, &catalogue->modules);
        }
}

int recovery_run(Changer *changer)
{
        const ChangeContext *context = changer_context(changer);
        JournalList list CLEANUP(journal_list_done) = { 0 };
        Refusal refusal CLEANUP_REFUSAL = { 0 };
        int r = store_journal_open_entries(context->store, &list);

        if (r < 0)
                return r;
        r = changer_lock(changer, &refusal);
        if (r < 0) {
                /* Not ours, then: who holds the lock is at work on it. */
                if (list.count > 0)
                        log_warning("The journal has open entries, but they can't be recovered now: %s",
                                        refusal.sentence ? refusal.sentence : strerror(-r));
                return 0;
        }
        if (!changer_is_early(changer))
                sweep_images(context, list.count == 0);
        for (size_t i = 0; r >= 0 && i < list.count; i++)
                r = recover_entry(changer, &list.items[i]);
        /* Of this list: an entry that was closed now may have left something aside, for the next start. */
        if (!changer_is_early(changer))
                aside_sweep(context->root, context_facts(context)->catalogue, &list);
        changer_unlock(changer);
        if (list.count > 0)
                context_refresh(context);
        return r;
}

int recovery_run_early(Changer *changer)
{
        changer_be_early(changer);
        return recovery_run(changer);
}

static int settle_entry(Changer *changer, const JournalEntry *entry, Refusal *refusal)
{
        const ChangeContext *context = changer_context(changer);
        Plan *plan CLEANUP(plan_freep) = NULL;
        Refusal undoing CLEANUP_REFUSAL = { 0 };
        int r;

        /* Durable and without a job: it ran to its end, which could not be written down. */
        if (entry->phase == JOURNAL_DURABLE)
                return store_journal_end(context->store, entry->id);
        r = plan_from_json(entry->plan, &plan);
        if (r < 0)
                return r == -EBADMSG ? discard(context, entry) : r;
        r = journal_take_back(context, plan, entry->id, &undoing);
        if (r < 0)
                return refuse(refusal, REFUSAL_FAILED,
                                "An earlier change has to be taken back first, and that fails: %s",
                                undoing.sentence ? undoing.sentence : strerror(-r));
        /* The stages of its job have run for what stood there until now. */
        if (entry->phase == JOURNAL_UNDOING && !plan->operation->release_goes)
                return queue_recovery(changer, entry, STEAL(plan), true);
        r = journal_finish(context, plan, true, true, refusal);
        return r < 0 ? r : store_journal_end(context->store, entry->id);
}

int recovery_settle(Changer *changer, Refusal *refusal)
{
        const ChangeContext *context = changer_context(changer);
        JournalList list CLEANUP(journal_list_done) = { 0 };
        int r = store_journal_open_entries(context->store, &list);

        for (size_t i = 0; r >= 0 && i < list.count; i++) {
                if (has_job(changer, list.items[i].id))
                        continue;
                r = journal_check(context, refusal);
                if (r >= 0)
                        r = settle_entry(changer, &list.items[i], refusal);
        }
        return r;
}
