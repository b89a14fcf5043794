/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Places plans between two journal entries, takes them back, and remembers how that ended. */

#include "change/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "change/parts/transaction.h"
#include "change/pending-mark.h"
#include "change/tool/verify.h"
#include "model/version-id.h"
#include "store/store-history.h"
#include "store/store-journal.h"
#include "store/store-policy.h"
#include "store/store-wanted.h"
#include "store/store.h"
#include "util/clock.h"
#include "util/fs.h"
#include "util/log.h"

#define BOOT_ID_PATH "/proc/sys/kernel/random/boot_id"

/* Of this boot; a root that has no /proc shares the host's. "" if nobody knows. */
static char *read_boot_id(const HostRoot *root)
{
        char *text = NULL;

        if (host_root_read(root, BOOT_ID_PATH, 128, &text, NULL) < 0 &&
                        fs_read_file_at(AT_FDCWD, BOOT_ID_PATH, 128, &text, NULL) < 0)
                return strdup("");
        text[strcspn(text, "\n")] = '\0';
        return text;
}

static int refuse_unwritable(int error, Refusal *refusal)
{
        return refuse(refusal, REFUSAL_FAILED,
                        "The database in /var/lib/hostdriver can't be written, and without it a "
                        "change could not be undone after a crash: %s.",
                        strerror(-error));
}

static int begin(
                const ChangeContext *context, const Plan *plan, uid_t uid, int64_t *ret_id, Refusal *refusal)
{
        char *json CLEANUP_FREE = NULL;
        int r = plan_to_json(plan, &json);

        if (r < 0)
                return r;
        /* Without the mark the recovery comes later in the boot, as if there were none. */
        (void) !pending_mark_set(context->root);
        r = store_journal_begin(context->store, json, uid, clock_usec(CLOCK_REALTIME), ret_id);
        return r < 0 ? refuse_unwritable(r, refusal) : 0;
}

int journal_redo(const ChangeContext *context, const Plan *plan, Refusal *refusal)
{
        int r = transaction_apply(context->root, plan, refusal);

        return r < 0 || plan->operation->stages & STAGE_INDEX
                               ? r
                               : transaction_finish(context->root, plan, refusal);
}

static int complain(const Plan *plan, int r, const Refusal *refusal)
{
        const char *driver = plan->subject_count > 0 ? plan->subjects[0].driver : NULL;

        log_message(3, driver, NULL, "A change of %s could not be taken back: %s",
                        driver ? driver : "drivers", refusal->sentence ? refusal->sentence : strerror(-r));
        return r;
}

int journal_take_back(const ChangeContext *context, const Plan *plan, int64_t journal_id, Refusal *refusal)
{
        Plan *inverse CLEANUP(plan_freep) = NULL;
        int r = plan_invert(plan, &inverse);

        if (r < 0)
                return r;
        /* Should this not be written, a crash now makes recovery finish the change instead: as good. */
        (void) !store_journal_phase(context->store, journal_id, JOURNAL_UNDOING);
        r = journal_redo(context, inverse, refusal);
        return r < 0 ? complain(plan, r, refusal) : 0;
}

static int finish_taking_back(const ChangeContext *context, const Plan *plan, bool well, Refusal *refusal)
{
        Plan *inverse CLEANUP(plan_freep) = NULL;
        char *sentence CLEANUP_FREE = NULL;
        int r = plan_invert(plan, &inverse);

        if (r >= 0 && !well) {
                r = plan_verify_unblocked(context->root, inverse, &sentence);
                if (r == 0)
                        return refuse(refusal, REFUSAL_FAILED, "%s", sentence);
        }
        return r < 0 ? r : transaction_finish(context->root, inverse, refusal);
}

int journal_finish(
                const ChangeContext *context, const Plan *plan, bool taken_back, bool well, Refusal *refusal)
{
        int r;

        if (!taken_back)
                return transaction_finish(context->root, plan, refusal);
        r = finish_taking_back(context, plan, well, refusal);
        return r < 0 ? complain(plan, r, refusal) : 0;
}

void journal_abandon(const ChangeContext *context, const Plan *plan, int64_t journal_id)
{
        Refusal refusal CLEANUP_REFUSAL = { 0 };

        /* No depmod has run since: the index is what it was. */
        if (journal_take_back(context, plan, journal_id, &refusal) >= 0 &&
                        journal_finish(context, plan, true, true, &refusal) >= 0)
                (void) !store_journal_end(context->store, journal_id);
}

