/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Waits for polkit's answers: the call is kept, and its message is run again from the start when the answer
 * is there, so that the handler looks everything up anew (the object may be gone by then: CVE-2020-1712). An
 * answer counts for the question that was asked and for no other. */

#include "bus/polkit.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <systemd/sd-event.h>

#include "bus/error.h"
#include "bus/polkit-question.h"

typedef enum AuthorizationState {
        AUTHORIZATION_RUNNING,  /* its handler runs */
        AUTHORIZATION_ASKING,   /* polkit thinks */
        AUTHORIZATION_ANSWERED, /* its message waits to be run again */
} AuthorizationState;

struct Authorization {
        Polkit *polkit;
        Authorization *next;
        Authorization **place; /* what points to us */
        AuthorizationState state;
        sd_bus_message *message;
        PolkitQuestion asked;
        PolkitQuestion *granted;
        size_t granted_count;
        sd_bus_error refusal; /* polkit's answer to `asked`, if it was no */
        sd_bus_slot *slot;
        sd_bus_track *caller;
        char cancellation_id[40];
};

struct Polkit {
        sd_bus *bus;
        PolkitPatience patience;
        Authorization *first;
        uint64_t last_id;
        sd_event_source *sweep;
};

static Authorization *authorization_free(Authorization *authorization)
{
        if (!authorization)
                return NULL;
        *authorization->place = authorization->next;
        if (authorization->next)
                authorization->next->place = authorization->place;
        for (size_t i = 0; i < authorization->granted_count; i++)
                polkit_question_done(&authorization->granted[i]);
        free(authorization->granted);
        polkit_question_done(&authorization->asked);
        sd_bus_error_free(&authorization->refusal);
        sd_bus_slot_unref(authorization->slot);
        sd_bus_track_unref(authorization->caller);
        sd_bus_message_unref(authorization->message);
        free(authorization);
        return NULL;
}

/* Takes polkit's dialog from the screen: nobody waits for its answer any more. */
static void cancel_question(Authorization *authorization)
{
        sd_bus_message *message CLEANUP(sd_bus_message_unrefp) = NULL;

        if (sd_bus_message_new_method_call(authorization->polkit->bus, &message,
                            "org.freedesktop.PolicyKit1", "/org/freedesktop/PolicyKit1/Authority",
                            "org.freedesktop.PolicyKit1.Authority", "CancelCheckAuthorization") < 0)
                return;
        if (sd_bus_message_append(message, "s", authorization->cancellation_id) < 0)
                return;
        (void) sd_bus_message_set_auto_start(message, false);
        (void) sd_bus_send(authorization->polkit->bus, message, NULL);
}

static int on_caller_gone(sd_bus_track *track, void *userdata)
{
        Authorization *authorization = userdata;

        if (authorization->state == AUTHORIZATION_ASKING) {
                cancel_question(authorization);
                (void) authorization_free(authorization);
        }
        /* With 0, sd-bus would call this again and again, before any message that it has. */
        return 1;
}

/* A message that was run again, but didn't reach its handler (its object is gone), leaves its authorization
 * behind. This runs when nothing else is to be done, thus after those messages. */
static int on_sweep(sd_event_source *source, void *userdata)
{
        Polkit *polkit = userdata;

        for (Authorization *next, *each = polkit->first; each; each = next) {
                next = each->next;
                if (each->state == AUTHORIZATION_ANSWERED)
                        (void) authorization_free(each);
        }
        return 0;
}

static int run_again(Authorization *authorization)
{
        int r;

        r = sd_bus_message_rewind(authorization->message, true);
        if (r < 0)
                return r;
        r = sd_bus_enqueue_for_read(authorization->polkit->bus, authorization->message);
        if (r < 0)
                return r;
        authorization->state = AUTHORIZATION_ANSWERED;
        return sd_event_source_set_enabled(authorization->polkit->sweep, SD_EVENT_ONESHOT);
}

static int grant(Authorization *authorization)
{
        PolkitQuestion *granted = reallocarray(
                        authorization->granted, authorization->granted_count + 1, sizeof(*granted));

        if (!granted)
                return -ENOMEM;
        authorization->granted = granted;
        granted[authorization->granted_count++] = authorization->asked;
        authorization->asked = (PolkitQuestion){ 0 };
        return 0;
}

static int on_answer(sd_bus_message *reply, void *userdata, sd_bus_error *ignored)
{
        Authorization *authorization = userdata;
        bool interactive = sd_bus_message_get_allow_interactive_authorization(authorization->message) > 0;
        int r;

        authorization->slot = sd_bus_slot_unref(authorization->slot);
        if (sd_bus_message_is_method_error(reply, SD_BUS_ERROR_NO_REPLY) > 0 ||
                        sd_bus_message_is_method_error(reply, SD_BUS_ERROR_TIMEOUT) > 0)
                cancel_question(authorization);
        r = polkit_answer(reply, &authorization->asked, interactive, &authorization->refusal);
        if (r > 0)
                r = grant(authorization);
        if (r == -ENOMEM && !sd_bus_error_is_set(&authorization->refusal))
                (void) sd_bus_error_set_errno(&authorization->refusal, r);
        r = run_again(authorization);
        if (r < 0) {
                (void) sd_bus_reply_method_errno(authorization->message, r, NULL);
                (void) authorization_free(authorization);
        }
        return 0;
}

