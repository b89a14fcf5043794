/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Waits for polkit's answers: the call is kept, and its message is run again from the start when the answer
 * is there, so that the handler looks everything up anew (the object may be gone by then: CVE-2020-1712). An
 * answer counts for the question that was asked and for no other. */

#include "bus/polkit.h"

#include <errno.h>
#include <systemd/sd-event.h>

#include "bus/error.h"
#include "util/array.h"

typedef enum AuthorizationState {
        AUTHORIZATION_RUNNING,     /* its handler runs */
        AUTHORIZATION_IDENTIFYING, /* the bus is asked whose call it is; polkit will be asked then */
        AUTHORIZATION_ASKING,      /* polkit thinks */
        AUTHORIZATION_ANSWERED,    /* its message waits to be run again */
} AuthorizationState;

struct Authorization {
        Polkit *polkit;
        Authorization *next;
        Authorization **place; /* what points to us */
        AuthorizationState state;
        sd_bus_message *message;
        PolkitRound **rounds; /* what polkit was asked; the last one is the one that is asked now */
        size_t round_count;
        WaitingCall *call; /* NULL: nothing was to be checked yet, or … */
        bool left;         /* … the caller has left */
};

struct Polkit {
        PolkitDesk desk;
        Callers *callers;
        Authorization *first;
        sd_event_source *sweep;
};

static Authorization *authorization_free(Authorization *authorization)
{
        if (!authorization)
                return NULL;
        *authorization->place = authorization->next;
        if (authorization->next)
                authorization->next->place = authorization->place;
        for (size_t i = 0; i < authorization->round_count; i++)
                (void) polkit_round_free(authorization->rounds[i]);
        free(authorization->rounds);
        (void) waiting_call_free(authorization->call);
        sd_bus_message_unref(authorization->message);
        free(authorization);
        return NULL;
}

static PolkitRound *last_round(const Authorization *authorization)
{
        return authorization->rounds[authorization->round_count - 1];
}

static void on_dropped(void *userdata)
{
        Authorization *authorization = userdata;

        if (authorization->state == AUTHORIZATION_ASKING)
                polkit_round_withdraw(last_round(authorization));
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
        r = sd_bus_enqueue_for_read(authorization->polkit->desk.bus, authorization->message);
        if (r < 0)
                return r;
        authorization->state = AUTHORIZATION_ANSWERED;
        return sd_event_source_set_enabled(authorization->polkit->sweep, SD_EVENT_ONESHOT);
}

static void on_answered(void *userdata)
{
        Authorization *authorization = userdata;
        int r = run_again(authorization);

        if (r >= 0)
                return;
        (void) sd_bus_reply_method_errno(authorization->message, r, NULL);
        (void) authorization_free(authorization);
}

/* Polkit, what the last round holds. */
static int ask(Authorization *authorization)
{
        int r = polkit_round_start(last_round(authorization));

        if (r >= 0)
                authorization->state = AUTHORIZATION_ASKING;
        return r;
}

static int deny_unasked(sd_bus_error *error)
{
        return error_deny(error, "The call isn't authorized, since polkit can't be asked.");
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
        bool asks = authorization->round_count > 0 && !is_superuser(authorization);
        int r = asks ? ask(authorization) : run_again(authorization);

        if (r >= 0)
                return;
        r = deny_unasked(&error);
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
        int r = 0;

        for (size_t i = authorization->round_count; r == 0 && i > 0; i--)
                r = polkit_round_answer(authorization->rounds[i - 1], question, error);
        return r;
}

/* Leaves those of QUESTIONS that polkit must be asked. 0, or negative with ERROR set: the answer to one was
 * no. */
static int drop_answered(const Authorization *authorization, PolkitQuestions *questions, sd_bus_error *error)
{
        size_t kept = 0;

        for (size_t i = 0; i < questions->count; i++) {
                int r = look_up_answer(authorization, &questions->items[i], error);

                if (r < 0)
                        return r;
                if (r == 0)
                        questions->items[kept++] = questions->items[i];
        }
        questions->count = kept;
        return 0;
}

/* Asks now, or as soon as it is known whose call it is. */
static int ask_in_time(Authorization *authorization, PolkitQuestions *questions, sd_bus_error *error)
{
        Polkit *polkit = authorization->polkit;
        PolkitRound **rounds =
                        array_grow(authorization->rounds, authorization->round_count, sizeof(PolkitRound *));
        uid_t uid;
        int r;

        if (!rounds)
                return -ENOMEM;
        authorization->rounds = rounds;
        r = polkit_round_new(&polkit->desk, authorization->message, questions, on_answered, authorization,
                        &rounds[authorization->round_count]);
        if (r < 0)
                return r;
        authorization->round_count++;
        if (waiting_call_uid(authorization->call, &uid))
                return ask(authorization) < 0 ? deny_unasked(error) : 0;
        authorization->state = AUTHORIZATION_IDENTIFYING;
        return 0;
}

int authorization_identify(Authorization *authorization, sd_bus_error *error)
{
        uid_t uid;
        int r = authorization ? begin_waiting(authorization, error) : -ENOMEM;

        if (r < 0 || waiting_call_uid(authorization->call, &uid))
                return r < 0 ? r : 1;
        authorization->state = AUTHORIZATION_IDENTIFYING;
        return 0;
}

bool authorization_is_answered(const Authorization *authorization)
{
        return authorization && (is_superuser(authorization) || authorization->round_count > 0);
}

int authorization_check(Authorization *authorization, const char *action, const PolkitDetails *details,
                size_t count, sd_bus_error *error)
{
        PolkitQuestions questions CLEANUP_POLKIT_QUESTIONS = { 0 };
        int r;

        if (!authorization)
                return -ENOMEM;
        /* What asks nothing is a mistake, and permits nothing. */
        if (count == 0)
                return error_deny(error, "Nobody may do this, since nobody can be asked about it.");
        if (!action)
                return error_deny(error, "Nobody may call this method.");
        for (size_t i = 0; i < count; i++) {
                r = polkit_questions_add(&questions, action, &details[i]);
                if (r < 0)
                        return r;
        }
        r = begin_waiting(authorization, error);
        if (r < 0)
                return r;
        if (is_superuser(authorization))
                return 1;
        r = drop_answered(authorization, &questions, error);
        if (r < 0)
                return r;
        return questions.count == 0 ? 1 : ask_in_time(authorization, &questions, error);
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
        polkit->desk = (PolkitDesk){ .bus = sd_bus_ref(bus), .patience = patience };
        polkit->callers = callers;
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
        sd_bus_unref(polkit->desk.bus);
        free(polkit);
        return NULL;
}
