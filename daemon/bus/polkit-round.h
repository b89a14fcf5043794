/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Has polkit answer all questions of one call.
 *
 * First each is asked without bothering anybody, some at a time: one "no" refuses the call. What takes a
 * password is then asked once for each package, one after another: a package changes as a whole, and nobody
 * wants to type his password for each of its drivers. That question names all of these drivers at once in
 * `driver`, with blanks between, so that no rule for one of them takes it for its own and permits the
 * others; rules that deny one of them were heard before. A single question is asked with the person at once.
 */
#pragma once

#include "bus/polkit-question.h"

/* How long polkit may take, in µs, before its silence is a no. */
typedef struct PolkitPatience {
        uint64_t unattended_usec;  /* nobody has to type anything */
        uint64_t interactive_usec; /* somebody looks for a password */
} PolkitPatience;

/* What all rounds share. */
typedef struct PolkitDesk {
        sd_bus *bus; /* borrowed */
        PolkitPatience patience;
        uint64_t last_id;
        size_t extra; /* questions that wait beside the first one of their round */
} PolkitDesk;

typedef struct PolkitRound PolkitRound;

/* REQUEST is the call, borrowed, as DESK is. It begins with polkit_round_start(). The questions are given up
 * in any case. 0 or -ENOMEM. */
int polkit_round_new(PolkitDesk *desk, sd_bus_message *request, PolkitQuestions *questions_taken,
                void (*done)(void *userdata), void *userdata, PolkitRound **ret) WARN_UNUSED
                NONNULL(1, 2, 3, 4, 6);
PolkitRound *polkit_round_free(PolkitRound *round);
DEFINE_CLEANUP(PolkitRound, polkit_round_free)

/* Asks. `done` comes when all is answered, or one answer was no. 0 or a negative errno. */
int polkit_round_start(PolkitRound *round) WARN_UNUSED NONNULL(1);

/* Takes polkit's dialogs from the screen: nobody waits for the answers any more. */
void polkit_round_withdraw(PolkitRound *round) NONNULL(1);

/* 1 if QUESTION was asked, and answered with yes; 0 if it wasn't asked; negative, with ERROR set, if the
 * answer was no, or if the round ended before there was one. */
int polkit_round_answer(const PolkitRound *round, const PolkitQuestion *question,
                sd_bus_error *error) WARN_UNUSED NONNULL(1, 2, 3);
