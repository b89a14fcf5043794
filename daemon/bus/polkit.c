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
        AUTHORIZATION_RUNNING,     /* its handler runs */
        AUTHORIZATION_IDENTIFYING, /* the bus is asked whose call it is; polkit will be asked `asked` then */
        AUTHORIZATION_ASKING,      /* polkit thinks */
        AUTHORIZATION_ANSWERED,    /* its message waits to be run again */
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
        WaitingCall *call; /* NULL: nothing was to be checked yet, or … */
        bool left;         /* … the caller has left */
        char cancellation_id[40];
};

struct Polkit {
        sd_bus *bus;
        Callers *callers;
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
        (void) waiting_call_free(authorization->call);
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

static void on_dropped(void *userdata)
{
        Authorization *authorization = userdata;

        if (authorization->state == AUTHORIZATION_ASKING)
                cancel_question(authorization);
        if (authorization->state != AUTHORIZATION_ANSWERED) {
                (void) authorization_free(authorization);
                return;
        }
        /* Its message will be run again, and must find that out. */
        authorization->call = waiting_call_free(authorization->call);
        authorization->left = true;
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

/* Polkit, what the authorization holds as `asked`. */
static int ask(Authorization *authorization)
{
        Polkit *polkit = authorization->polkit;
        bool interactive = sd_bus_message_get_allow_interactive_authorization(authorization->message) > 0;
        sd_bus_message *message CLEANUP(sd_bus_message_unrefp) = NULL;
        int r;

        (void) snprintf(authorization->cancellation_id, sizeof(authorization->cancellation_id),
                        "hostdriver-%" PRIu64, ++polkit->last_id);
        r = polkit_question_message(&authorization->asked, authorization->message,
                        authorization->cancellation_id, &message);
        if (r < 0)
                return r;
        r = sd_bus_call_async(polkit->bus, &authorization->slot, message, on_answer, authorization,
                        interactive ? polkit->patience.interactive_usec : polkit->patience.unattended_usec);
        if (r >= 0)
                authorization->state = AUTHORIZATION_ASKING;
        return r;
}

static int deny_unasked(const Authorization *authorization, sd_bus_error *error)
{
        return error_deny(error, "The action %s isn't authorized, since polkit can't be asked.",
                        authorization->asked.action);
}

uid_t authorization_uid(const Authorization *authorization)
{
        uid_t uid;

        return authorization->call && waiting_call_uid(authorization->call, &uid) ? uid : (uid_t) -1;
}

/* As everywhere polkit is asked: who could do it all by hand needn't be asked, and a rescue shell has no
 * polkit to ask. */
static bool is_superuser(const Authorization *authorization)
{
        return authorization_uid(authorization) == 0;
}

static void on_known(void *userdata)
{
        Authorization *authorization = userdata;
        sd_bus_error error CLEANUP(sd_bus_error_free) = SD_BUS_ERROR_NULL;
        int r = is_superuser(authorization) ? run_again(authorization) : ask(authorization);

        if (r >= 0)
                return;
        r = deny_unasked(authorization, &error);
        (void) sd_bus_reply_method_errno(authorization->message, r, &error);
        (void) authorization_free(authorization);
}

static const WaitingCallEvents events = { on_known, on_dropped };

static int begin_waiting(Authorization *authorization, sd_bus_error *error)
{
        if (authorization->left)
                return error_deny(error, "The caller has left.");
        if (authorization->call)
                return 0;
        return callers_wait(authorization->polkit->callers, authorization->message, &events, authorization,
                        &authorization->call, error);
}

/* 1 if polkit has answered QUESTION with yes, 0 if it must be asked, or negative with ERROR set. */
static int look_up_answer(
                const Authorization *authorization, const PolkitQuestion *question, sd_bus_error *error)
{
        for (size_t i = 0; i < authorization->granted_count; i++)
                if (polkit_question_equal(&authorization->granted[i], question))
                        return 1;
        if (sd_bus_error_is_set(&authorization->refusal) &&
                        polkit_question_equal(&authorization->asked, question))
                return sd_bus_error_copy(error, &authorization->refusal);
        return 0;
}

/* Asks it now, or as soon as it is known whose call it is. */
static int ask_in_time(Authorization *authorization, PolkitQuestion *question, sd_bus_error *error)
{
        uid_t uid;

        polkit_question_done(&authorization->asked);
        sd_bus_error_free(&authorization->refusal);
        authorization->asked = *question;
        *question = (PolkitQuestion){ 0 };
        if (waiting_call_uid(authorization->call, &uid))
                return ask(authorization) < 0 ? deny_unasked(authorization, error) : 0;
        authorization->state = AUTHORIZATION_IDENTIFYING;
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
        r = begin_waiting(authorization, error);
        if (r < 0)
                return r;
        if (is_superuser(authorization))
                return 1;
        r = polkit_question_new(action, details, &question);
        if (r < 0)
                return r;
        r = look_up_answer(authorization, &question, error);
        return r != 0 ? r : ask_in_time(authorization, &question, error);
}

WaitingCall *authorization_take_call(Authorization *authorization)
{
        return STEAL(authorization->call);
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

int polkit_new(sd_bus *bus, Callers *callers, PolkitPatience patience, Polkit **ret)
{
        Polkit *polkit CLEANUP(polkit_freep) = calloc(1, sizeof(*polkit));
        int r;

        if (!polkit)
                return -ENOMEM;
        polkit->bus = sd_bus_ref(bus);
        polkit->callers = callers;
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

bool polkit_runs_again(const Polkit *polkit, const sd_bus_message *message)
{
        for (const Authorization *each = polkit->first; each; each = each->next)
                if (each->message == message)
                        return true;
        return false;
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
