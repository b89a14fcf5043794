/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The order in which polkit is asked. What a question and an answer look like is polkit-question.c's. */

#include "bus/polkit-round.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "bus/error.h"

/* Questions of one round that wait for an answer, and of all rounds beside the first of each. A connection
 * may have 128 calls without a reply on the bus (max_replies_per_connection), and as many rounds as
 * CALLERS_USERS_CALLS_MAX have one of them each. */
#define WINDOW 8
#define EXTRA_MAX 16

typedef enum ItemState {
        ITEM_UNASKED,
        ITEM_CHALLENGED, /* a person is to be asked */
        ITEM_GRANTED,
} ItemState;

/* A question that polkit thinks about. */
typedef struct Pending {
        PolkitRound *round;
        sd_bus_slot *slot; /* NULL: this one is free */
        size_t question; /* the first one that it stands for: interactive, for all of its package that take a
                            person */
        bool is_extra;
        bool is_interactive;
        char cancellation_id[40];
} Pending;

struct PolkitRound {
        PolkitDesk *desk;
        sd_bus_message *request;
        PolkitQuestions questions; /* sorted */
        ItemState *states;
        size_t asked;    /* questions that were asked without a person */
        bool has_person; /* the caller allows to ask one */
        Pending pending[WINDOW];
        size_t pending_count;
        sd_bus_error refusal; /* the first no */
        void (*done)(void *userdata);
        void *userdata;
};

int polkit_round_new(PolkitDesk *desk, sd_bus_message *request, PolkitQuestions *questions_taken,
                void (*done)(void *userdata), void *userdata, PolkitRound **ret)
{
        PolkitQuestions questions CLEANUP_POLKIT_QUESTIONS = *questions_taken;
        PolkitRound *round CLEANUP(polkit_round_freep) = calloc(1, sizeof(*round));

        *questions_taken = (PolkitQuestions){ 0 };
        if (!round)
                return -ENOMEM;
        polkit_questions_sort(&questions);
        *round = (PolkitRound){ .desk = desk,
                .request = request,
                .questions = questions,
                .states = calloc(questions.count + 1, sizeof(*round->states)),
                .has_person = sd_bus_message_get_allow_interactive_authorization(request) > 0,
                .done = done,
                .userdata = userdata };
        questions = (PolkitQuestions){ 0 };
        for (size_t i = 0; i < WINDOW; i++)
                round->pending[i].round = round;
        if (!round->states)
                return -ENOMEM;
        *ret = STEAL(round);
        return 0;
}

static void forget(Pending *pending)
{
        PolkitRound *round = pending->round;

        if (!pending->slot)
                return;
        pending->slot = sd_bus_slot_unref(pending->slot);
        round->pending_count--;
        if (pending->is_extra)
                round->desk->extra--;
}

PolkitRound *polkit_round_free(PolkitRound *round)
{
        if (!round)
                return NULL;
        for (size_t i = 0; i < WINDOW; i++)
                forget(&round->pending[i]);
        polkit_questions_done(&round->questions);
        free(round->states);
        sd_bus_error_free(&round->refusal);
        free(round);
        return NULL;
}

static void cancel_question(const Pending *pending)
{
        sd_bus *bus = pending->round->desk->bus;
        sd_bus_message *message CLEANUP(sd_bus_message_unrefp) = NULL;

        if (sd_bus_message_new_method_call(bus, &message, "org.freedesktop.PolicyKit1",
                            "/org/freedesktop/PolicyKit1/Authority", "org.freedesktop.PolicyKit1.Authority",
                            "CancelCheckAuthorization") < 0)
                return;
        if (sd_bus_message_append(message, "s", pending->cancellation_id) < 0)
                return;
        (void) sd_bus_message_set_auto_start(message, false);
        (void) sd_bus_send(bus, message, NULL);
}

void polkit_round_withdraw(PolkitRound *round)
{
        for (size_t i = 0; i < WINDOW; i++)
                if (round->pending[i].slot) {
                        cancel_question(&round->pending[i]);
                        forget(&round->pending[i]);
                }
}

static void end(PolkitRound *round)
{
        polkit_round_withdraw(round);
        round->done(round->userdata);
}

static int on_answer(sd_bus_message *reply, void *userdata, sd_bus_error *ignored);

static int ask(PolkitRound *round, size_t position, const PolkitQuestion *question, bool interactive)
{
        const PolkitPatience *patience = &round->desk->patience;
        sd_bus_message *message CLEANUP(sd_bus_message_unrefp) = NULL;
        Pending *pending = round->pending;
        int r;

        while (pending->slot)
                pending++;
        pending->question = position;
        pending->is_interactive = interactive;
        pending->is_extra = round->pending_count > 0;
        (void) snprintf(pending->cancellation_id, sizeof(pending->cancellation_id), "hostdriver-%" PRIu64,
                        ++round->desk->last_id);
        r = polkit_question_message(
                        question, round->request, interactive, pending->cancellation_id, &message);
        if (r >= 0)
                r = sd_bus_call_async(round->desk->bus, &pending->slot, message, on_answer, pending,
                                interactive ? patience->interactive_usec : patience->unattended_usec);
        if (r < 0)
                return r;
        round->pending_count++;
        round->desk->extra += pending->is_extra;
        return 0;
}

