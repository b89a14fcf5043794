/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Plans what goes with a kernel release, and forgets it. */

#include "change/operations/forget.h"

#include <errno.h>
#include <string.h>

#include "change/journal.h"
#include "change/plan/plan-forget.h"
#include "host/kernel/kernel-installed.h"
#include "store/store-policy.h"
#include "store/store.h"

int forget_plan(const ChangeContext *context, const Request *request, Proposal *proposal, Refusal *refusal)
{
        const char *release = request->kernels->items[0];
        int r;

        if (strcmp(release, host_root_kernel(context->root)) == 0)
                return refuse(refusal, REFUSAL_IN_USE,
                                "Kernel release %s is the one that runs, and its drivers are loaded by what "
                                "is selected for it. Boot another one, then run `hostdriverctl "
                                "kernel-removed %s`.",
                                release, release);
        r = request->leaving ? 0 : kernel_is_installed(context->root, release);
        if (r > 0)
                return refuse(refusal, REFUSAL_IN_USE,
                                "Kernel release %s is installed: without what is selected for it, it would "
                                "load any version. Remove its package, or, if it is just being removed, add "
                                "--leaving.",
                                release);
        if (r >= 0)
                r = string_set_add(&proposal->kernels, release);
        return r < 0 ? r : plan_forget(context_facts(context), release, &proposal->plan);
}

static int forget(const ChangeContext *context, const Plan *plan, const char *release, uid_t uid,
                Refusal *refusal)
{
        int64_t journal_id = 0;
        int r = plan->change_count > 0 ? journal_place(context, plan, uid, &journal_id, refusal) : 0;

        if (r < 0)
                return r;
        r = plan->change_count > 0 ? journal_end_forgotten(context, plan, journal_id, uid, NULL)
                                   : store_kernel_remove(context->store, release);
        if (r >= 0)
                return 0;
        /* Who is told no must find all as it was. */
        if (journal_id != 0)
                journal_abandon(context, plan, journal_id);
        return refuse(refusal, REFUSAL_FAILED,
                        "What was wanted in kernel release %s can't be forgotten, since the database in "
                        "/var/lib/hostdriver can't be written: %s.",
                        release, strerror(-r));
}

int forget_commit(Changer *changer, Proposal *proposal, uid_t uid, Job **ret_job, Refusal *refusal)
{
        int r = forget(changer_context(changer), proposal->plan, proposal->kernels.items[0], uid, refusal);

        *ret_job = NULL;
        changer_unlock(changer);
        context_refresh(changer_context(changer));
        return r;
}
