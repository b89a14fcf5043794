/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What polkit is asked: an action and details, as a value that can be compared, and its form on the bus.
 *
 * The details are all that a rule can decide on, so that what decides about a change must be among them: for
 * whom it is (driver, package), what it does (version, from), where (kernels), and which errors it passes
 * over (ignore). A rule for a driver that doesn't look at `ignore` permits that as well; see
 * policy/50-hostdriver-operators.rules. */
#pragma once

#include <systemd/sd-bus.h>

#include "util/string-pool.h"

/* What rules can decide on. All NULL if the action is about no driver. */
typedef struct PolkitDetails {
        const char *driver;
        const char *package;
        const char *version; /* "" to deselect */
        const char *from;    /* the version that is selected now; "" if none */
        const char *ignore;  /* the codes of the errors that are passed over, with commas between; NULL: none
                              */
        const char *kernels; /* the kernel releases that were named, likewise; NULL: none was */
} PolkitDetails;

#define POLKIT_DETAILS 6

typedef struct PolkitQuestion {
        const char *action;                  /* static */
        const char *details[POLKIT_DETAILS]; /* in the order of question_keys; NULL: none */
} PolkitQuestion;

typedef struct PolkitQuestions {
        PolkitQuestion *items;
        size_t count;
        StringPool *strings; /* all details' */
} PolkitQuestions;

/* ACTION must be static; the details are copied. 0 or -ENOMEM. */
int polkit_questions_add(PolkitQuestions *questions, const char *action,
                const PolkitDetails *details) WARN_UNUSED NONNULL(1, 2, 3);
void polkit_questions_done(PolkitQuestions *questions) NONNULL(1);
#define CLEANUP_POLKIT_QUESTIONS CLEANUP(polkit_questions_done)

/* Orders them as polkit_question_compare() does, and drops those that are there twice. */
void polkit_questions_sort(PolkitQuestions *questions) NONNULL(1);

/* 0 if both are the very same, else their order: those about one package are neighbours. */
int polkit_question_compare(const PolkitQuestion *a, const PolkitQuestion *b) NONNULL(1, 2);
bool polkit_question_same_package(const PolkitQuestion *a, const PolkitQuestion *b) NONNULL(1, 2);

/* One question for a person in place of COUNT, at least one, about the same package: each detail holds all
 * of their values with blanks between. Its strings go to *POOL, or are theirs. 0 or -ENOMEM. */
int polkit_question_merge(const PolkitQuestion *questions, size_t count, StringPool **pool,
                PolkitQuestion *ret) WARN_UNUSED NONNULL(1, 3, 4);

/* The call of CheckAuthorization for the sender of REQUEST; INTERACTIVE: polkit may ask a person. The caller
 * unrefs *ret. */
int polkit_question_message(const PolkitQuestion *question, sd_bus_message *request, bool interactive,
                const char *cancellation_id, sd_bus_message **ret) WARN_UNUSED NONNULL(1, 2, 4, 5);

/* Reads the answer: 1 if it is yes, 0 if a person has to be asked, else a negative errno with ERROR set. */
int polkit_answer(sd_bus_message *reply, const PolkitQuestion *question, sd_bus_error *error) WARN_UNUSED
                NONNULL(1, 2, 3);
/* The error for an answer that isn't yes. Returns it. */
int polkit_deny(const PolkitQuestion *question, sd_bus_error *error) NONNULL(1, 2);
