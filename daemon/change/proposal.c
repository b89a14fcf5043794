/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Makes proposals, and does what was proposed. What is special about an operation is in its row. */

#include "change/proposal.h"

#include <errno.h>
#include <string.h>

#include "change/changer-dry-run.h"
#include "change/changer-internal.h"
#include "change/findings.h"
#include "change/host-lock.h"
#include "change/parts/transaction.h"
#include "change/tool/depmod.h"
#include "change/tool/verify.h"

void proposal_done(Proposal *proposal)
{
        (void) plan_free(proposal->plan);
        problem_list_done(&proposal->findings);
        free(proposal->package);
        free(proposal->version);
        string_set_done(&proposal->kernels);
        *proposal = (Proposal){ 0 };
}

/* --- what may be in its way ---------------------------------------------------------------------------- */

/* The first module of both sets, or NULL. */
static const char *find_common(const StringSet *a, const StringSet *b)
{
        for (size_t i = 0; i < a->count; i++)
                if (string_set_contains(b, a->items[i]))
                        return a->items[i];
        return NULL;
}

static int refuse_taken(const Changer *changer, const Plan *plan, Refusal *refusal)
{
        StringSet modules CLEANUP_STRING_SET = { 0 };
        int r = plan_modules(plan, &modules);

        for (size_t i = 0; r >= 0 && i < changer->job_count; i++) {
                StringSet taken CLEANUP_STRING_SET = { 0 };
                const Job *job = changer->jobs[i];
                const char *module;

                if (job->state == JOB_DONE)
                        continue;
                r = plan_modules(job->plan, &taken);
                module = r >= 0 ? find_common(&modules, &taken) : NULL;
                if (module)
                        return refuse(refusal, REFUSAL_BUSY,
                                        "The module %s is being changed by job %u. Wait for it or "
                                        "cancel it.",
                                        module, job->id);
        }
        return r;
}

