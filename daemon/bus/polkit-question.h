/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What polkit is asked: an action and details, as a value that can be compared, and its form on the bus. */
#pragma once

#include "bus/polkit.h"

typedef struct PolkitQuestion {
        const char *action; /* static */
        char *details[4];   /* in the order of question_keys; NULL: none */
} PolkitQuestion;

/* The action that guards a method; NULL if nothing allows to call it. Static. KIND: see PolkitDetails. */
const char *polkit_action(const char *interface, const char *member, const char *kind);

int polkit_question_new(const char *action, const PolkitDetails *details, PolkitQuestion *ret) WARN_UNUSED
                NONNULL(1, 2, 3);
void polkit_question_done(PolkitQuestion *question) NONNULL(1);
bool polkit_question_equal(const PolkitQuestion *a, const PolkitQuestion *b) NONNULL(1, 2);

/* The call of CheckAuthorization for the sender of REQUEST. The caller unrefs *ret. */
int polkit_question_message(const PolkitQuestion *question, sd_bus_message *request,
                const char *cancellation_id, sd_bus_message **ret) WARN_UNUSED NONNULL(1, 2, 3, 4);

/* Reads the answer: 1 if it is yes, else a negative errno with ERROR set. INTERACTIVE: the caller allowed to
 * ask for a password. */
int polkit_answer(sd_bus_message *reply, const PolkitQuestion *question, bool interactive,
                sd_bus_error *error) WARN_UNUSED NONNULL(1, 2, 4);
