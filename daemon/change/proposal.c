/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Makes proposals, and does what was proposed. What is special about an operation is in its row. */

#include "change/proposal.h"

#include <errno.h>
#include <string.h>

#include "change/checks/findings.h"
#include "change/checks/index-foresight.h"
#include "change/dry-run.h"
#include "change/journal.h"
#include "change/recovery.h"
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

        for (size_t i = 0; r >= 0 && i < changer_job_count(changer); i++) {
                StringSet taken CLEANUP_STRING_SET = { 0 };
                const Job *job = changer_job_at(changer, i);
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
        for (size_t i = 0; i < changer_job_count(changer); i++) {
                StringSet releases CLEANUP_STRING_SET = { 0 };
                int r = plan_releases(changer_job_at(changer, i)->plan, &releases);

                if (r < 0)
                        return r;
                if (string_set_contains(&releases, release))
                        return refuse(refusal, REFUSAL_BUSY,
                                        "Job %u changes drivers of kernel release %s. Wait for it or "
                                        "cancel it.",
                                        changer_job_at(changer, i)->id, release);
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
        int r = request->operation->plan(changer_context(changer), request, &proposal, refusal);

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

/* Whether everything is as PLAN wants it, on disk and in the index. 1, 0 or a negative errno. */
static int is_there(const HostRoot *root, const Plan *plan)
{
        char *sentence CLEANUP_FREE = NULL;

        return plan_is_empty(plan) ? plan_verify(root, plan, &sentence) : 0;
}

/* What keeps from being effective what stands on disk already. */
static int foresee(Changer *changer, Proposal *proposal)
{
        const ChangeContext *context = changer_context(changer);
        int r = is_there(context->root, proposal->plan);

        return r != 0 ? r : index_foresight_check(context, proposal->plan, &proposal->findings);
}

int proposal_make_found(
                Changer *changer, const Request *request, void *found, Proposal *ret, Refusal *refusal)
{
        const Operation *operation = request->operation;
        Proposal proposal CLEANUP_PROPOSAL = { 0 };
        int r = make_plan(changer, request, found, &proposal, refusal);

        if (r >= 0)
                r = operation->release_goes ? refuse_going(changer, request->kernels->items[0], refusal)
                                            : proposal_refuse_busy(changer, proposal.plan, refusal);
        /* What is there already needs no permission to be so; but it may not be effective. */
        if (r >= 0 && operation->check)
                r = plan_is_empty(proposal.plan) ? foresee(changer, &proposal)
                                                 : operation->check(changer_context(changer), &proposal);
        if (r >= 0)
                r = findings_refuse(&proposal.findings, request->ignore, refusal);
        if (r < 0)
                return r;
        *ret = proposal;
        proposal = (Proposal){ 0 };
        return 0;
}

int proposal_check(Changer *changer, const Request *request, ProblemList *ret, Refusal *refusal)
{
        Proposal proposal CLEANUP_PROPOSAL = { 0 };
        int r = proposal_plan(changer, request, &proposal, refusal);

        if (r == -ECANCELED && refusal->kind == REFUSAL_CONFLICT)
                r = problem_list_add(
                                &proposal.findings, SEVERITY_ERROR, "not-regular", "%s", refusal->sentence);
        else if (r >= 0)
                r = request->operation->check(changer_context(changer), &proposal);
        if (r < 0)
                return r;
        *ret = proposal.findings;
        proposal.findings = (ProblemList){ 0 };
        return 0;
}

/* --- the change ---------------------------------------------------------------------------------------- */

/* The host's lock, and nothing left of an earlier change, unless that takes a job which has other modules
 * than the plan. */
static int prepare(Changer *changer, const Proposal *proposal, Refusal *refusal)
{
        /* The lock lies where the database does, which knows better what is wrong there. */
        int r = journal_check_known(changer_context(changer), refusal);

        if (r >= 0)
                r = changer_lock(changer, refusal);
        /* A plan that is placed at once begins with the journal, which needs no proof then. */
        if (r >= 0 && proposal->operation->commit)
                r = journal_check(changer_context(changer), refusal);
        if (r >= 0)
                r = recovery_settle(changer, refusal);
        return r < 0 ? r : refuse_taken(changer, proposal->plan, refusal);
}

/* What is wanted was there already. */
static int accept(Changer *changer, Plan *plan_taken, uid_t uid, Job **ret)
{
        Plan *plan CLEANUP(plan_freep) = plan_taken;
        Job *job;
        int r;

        journal_remember(changer_context(changer), plan);
        r = changer_new_job(changer, STEAL(plan), 0, uid, &job);
        if (r < 0)
                return r;
        job->satisfied = true;
        return changer_finish_at_once(changer, job, ret);
}

static int change(Changer *changer, Proposal *proposal, uid_t uid, Job **ret_job, Refusal *refusal)
{
        Job *job CLEANUP(job_unrefp) = NULL;
        int r = changer_new_job(changer, STEAL(proposal->plan), 0, uid, &job);

        if (r >= 0)
                r = journal_place(changer_context(changer), job->plan, uid, &job->journal_id, refusal);
        return r < 0 ? r : changer_start_job(changer, job, ret_job);
}

int proposal_commit(Changer *changer, Proposal *proposal, uid_t uid, Job **ret_job, Refusal *refusal)
{
        const Operation *operation = proposal->operation;
        const ChangeContext *context = changer_context(changer);
        int done, r;

        if (proposal->waits)
                return -EINVAL;
        done = operation->commit && !proposal->dry_run ? 0 : is_there(context->root, proposal->plan);
        if (done < 0)
                return done;
        if (proposal->dry_run)
                return dry_run_start(changer, STEAL(proposal->plan), done > 0, uid, ret_job, refusal);
        if (done > 0)
                return accept(changer, STEAL(proposal->plan), uid, ret_job);
        r = prepare(changer, proposal, refusal);
        if (r >= 0)
                r = (operation->commit ? operation->commit : change)(
                                changer, proposal, uid, ret_job, refusal);
        if (r < 0)
                changer_unlock(changer);
        /* A refused change may have come and gone on disk: nobody shall see what was between. */
        if (!operation->commit)
                context_refresh(context);
        return r;
}

int proposal_carry_out(Changer *changer, const Request *request, uid_t uid, Job **ret_job, Refusal *refusal)
{
        Proposal proposal CLEANUP_PROPOSAL = { 0 };
        int r = proposal_make(changer, request, &proposal, refusal);

        return r < 0 ? r : proposal_commit(changer, &proposal, uid, ret_job, refusal);
}
