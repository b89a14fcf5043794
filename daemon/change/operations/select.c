/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a selection comes to, whoever wants it. */

#include "change/operations/select.h"

#include <errno.h>

#include "change/checks/plan-checks.h"
#include "change/plan/plan-new.h"
#include "change/proposal.h"

int select_plan(const ChangeContext *context, const Request *request, Proposal *proposal, Refusal *refusal)
{
        PlanTarget *targets CLEANUP_FREE = calloc(request->target_count + 1, sizeof(*targets));

        if (!targets)
                return -ENOMEM;
        for (size_t i = 0; i < request->target_count; i++) {
                const ChangeTarget *target = &request->targets[i];

                targets[i] = (PlanTarget){ context_driver(context, target->driver), target->version };
                if (!targets[i].driver)
                        return refuse(refusal, REFUSAL_NO_SUCH_DRIVER,
                                        "No driver %s is installed in several versions. `hostdriverctl list` "
                                        "shows those that are.",
                                        target->driver);
        }
        return plan_new(context_facts(context), targets, request->target_count, request->kernels,
                        &proposal->plan, refusal);
}

int select_check(const ChangeContext *context, Proposal *proposal)
{
        return preflight_plan(context, proposal->plan, &proposal->findings);
}