/* No job may deal with a kernel release that goes. */
static int refuse_going(const Changer *changer, const char *release, Refusal *refusal)
{
        int stopping = changer_refuse_stopping(changer, refusal);

        if (stopping < 0)
                return stopping;
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

int proposal_refuse_busy(const Changer *changer, const Plan *plan, Refusal *refusal)
{
        int r = changer_refuse_stopping(changer, refusal);

        if (r < 0 || !plan_has_parts(plan))
                return r;
        if (!depmod_path())
                return refuse(refusal, REFUSAL_NOT_SUPPORTED,
                                "There is no depmod, which makes a selection effective. Install kmod.");
        return refuse_taken(changer, plan, refusal);
}

/* --- the proposal -------------------------------------------------------------------------------------- */

static int make_plan(Changer *changer, const Request *request, void *found, Proposal *ret, Refusal *refusal)
{
        Proposal proposal CLEANUP_PROPOSAL = {
                .operation = request->operation, .dry_run = request->dry_run, .found = found
        };
        int r = request->operation->plan(&changer->context, request, &proposal, refusal);

        if (r < 0)
                return r;
        proposal.plan->operation = request->operation;
        *ret = proposal;
        proposal = (Proposal){ 0 };
        return 0;
}

int proposal_plan(Changer *changer, const Request *request, Proposal *ret, Refusal *refusal)
{
        return make_plan(changer, request, NULL, ret, refusal);
}

int proposal_make(Changer *changer, const Request *request, Proposal *ret, Refusal *refusal)
{
        return proposal_make_found(changer, request, NULL, ret, refusal);
}

int proposal_make_found(
                Changer *changer, const Request *request, void *found, Proposal *ret, Refusal *refusal)
{
        const Operation *operation = request->operation;
        Proposal proposal CLEANUP_PROPOSAL = { 0 };
        int r = make_plan(changer, request, found, &proposal, refusal);

        changer->plan_count++;
        if (r >= 0)
                r = operation->release_goes ? refuse_going(changer, request->kernels->items[0], refusal)
                                            : proposal_refuse_busy(changer, proposal.plan, refusal);
        /* What is there already needs no permission to be so. */
        if (r >= 0 && operation->check && !plan_is_empty(proposal.plan))
                r = operation->check(&changer->context, &proposal);
        if (r >= 0)
                r = findings_refuse(&proposal.findings, request->ignore, refusal);
        if (r < 0)
                return r;
        *ret = proposal;
        proposal = (Proposal){ 0 };
        return 0;
}

unsigned proposal_count(const Changer *changer)
{
        return changer->plan_count;
}

int proposal_check(Changer *changer, const Request *request, ProblemList *ret, Refusal *refusal)
{
        Proposal proposal CLEANUP_PROPOSAL = { 0 };
        int r = proposal_plan(changer, request, &proposal, refusal);

        if (r == -ECANCELED && refusal->kind == REFUSAL_CONFLICT)
                r = problem_list_add(
                                &proposal.findings, SEVERITY_ERROR, "not-regular", "%s", refusal->sentence);
        else if (r >= 0)
                r = request->operation->check(&changer->context, &proposal);
        if (r < 0)
                return r;
        *ret = proposal.findings;
        proposal.findings = (ProblemList){ 0 };
        return 0;
}

/* --- the change ---------------------------------------------------------------------------------------- */

int changer_nothing_to_do(const Changer *changer, const Plan *plan)
{
        char *sentence CLEANUP_FREE = NULL;

        return plan_is_empty(plan) ? plan_verify(changer->root, plan, &sentence) : 0;
}

int changer_refuse_database(int error, Refusal *refusal)
{
        return refuse(refusal, REFUSAL_FAILED,
                        "The database in /var/lib/hostdriver can't be written, and without it a "
                        "change could not be undone after a crash: %s.",
                        strerror(-error));
}

int changer_prepare(Changer *changer, Refusal *refusal)
{
        int r;

        if (changer->lock_fd < 0) {
                changer->lock_fd = host_lock_take(changer->root, refusal);
                if (changer->lock_fd < 0)
                        return changer->lock_fd;
        }
        r = store_check_writable(changer->store);
        if (r < 0)
                return changer_refuse_database(r, refusal);
        return changer_settle(changer, refusal);
}

int changer_make_durable(Changer *changer, const Plan *plan, uid_t uid, int64_t *ret_id, Refusal *refusal)
{
        Refusal undoing CLEANUP_REFUSAL = { 0 };
        int64_t id;
        int r = transaction_check(changer->root, plan, refusal);

        if (r >= 0)
                r = changer_journal_begin(changer, plan, uid, &id, refusal);
        if (r < 0)
                return r;
        r = transaction_apply(changer->root, plan, refusal);
        if (r >= 0) {
                r = store_journal_phase(changer->store, id, JOURNAL_DURABLE);
                if (r < 0)
                        r = refuse(refusal, REFUSAL_FAILED,
                                        "The journal in /var/lib/hostdriver can't be written: %s.",
                                        strerror(-r));
        }
        if (r >= 0) {
                *ret_id = id;
                return 0;
        }
        /* Whatever is left of it: changer_settle() tries again. */
        if (changer_take_back(changer, plan, id, &undoing) >= 0)
                (void) !store_journal_end(changer->store, id);
        return r == -ENOMEM || refusal->kind == REFUSAL_NONE ? r : -ECANCELED;
}

/* What is wanted was there already. */
static int accept(Changer *changer, Plan *plan_taken, uid_t uid, Job **ret)
{
        Plan *plan CLEANUP(plan_freep) = plan_taken;
        Job *job;
        int r;

        changer_remember(changer, plan);
        r = changer_new_job(changer, STEAL(plan), 0, uid, &job);
        if (r < 0)
                return r;
        job->satisfied = true;
        return changer_finish_at_once(changer, job, ret);
}

int changer_start_job(Changer *changer, Job *job, Job **ret)
{
        Refusal undoing CLEANUP_REFUSAL = { 0 };
        int r = changer_announce_job(changer, job_ref(job), ret);

        if (r >= 0) {
                r = job_queue_add(changer->queue, job, NULL);
                if (r < 0)
                        changer_end_job(changer, job, JOB_RESULT_FAILED, strerror(-r));
        }
        if (r < 0 && job->journal_id != 0 &&
                        changer_take_back(changer, job->plan, job->journal_id, &undoing) >= 0)
                (void) !store_journal_end(changer->store, job->journal_id);
        return r;
}

static int change(Changer *changer, Proposal *proposal, uid_t uid, Job **ret_job, Refusal *refusal)
{
        Job *job CLEANUP(job_unrefp) = NULL;
        int r = changer_new_job(changer, STEAL(proposal->plan), 0, uid, &job);

        if (r >= 0)
                r = changer_make_durable(changer, job->plan, uid, &job->journal_id, refusal);
        return r < 0 ? r : changer_start_job(changer, job, ret_job);
}

int proposal_commit(Changer *changer, Proposal *proposal, uid_t uid, Job **ret_job, Refusal *refusal)
{
        const Operation *operation = proposal->operation;
        int r;

        if (proposal->waits)
                return -EINVAL;
        if (proposal->dry_run)
                return changer_dry_run(changer, STEAL(proposal->plan), uid, ret_job, refusal);
        r = operation->commit ? 0 : changer_nothing_to_do(changer, proposal->plan);
        if (r != 0)
                return r < 0 ? r : accept(changer, STEAL(proposal->plan), uid, ret_job);
        r = changer_prepare(changer, refusal);
        if (r >= 0)
                r = (operation->commit ? operation->commit : change)(
                                changer, proposal, uid, ret_job, refusal);
        if (r < 0)
                changer_unlock(changer);
        /* A refused change may have come and gone on disk: nobody shall see what was between. */
        if (!operation->commit)
                context_refresh(&changer->context);
        return r;
}

int proposal_carry_out(Changer *changer, const Request *request, uid_t uid, Job **ret_job, Refusal *refusal)
{
        Proposal proposal CLEANUP_PROPOSAL = { 0 };
        int r = proposal_make(changer, request, &proposal, refusal);

        return r < 0 ? r : proposal_commit(changer, &proposal, uid, ret_job, refusal);
}