int journal_place(
                const ChangeContext *context, const Plan *plan, uid_t uid, int64_t *ret_id, Refusal *refusal)
{
        int64_t id;
        int r = transaction_check(context->root, plan, refusal);

        if (r >= 0)
                r = begin(context, plan, uid, &id, refusal);
        if (r < 0)
                return r;
        r = journal_redo(context, plan, refusal);
        if (r >= 0) {
                r = store_journal_phase(context->store, id, JOURNAL_DURABLE);
                if (r < 0)
                        r = refuse(refusal, REFUSAL_FAILED,
                                        "The journal in /var/lib/hostdriver can't be written: %s.",
                                        strerror(-r));
        }
        if (r >= 0) {
                *ret_id = id;
                return 0;
        }
        /* Whatever is left of it: recovery_settle() tries again. */
        journal_abandon(context, plan, id);
        return r == -ENOMEM || refusal->kind == REFUSAL_NONE ? r : -ECANCELED;
}

int journal_check(const ChangeContext *context, Refusal *refusal)
{
        int r = store_check_writable(context->store);

        return r < 0 ? refuse_unwritable(r, refusal) : 0;
}

int journal_check_known(const ChangeContext *context, Refusal *refusal)
{
        int r = store_known_refusal(context->store);

        return r < 0 ? refuse_unwritable(r, refusal) : 0;
}

/* VERSION: an id; "" for none. In full, if that can be told, as a refresh would have to spell it. Healing
 * takes no file for the one that was selected. */
static int set_wanted(const ChangeContext *context, const Operation *operation, const char *name,
                const char *release, const char *version)
{
        const Driver *driver = context_driver(context, name);
        const DriverVersion *meant = driver && *version ? driver_version_meant(driver, version) : NULL;
        char *full CLEANUP_FREE = meant ? driver_version_full(meant) : NULL;

        return (operation->heals ? store_wanted_keep : store_wanted_set)(
                        context->store, name, release, full ? full : version);
}

/* A version that has come under a name that is wanted is what it is. */
static int forget_build(const ChangeContext *context, const PlanSubject *subject)
{
        char *wanted CLEANUP_FREE = NULL;
        int r = store_wanted_get(context->store, subject->driver, subject->release, &wanted);
        size_t size, end = strlen(subject->to);

        if (r < 0)
                return r == -ENOENT ? 0 : r;
        size = strlen(wanted);
        if (size < end || strcmp(wanted + size - end, subject->to) != 0 ||
                        (size > end && wanted[size - end - 1] != '/'))
                return 0;
        return store_wanted_set_build(context->store, subject->driver, subject->release, "");
}

static int record_wanted(
                const ChangeContext *context, const Operation *operation, const PlanSubject *subject)
{
        switch (operation->wanted) {
        case WANTED_NOTHING:
                return store_wanted_remove(context->store, subject->driver, subject->release);
        case WANTED_SET:
                return set_wanted(context, operation, subject->driver, subject->release, subject->to);
        case WANTED_AS_BEFORE:
                return *subject->to ? forget_build(context, subject) : 0;
        case WANTED_STANDS_IN:
        default:
                return 0;
        }
}

static int add_history(const ChangeContext *context, const Plan *plan, uid_t uid, JobResult result,
                const char *error)
{
        char *boot_id CLEANUP_FREE = read_boot_id(context->root);
        int r = boot_id ? 0 : -ENOMEM;

        for (size_t i = 0; r >= 0 && i < plan->subject_count; i++) {
                const PlanSubject *subject = &plan->subjects[i];
                const HistoryEntry entry = { .time_us = clock_usec(CLOCK_REALTIME),
                        .boot_id = boot_id,
                        .uid = uid,
                        .kind = (char *) plan->operation->name,
                        .driver = subject->driver,
                        .release = subject->release,
                        .from = subject->from,
                        .to = subject->to,
                        .result = (char *) job_result_text(result),
                        .detail = (char *) (error ? error : "") };

                r = store_history_add(context->store, &entry);
                if (r >= 0 && result == JOB_RESULT_DONE)
                        r = record_wanted(context, plan->operation, subject);
        }
        return r;
}

/* A job that is about images alone has no subjects. */
static int add_image_history(
                const ChangeContext *context, const Job *job, JobResult result, const char *error)
{
        char *boot_id CLEANUP_FREE = read_boot_id(context->root);
        int r = boot_id ? 0 : -ENOMEM;

        for (size_t i = 0; r >= 0 && i < job->rebuilt.count; i++) {
                const HistoryEntry entry = { .time_us = clock_usec(CLOCK_REALTIME),
                        .boot_id = boot_id,
                        .uid = job->uid,
                        .kind = (char *) job->plan->operation->name,
                        .driver = (char *) "",
                        .release = job->rebuilt.items[i],
                        .from = (char *) "",
                        .to = (char *) "",
                        .result = (char *) job_result_text(result),
                        .detail = (char *) (error ? error : "") };

                r = store_history_add(context->store, &entry);
        }
        return r;
}

