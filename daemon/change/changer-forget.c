/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Forgets a kernel release. No tool is run: its module index goes with it. */

#include <errno.h>
#include <string.h>

#include "change/changer-internal.h"
#include "change/parts/transaction.h"
#include "change/plan/plan-forget.h"
#include "host/kernel/kernel-installed.h"
#include "store/store-journal.h"
#include "store/store-policy.h"
#include "store/store.h"

static int refuse_busy(const Changer *changer, const char *release, Refusal *refusal)
{
        for (size_t i = 0; i < changer->job_count; i++) {
                StringSet releases CLEANUP_STRING_SET = { 0 };
                int r = plan_releases(changer->jobs[i]->plan, &releases);

                if (r < 0)
                        return r;
                if (string_set_contains(&releases, release))
                        return refuse(refusal, REFUSAL_BUSY,
                                        "Job %u changes drivers of kernel release %s. Wait for it or "
                                        "cancel it.",
                                        changer->jobs[i]->id, release);
        }
        return 0;
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

static int forget(Changer *changer, const Plan *plan, const char *release, uid_t uid, Refusal *refusal)
{
        int64_t journal_id = 0;
        int r = changer_prepare(changer, refusal);

        if (r >= 0 && plan->change_count > 0)
                r = changer_make_durable(changer, plan, uid, &journal_id, refusal);
        if (r < 0)
                return r;
        r = plan->change_count > 0 ? changer_end_forgetting(changer, plan, journal_id, uid, NULL)
                                   : store_kernel_remove(changer->store, release);
        if (r < 0) {
                Refusal undoing CLEANUP_REFUSAL = { 0 };

                /* Who is told no must find all as it was. */
                if (journal_id != 0 && changer_take_back(changer, plan, journal_id, &undoing) >= 0)
                        (void) !store_journal_end(changer->store, journal_id);
                return refuse(refusal, REFUSAL_FAILED,
                                "What was wanted in kernel release %s can't be forgotten, since the database "
                                "in /var/lib/hostdriver can't be written: %s.",
                                release, strerror(-r));
        }
        return 0;
}

int changer_check_forget(const Changer *changer, const char *release, bool leaving, Refusal *refusal)
{
        int r;

        if (strcmp(release, host_root_kernel(changer->root)) == 0)
                return refuse(refusal, REFUSAL_IN_USE,
                                "Kernel release %s is the one that runs, and its drivers are loaded by what "
                                "is selected for it. Boot another one, then run `hostdriverctl "
                                "kernel-removed %s`.",
                                release, release);
        r = leaving ? 0 : kernel_is_installed(changer->root, release);
        if (r <= 0)
                return r;
        return refuse(refusal, REFUSAL_IN_USE,
                        "Kernel release %s is installed: without what is selected for it, it would load any "
                        "version. Remove its package, or, if it is just being removed, add --leaving.",
                        release);
}

int changer_forget(Changer *changer, const char *release, bool leaving, uid_t uid, Refusal *refusal)
{
        const Facts *facts = changer->host.facts(changer->host.userdata);
        Plan *plan CLEANUP(plan_freep) = NULL;
        int r;

        if (changer->stopping)
                return refuse(refusal, REFUSAL_FAILED, "The service is about to end. Try again.");
        r = changer_check_forget(changer, release, leaving, refusal);
        if (r >= 0)
                r = refuse_busy(changer, release, refusal);
        if (r >= 0)
                r = plan_forget(facts, release, &plan);
        if (r >= 0) {
                plan->operation = &operation_table[OPERATION_FORGET];
                r = forget(changer, plan, release, uid, refusal);
        }
        changer_unlock(changer);
        changer->host.refresh(changer->host.userdata);
        return r;
}