static int ask(Authorization *authorization, PolkitQuestion *question)
{
        Polkit *polkit = authorization->polkit;
        bool interactive = sd_bus_message_get_allow_interactive_authorization(authorization->message) > 0;
        sd_bus_message *message CLEANUP(sd_bus_message_unrefp) = NULL;
        int r;

        if (!authorization->caller) {
                r = sd_bus_track_new(polkit->bus, &authorization->caller, on_caller_gone, authorization);
                if (r >= 0)
                        r = sd_bus_track_add_sender(authorization->caller, authorization->message);
                if (r < 0)
                        return r;
        }
        (void) snprintf(authorization->cancellation_id, sizeof(authorization->cancellation_id),
                        "hostdriver-%" PRIu64, ++polkit->last_id);
        r = polkit_question_message(
                        question, authorization->message, authorization->cancellation_id, &message);
        if (r < 0)
                return r;
        r = sd_bus_call_async(polkit->bus, &authorization->slot, message, on_answer, authorization,
                        interactive ? polkit->patience.interactive_usec : polkit->patience.unattended_usec);
        if (r < 0)
                return r;
        polkit_question_done(&authorization->asked);
        sd_bus_error_free(&authorization->refusal);
        authorization->asked = *question;
        *question = (PolkitQuestion){ 0 };
        authorization->state = AUTHORIZATION_ASKING;
        return 0;
}

int authorization_check(Authorization *authorization, const PolkitDetails *details, sd_bus_error *error)
{
        PolkitQuestion question CLEANUP(polkit_question_done) = { 0 };
        const char *action;
        int r;

        if (!authorization)
                return -ENOMEM;
        action = polkit_action(sd_bus_message_get_interface(authorization->message),
                        sd_bus_message_get_member(authorization->message), details->kind);
        if (!action)
                return error_deny(error, "Nobody may call this method.");
        if (!sd_bus_message_get_sender(authorization->message))
                return error_deny(error, "The action %s needs a caller with a name on the bus.", action);
        r = polkit_question_new(action, details, &question);
        if (r < 0)
                return r;
        for (size_t i = 0; i < authorization->granted_count; i++)
                if (polkit_question_equal(&authorization->granted[i], &question))
                        return 1;
        if (sd_bus_error_is_set(&authorization->refusal) &&
                        polkit_question_equal(&authorization->asked, &question))
                return sd_bus_error_copy(error, &authorization->refusal);
        r = ask(authorization, &question);
        return r < 0 ? error_deny(error, "The action %s isn't authorized, since polkit can't be asked.",
                                       action)
                     : 0;
}

Authorization *authorization_enter(Polkit *polkit, sd_bus_message *message)
{
        Authorization *authorization;

        for (authorization = polkit->first; authorization; authorization = authorization->next)
                if (authorization->message == message) {
                        authorization->state = AUTHORIZATION_RUNNING;
                        return authorization;
                }
        authorization = calloc(1, sizeof(*authorization));
        if (!authorization)
                return NULL;
        *authorization = (Authorization){
                .polkit = polkit,
                .next = polkit->first,
                .place = &polkit->first,
                .message = sd_bus_message_ref(message),
        };
        if (polkit->first)
                polkit->first->place = &authorization->next;
        polkit->first = authorization;
        return authorization;
}

void authorization_leave(Authorization **place)
{
        if (*place && (*place)->state == AUTHORIZATION_RUNNING)
                (void) authorization_free(*place);
        *place = NULL;
}

int polkit_new(sd_bus *bus, PolkitPatience patience, Polkit **ret)
{
        Polkit *polkit CLEANUP(polkit_freep) = calloc(1, sizeof(*polkit));
        int r;

        if (!polkit)
                return -ENOMEM;
        polkit->bus = sd_bus_ref(bus);
        polkit->patience = patience;
        r = sd_event_add_defer(sd_bus_get_event(bus), &polkit->sweep, on_sweep, polkit);
        if (r < 0)
                return r;
        r = sd_event_source_set_priority(polkit->sweep, SD_EVENT_PRIORITY_IDLE);
        if (r < 0)
                return r;
        r = sd_event_source_set_enabled(polkit->sweep, SD_EVENT_OFF);
        if (r < 0)
                return r;
        *ret = STEAL(polkit);
        return 0;
}

bool polkit_is_asked(const Polkit *polkit)
{
        return polkit->first;
}

Polkit *polkit_free(Polkit *polkit)
{
        if (!polkit)
                return NULL;
        while (polkit->first)
                (void) authorization_free(polkit->first);
        sd_event_source_disable_unref(polkit->sweep);
        sd_bus_unref(polkit->bus);
        free(polkit);
        return NULL;
}
