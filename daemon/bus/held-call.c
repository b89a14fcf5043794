/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Keeps the message until there is something to reply, or nobody to reply to. */

#include "bus/held-call.h"

#include "bus/change-request.h"
#include "bus/error.h"

void held_call_init(HeldCall *call, const HeldCallKind *kind, Service *service, sd_bus_message *message)
{
        *call = (HeldCall){ .kind = kind, .service = service, .message = sd_bus_message_ref(message) };
}

void held_call_done(HeldCall *call)
{
        (void) waiting_call_free(call->waiting);
        sd_bus_message_unref(call->message);
}

static HeldCall *take_out(HeldCall *call)
{
        LIST_REMOVE(call->service->held, call);
        return call;
}

/* As before polkit's answer: who doesn't wait for the reply doesn't know of the job. */
static void on_dropped(void *userdata)
{
        HeldCall *call = take_out(userdata);

        call->kind->cancel(call);
        call->kind->free(call);
}

/* Who calls is known before the call is held. */
static const WaitingCallEvents events = { NULL, on_dropped };

int held_call_hold(HeldCall *call_taken, Authorization *authorization)
{
        call_taken->waiting = authorization_take_call(authorization);
        waiting_call_hand_over(call_taken->waiting, &events, call_taken);
        call_taken->next = call_taken->service->held;
        call_taken->service->held = call_taken;
        return 1;
}

void held_call_reply(int result, Job *job, const Refusal *refusal, void *userdata)
{
        HeldCall *call = take_out(userdata);
        sd_bus_error error CLEANUP(sd_bus_error_free) = SD_BUS_ERROR_NULL;
        int r = result < 0 ? error_from_result(&error, result, refusal, call->kind->what)
                           : change_request_reply(call->message, job);

        if (r < 0)
                (void) sd_bus_reply_method_errno(call->message, r, &error);
        call->kind->free(call);
}

void held_calls_free(Service *service)
{
        while (service->held) {
                HeldCall *call = take_out(service->held);

                call->kind->free(call);
        }
}