static bool is_subject(const Plan *plan, const char *module)
{
        for (size_t i = 0; i < plan->subject_count; i++)
                if (strcmp(plan->subjects[i].driver, module) == 0)
                        return true;
        return false;
}

/* What a package took along is wanted, too: else what was once selected of it by its own name would seem to
 * be what is wanted still. What stands in for something better is not. */
static int add_wanted(const ChangeContext *context, const Plan *plan)
{
        bool carried = plan->operation->wanted == WANTED_STANDS_IN;
        int r = 0;

        if (!carried && plan->operation->wanted != WANTED_SET)
                return 0;
        for (size_t i = 0; r >= 0 && i < plan->change_count; i++) {
                const PlanChange *change = &plan->changes[i];
                const DriverVersion *version = change_version(context, change);

                if (is_subject(plan, change->module) || (carried && version && version->tree->is_fallback))
                        continue;
                if (version || !change->after.directory)
                        r = set_wanted(context, plan->operation, change->module, change->release,
                                        version ? version->id : "");
        }
        for (size_t i = 0; r >= 0 && i < plan->block_count; i++)
                for (size_t j = 0; r >= 0 && plan->blocks[i].after && j < plan->subject_count; j++)
                        if (!is_subject(plan, plan->blocks[i].module))
                                r = store_wanted_set(context->store, plan->blocks[i].module,
                                                plan->subjects[j].release, "");
        return r;
}

int journal_end(const ChangeContext *context, Job *job, JobResult result, const char *error,
                const DurationList *took)
{
        int r = store_begin(context->store);

        job->recorded = true;
        if (r >= 0)
                r = add_history(context, job->plan, job->uid, result, error);
        if (r >= 0)
                r = add_image_history(context, job, result, error);
        if (r >= 0 && result == JOB_RESULT_DONE)
                r = add_wanted(context, job->plan);
        if (r >= 0 && !job->unsettled && job->journal_id != 0)
                r = store_journal_end(context->store, job->journal_id);
        if (r >= 0)
                r = store_durations_add(context->store, took);
        if (r >= 0)
                r = store_commit(context->store);
        if (r >= 0)
                return 0;
        store_rollback(context->store);
        log_message(4, job->driver, NULL, "The end of job %u could not be recorded: %s.", job->id,
                        strerror(-r));
        return r;
}

void journal_clear_mark(const ChangeContext *context)
{
        JournalList list CLEANUP(journal_list_done) = { 0 };

        if (store_journal_open_entries(context->store, &list) >= 0 && list.count == 0)
                (void) !pending_mark_clear(context->root);
}

/* Whether somebody else is said to have changed what is wanted of MODULE. */
static bool is_told(const ChangeContext *context, const char *module)
{
        const Driver *driver = context_driver(context, module);
        bool told = driver && driver->drifts.count > 0;

        for (size_t i = 0; driver && i < driver->problems.count; i++)
                told = told || strcmp(driver->problems.items[i].code, "version-changed") == 0;
        return told;
}

void journal_remember(const ChangeContext *context, const Plan *plan)
{
        bool told = false;
        int r;

        if (plan->operation->wanted != WANTED_SET)
                return;
        r = store_begin(context->store);

        for (size_t i = 0; r >= 0 && i < plan->subject_count; i++) {
                const PlanSubject *subject = &plan->subjects[i];

                told = told || is_told(context, subject->driver);
                r = set_wanted(context, plan->operation, subject->driver, subject->release, subject->to);
        }
        for (size_t i = 0; i < plan->change_count; i++)
                told = told || is_told(context, plan->changes[i].module);
        if (r >= 0)
                r = add_wanted(context, plan);
        if (r >= 0)
                r = store_commit(context->store);
        if (r < 0)
                store_rollback(context->store);
        /* It is what is wanted from now on, so that nobody else has changed it. */
        else if (told)
                context_refresh(context);
}

int journal_end_forgotten(const ChangeContext *context, const Plan *plan, int64_t journal_id, uid_t uid,
                const char *error)
{
        int r = store_begin(context->store);

        if (r < 0)
                return r;
        for (size_t i = 0; r >= 0 && !error && i < plan->change_count; i++)
                r = store_kernel_remove(context->store, plan->changes[i].release);
        if (r >= 0)
                r = add_history(context, plan, uid, error ? JOB_RESULT_FAILED : JOB_RESULT_DONE, error);
        if (r >= 0 && journal_id != 0)
                r = store_journal_end(context->store, journal_id);
        if (r >= 0)
                return store_commit(context->store);
        store_rollback(context->store);
        return r;
}
