/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a change leaves in the store: the intent before, the end and the history after. */

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "change/changer-internal.h"
#include "change/parts/transaction.h"
#include "change/pending-mark.h"
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

int changer_journal_begin(Changer *changer, const Plan *plan, uid_t uid, int64_t *ret_id, Refusal *refusal)
{
        char *json CLEANUP_FREE = NULL;
        int r = plan_to_json(plan, &json);

        if (r < 0)
                return r;
        /* Without the mark the recovery comes later in the boot, as if there were none. */
        (void) !pending_mark_set(changer->root);
        r = store_journal_begin(changer->store, json, uid, clock_usec(CLOCK_REALTIME), ret_id);
        if (r < 0)
                return refuse(refusal, REFUSAL_FAILED,
                                "The journal in /var/lib/hostdriver can't be written: %s.", strerror(-r));
        return 0;
}

int changer_take_back(Changer *changer, const Plan *plan, int64_t journal_id, Refusal *refusal)
{
        Plan *inverse CLEANUP(plan_freep) = NULL;
        int r = plan_invert(plan, &inverse);

        if (r < 0)
                return r;
        /* Should this not be written, a crash now makes recovery finish the change instead: as good. */
        (void) !store_journal_phase(changer->store, journal_id, JOURNAL_UNDOING);
        r = transaction_apply(changer->root, inverse, refusal);
        if (r >= 0)
                return 0;
        log_message(3, plan->subject_count > 0 ? plan->subjects[0].driver : NULL, NULL,
                        "A change of %s could not be taken back: %s",
                        plan->subject_count > 0 ? plan->subjects[0].driver : "drivers",
                        refusal->sentence ? refusal->sentence : strerror(-r));
        return r;
}

static int record_wanted(Changer *changer, OperationWanted wanted, const PlanSubject *subject)
{
        if (wanted == WANTED_NOTHING)
                return store_wanted_remove(changer->store, subject->driver, subject->release);
        if (wanted == WANTED_SET)
                return store_wanted_set(changer->store, subject->driver, subject->release, subject->to);
        return 0;
}

int changer_add_history(Changer *changer, const Plan *plan, uid_t uid, JobResult result, const char *error)
{
        char *boot_id CLEANUP_FREE = read_boot_id(changer->root);
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

                r = store_history_add(changer->store, &entry);
                if (r >= 0 && result == JOB_RESULT_DONE)
                        r = record_wanted(changer, plan->operation->wanted, subject);
        }
        return r;
}

/* A job that is about images alone has no subjects. */
static int add_image_history(Changer *changer, const Job *job, JobResult result, const char *error)
{
        char *boot_id CLEANUP_FREE = read_boot_id(changer->root);
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

                r = store_history_add(changer->store, &entry);
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
static int add_wanted(Changer *changer, const Plan *plan)
{
        bool carried = plan->operation->wanted == WANTED_STANDS_IN;
        int r = 0;

        if (!carried && plan->operation->wanted != WANTED_SET)
                return 0;
        for (size_t i = 0; r >= 0 && i < plan->change_count; i++) {
                const PlanChange *change = &plan->changes[i];
                const DriverVersion *version = change_version(&changer->context, change);

                if (is_subject(plan, change->module) || (carried && version && version->tree->is_fallback))
                        continue;
                if (version || !change->after.directory)
                        r = store_wanted_set(changer->store, change->module, change->release,
                                        version ? version->id : "");
        }
        for (size_t i = 0; r >= 0 && i < plan->block_count; i++)
                for (size_t j = 0; r >= 0 && plan->blocks[i].after && j < plan->subject_count; j++)
                        if (!is_subject(plan, plan->blocks[i].module))
                                r = store_wanted_set(changer->store, plan->blocks[i].module,
                                                plan->subjects[j].release, "");
        return r;
}

int changer_journal_end(Changer *changer, Job *job, JobResult result, const char *error)
{
        int r = store_begin(changer->store);

        job->recorded = true;
        if (r >= 0)
                r = changer_add_history(changer, job->plan, job->uid, result, error);
        if (r >= 0)
                r = add_image_history(changer, job, result, error);
        if (r >= 0 && result == JOB_RESULT_DONE)
                r = add_wanted(changer, job->plan);
        if (r >= 0 && !job->unsettled && job->journal_id != 0)
                r = store_journal_end(changer->store, job->journal_id);
        if (r >= 0)
                r = store_commit(changer->store);
        if (r >= 0)
                return 0;
        store_rollback(changer->store);
        log_message(4, job->driver, NULL, "The end of job %u could not be recorded: %s.", job->id,
                        strerror(-r));
        return r;
}

void changer_clear_mark(Changer *changer)
{
        JournalList list CLEANUP(journal_list_done) = { 0 };

        if (store_journal_open_entries(changer->store, &list) >= 0 && list.count == 0)
                (void) !pending_mark_clear(changer->root);
}

void changer_remember(Changer *changer, const Plan *plan)
{
        bool drifted = false;
        int r;

        if (plan->operation->wanted != WANTED_SET)
                return;
        r = store_begin(changer->store);

        for (size_t i = 0; r >= 0 && i < plan->subject_count; i++) {
                const PlanSubject *subject = &plan->subjects[i];
                const Driver *driver = changer->host.driver(changer->host.userdata, subject->driver);

                drifted = drifted || (driver && driver->drifts.count > 0);
                r = store_wanted_set(changer->store, subject->driver, subject->release, subject->to);
        }
        if (r >= 0)
                r = add_wanted(changer, plan);
        if (r >= 0)
                r = store_commit(changer->store);
        if (r < 0)
                store_rollback(changer->store);
        /* It is what is wanted from now on, so that nobody else has changed it. */
        else if (drifted)
                changer->host.refresh(changer->host.userdata);
}

int changer_end_forgetting(
                Changer *changer, const Plan *plan, int64_t journal_id, uid_t uid, const char *error)
{
        int r = store_begin(changer->store);

        if (r < 0)
                return r;
        for (size_t i = 0; r >= 0 && !error && i < plan->change_count; i++)
                r = store_kernel_remove(changer->store, plan->changes[i].release);
        if (r >= 0)
                r = changer_add_history(
                                changer, plan, uid, error ? JOB_RESULT_FAILED : JOB_RESULT_DONE, error);
        if (r >= 0 && journal_id != 0)
                r = store_journal_end(changer->store, journal_id);
        if (r >= 0)
                return store_commit(changer->store);
        store_rollback(changer->store);
        return r;
}