static bool may_ask_more(const PolkitRound *round)
{
        return round->pending_count == 0 ||
               (round->pending_count < WINDOW && round->desk->extra < EXTRA_MAX);
}

/* The next question without a person. 1 if there is none, and none waits. */
static int ask_rules(PolkitRound *round)
{
        bool is_single = round->questions.count == 1;
        int r = 0;

        while (r >= 0 && round->asked < round->questions.count && may_ask_more(round)) {
                const PolkitQuestion *question = &round->questions.items[round->asked];

                r = ask(round, round->asked++, question, is_single && round->has_person);
        }
        return r < 0 ? r : round->pending_count == 0;
}

/* The next question from POSITION on that takes a person, of the package of the one at FIRST; their number
 * if there is none. */
static size_t next_challenged(const PolkitRound *round, size_t first, size_t position)
{
        const PolkitQuestion *items = round->questions.items;
        size_t count = round->questions.count;

        while (position < count && polkit_question_same_package(&items[first], &items[position])) {
                if (round->states[position] == ITEM_CHALLENGED)
                        return position;
                position++;
        }
        return count;
}

/* The next package that takes a person. 1 if there is none. */
static int ask_person(PolkitRound *round)
{
        size_t first = 0, count = 0, end = round->questions.count;
        PolkitQuestion *questions CLEANUP_FREE = NULL;
        PolkitQuestion merged;
        StringPool *strings = NULL;
        int r;

        while (first < end && round->states[first] != ITEM_CHALLENGED)
                first++;
        if (first == end)
                return 1;
        questions = calloc(end - first, sizeof(*questions));
        if (!questions)
                return -ENOMEM;
        for (size_t i = first; i < end; i = next_challenged(round, first, i + 1))
                questions[count++] = round->questions.items[i];
        r = polkit_question_merge(questions, count, &strings, &merged);
        if (r >= 0)
                r = ask(round, first, &merged, true);
        (void) string_pool_free(strings);
        return r;
}

static void grant(PolkitRound *round, const Pending *pending)
{
        size_t end = round->questions.count;

        round->states[pending->question] = ITEM_GRANTED;
        for (size_t i = pending->question; pending->is_interactive && i < end;
                        i = next_challenged(round, pending->question, i + 1))
                round->states[i] = ITEM_GRANTED;
}

static int go_on(PolkitRound *round)
{
        int r = ask_rules(round);

        if (r > 0)
                r = ask_person(round);
        if (r > 0)
                end(round);
        return r < 0 ? r : 0;
}

/* Takes polkit's answer: 0, or a negative errno with the refusal set. */
static int take_answer(PolkitRound *round, const Pending *pending, sd_bus_message *reply)
{
        const PolkitQuestion *question = &round->questions.items[pending->question];
        int r = polkit_answer(reply, question, &round->refusal);

        if (r < 0)
                return r;
        if (r > 0)
                grant(round, pending);
        else if (pending->is_interactive)
                return polkit_deny(question, &round->refusal);
        else if (!round->has_person)
                return error_interaction_required(&round->refusal, question->action);
        else
                round->states[pending->question] = ITEM_CHALLENGED;
        return 0;
}

static int on_answer(sd_bus_message *reply, void *userdata, sd_bus_error *ignored)
{
        Pending *pending = userdata;
        PolkitRound *round = pending->round;
        int r;

        if (sd_bus_message_is_method_error(reply, SD_BUS_ERROR_NO_REPLY) > 0 ||
                        sd_bus_message_is_method_error(reply, SD_BUS_ERROR_TIMEOUT) > 0)
                cancel_question(pending);
        forget(pending);
        r = take_answer(round, pending, reply);
        if (r >= 0) {
                r = go_on(round);
                if (r >= 0)
                        return 0;
                (void) error_deny(&round->refusal,
                                "The action %s isn't authorized, since polkit can't be asked.",
                                round->questions.items[0].action);
        }
        end(round);
        return 0;
}

int polkit_round_start(PolkitRound *round)
{
        return go_on(round);
}

int polkit_round_answer(const PolkitRound *round, const PolkitQuestion *question, sd_bus_error *error)
{
        size_t low = 0, high = round->questions.count;

        while (low < high) {
                size_t middle = low + (high - low) / 2;
                int order = polkit_question_compare(&round->questions.items[middle], question);

                if (order == 0) {
                        if (round->states[middle] == ITEM_GRANTED)
                                return 1;
                        return sd_bus_error_is_set(&round->refusal)
                                               ? sd_bus_error_copy(error, &round->refusal)
                                               : polkit_deny(question, error);
                }
                if (order < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        return 0;
}
