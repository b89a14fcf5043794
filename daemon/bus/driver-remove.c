/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The method Remove. Its reply comes when it is known that no package owns the version, which may take rpm
 * some time. */

#include <errno.h>
#include <string.h>

#include "bus/change-request.h"
#include "bus/driver-methods.h"
#include "bus/error.h"
#include "bus/held-call.h"
#include "bus/version-request.h"

typedef struct RemoveCall {
        HeldCall held;
        Options options;
        VersionRequest request;
        ChangerRemoval *removal;
} RemoveCall;

static void free_call(HeldCall *held)
{
        RemoveCall *call = (RemoveCall *) held;

        held_call_done(held);
        options_done(&call->options);
        free(call);
}

static RemoveCall *remove_call_free(RemoveCall *call)
{
        if (call)
                free_call(&call->held);
        return NULL;
}
DEFINE_CLEANUP(RemoveCall, remove_call_free)

static void cancel_call(HeldCall *held)
{
        changer_remove_cancel(((RemoveCall *) held)->removal);
}

static const HeldCallKind kind = { "Removing the version", cancel_call, free_call };

static int read_call(sd_bus_message *message, const DriverEntry *entry, RemoveCall **ret,
                const char **ret_version, sd_bus_error *error)
{
        RemoveCall *call CLEANUP(remove_call_freep) = calloc(1, sizeof(*call));
        int r;

        if (!call)
                return -ENOMEM;
        held_call_init(&call->held, &kind, object_service(sd_bus_message_get_bus(message)), message);
        r = sd_bus_message_read_basic(message, 's', ret_version);
        if (r >= 0)
                r = options_read(message, OPTION_KERNELS | OPTION_IGNORE | OPTION_DRY_RUN, &call->options,
                                error);
        if (r >= 0)
                r = change_request_check_version(entry->name, *ret_version, error);
        if (r < 0)
                return r;
        call->request = version_request_from(&call->options);
        *ret = STEAL(call);
        return 0;
}

/* Without asking anybody whose files those are. */
static int remove_at_once(const RemoveCall *call, const VersionPlan *plan,
                const Authorization *authorization, sd_bus_error *error)
{
        Refusal refusal CLEANUP_REFUSAL = { 0 };
        Job *job;
        int r = changer_execute(call->held.service->changer, plan->plan, call->request.dry_run,
                        authorization_uid(authorization), &job, &refusal);

        return r < 0 ? error_from_result(error, r, &refusal, kind.what)
                     : change_request_reply(call->held.message, job);
}

int driver_remove(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
        const DriverEntry *entry = userdata;
        Service *service = object_service(sd_bus_message_get_bus(message));
        Authorization *authorization CLEANUP_AUTHORIZATION = authorization_enter(service->polkit, message);
        RemoveCall *call CLEANUP(remove_call_freep) = NULL;
        VersionPlan plan CLEANUP_VERSION_PLAN = { 0 };
        Refusal refusal CLEANUP_REFUSAL = { 0 };
        StringSet modules CLEANUP_STRING_SET = { 0 };
        const char *version;
        int r = read_call(message, entry, &call, &version, error);

        if (r < 0)
                return r;
        r = changer_plan_remove(service->changer, entry->name, version, &call->request, &plan, &refusal);
        if (r < 0)
                return error_from_result(error, r, &refusal, kind.what);
        r = plan_modules(plan.plan, &modules);
        if (r < 0)
                return r;
        /* Before rpm is asked: nobody without rights shall keep it busy. */
        r = version_request_authorize(
                        authorization, &modules, plan.package, plan.version, &call->options, error);
        if (r <= 0)
                return r < 0 ? r : 1;
        if (!changer_asks_owner(&call->request))
                return remove_at_once(call, &plan, authorization, error);
        r = changer_remove(service->changer, entry->name, version, &call->request,
                        authorization_uid(authorization), held_call_reply, call, &call->removal, &refusal);
        if (r < 0)
                return error_from_result(error, r, &refusal, kind.what);
        return held_call_hold(&STEAL(call)->held, authorization);
}
