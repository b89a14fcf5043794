/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Questions to polkit and their answers. Nothing here waits, or remembers who asked. */

#include "bus/polkit-question.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "bus/error.h"
#include "util/array.h"
#include "util/string-set.h"

#define POLKIT_NAME "org.freedesktop.PolicyKit1"
#define POLKIT_PATH "/org/freedesktop/PolicyKit1/Authority"
#define POLKIT_INTERFACE "org.freedesktop.PolicyKit1.Authority"

/* CheckAuthorizationFlags of polkit's D-Bus API. */
#define POLKIT_ALLOW_USER_INTERACTION 1U

static const char *const question_keys[POLKIT_DETAILS] = { "driver", "package", "version", "from", "ignore",
        "kernels" };

/* Positions in them. */
enum { DRIVER, PACKAGE };

/* Most of what one call asks about is the same in all of its questions, and kept once. */
static const char *keep(PolkitQuestions *questions, size_t key, const char *value)
{
        const char *known =
                        questions->count > 0 ? questions->items[questions->count - 1].details[key] : NULL;

        return known && strcmp(known, value) == 0 ? known : string_pool_add(&questions->strings, value);
}

int polkit_questions_add(PolkitQuestions *questions, const char *action, const PolkitDetails *details)
{
        const char *const values[POLKIT_DETAILS] = { details->driver, details->package, details->version,
                details->from, details->ignore, details->kernels };
        PolkitQuestion *items = array_grow(questions->items, questions->count, sizeof(*items));
        PolkitQuestion question = { .action = action };

        if (!items)
                return -ENOMEM;
        questions->items = items;
        for (size_t i = 0; i < ELEMENTSOF(values); i++)
                if (values[i]) {
                        question.details[i] = keep(questions, i, values[i]);
                        if (!question.details[i])
                                return -ENOMEM;
                }
        items[questions->count++] = question;
        return 0;
}

void polkit_questions_done(PolkitQuestions *questions)
{
        free(questions->items);
        questions->strings = string_pool_free(questions->strings);
        *questions = (PolkitQuestions){ 0 };
}

static int compare_texts(const char *a, const char *b)
{
        if (a == b)
                return 0;
        return a && b ? strcmp(a, b) : (a ? 1 : -1);
}

bool polkit_question_same_package(const PolkitQuestion *a, const PolkitQuestion *b)
{
        return strcmp(a->action, b->action) == 0 &&
               compare_texts(a->details[PACKAGE], b->details[PACKAGE]) == 0;
}

int polkit_question_compare(const PolkitQuestion *a, const PolkitQuestion *b)
{
        int order = strcmp(a->action, b->action);

        if (order == 0)
                order = compare_texts(a->details[PACKAGE], b->details[PACKAGE]);
        for (size_t i = 0; order == 0 && i < POLKIT_DETAILS; i++)
                order = compare_texts(a->details[i], b->details[i]);
        return order;
}

static int compare(const void *a, const void *b)
{
        return polkit_question_compare(a, b);
}

void polkit_questions_sort(PolkitQuestions *questions)
{
        size_t kept = 0;

        if (questions->count == 0)
                return;
        qsort(questions->items, questions->count, sizeof(*questions->items), compare);
        for (size_t i = 1; i < questions->count; i++)
                if (polkit_question_compare(&questions->items[kept], &questions->items[i]) != 0)
                        questions->items[++kept] = questions->items[i];
        questions->count = kept + 1;
}

/* Each value once, in order, with blanks between. */
static int merge_detail(const PolkitQuestion *questions, size_t count, size_t key, StringPool **pool,
                const char **ret)
{
        StringSet values CLEANUP_STRING_SET = { 0 };
        char *text CLEANUP_FREE = NULL;
        size_t size = 0;
        FILE *stream;

        for (size_t i = 0; i < count; i++)
                if (questions[i].details[key] && string_set_add(&values, questions[i].details[key]) < 0)
                        return -ENOMEM;
        stream = values.count > 0 ? open_memstream(&text, &size) : NULL;
        if (values.count == 0 || !stream)
                return values.count == 0 ? 0 : -ENOMEM;
        for (size_t i = 0; i < values.count; i++)
                (void) fprintf(stream, "%s%s", i > 0 ? " " : "", values.items[i]);
        if (fclose(stream) != 0)
                return -ENOMEM;
        *ret = string_pool_add(pool, text);
        return *ret ? 0 : -ENOMEM;
}

int polkit_question_merge(
                const PolkitQuestion *questions, size_t count, StringPool **pool, PolkitQuestion *ret)
{
        int r = 0;

        *ret = questions[0];
        for (size_t i = 0; r >= 0 && count > 1 && i < POLKIT_DETAILS; i++)
                r = merge_detail(questions, count, i, pool, &ret->details[i]);
        return r;
}

int polkit_question_message(const PolkitQuestion *question, sd_bus_message *request, bool interactive,
                const char *cancellation_id, sd_bus_message **ret)
{
        sd_bus_message *message CLEANUP(sd_bus_message_unrefp) = NULL;
        int r;

        r = sd_bus_message_new_method_call(sd_bus_message_get_bus(request), &message, POLKIT_NAME,
                        POLKIT_PATH, POLKIT_INTERFACE, "CheckAuthorization");
        if (r < 0)
                return r;
        r = sd_bus_message_append(message, "(sa{sv})s", "system-bus-name", 1, "name", "s",
                        sd_bus_message_get_sender(request), question->action);
        if (r < 0)
                return r;
        r = sd_bus_message_open_container(message, 'a', "{ss}");
        for (size_t i = 0; r >= 0 && i < ELEMENTSOF(question_keys); i++)
                if (question->details[i])
                        r = sd_bus_message_append(message, "{ss}", question_keys[i], question->details[i]);
        if (r < 0)
                return r;
        r = sd_bus_message_close_container(message);
        if (r < 0)
                return r;
        r = sd_bus_message_append(
                        message, "us", interactive ? POLKIT_ALLOW_USER_INTERACTION : 0U, cancellation_id);
        if (r < 0)
                return r;
        *ret = STEAL(message);
        return 0;
}

static int answer_failed(const sd_bus_error *failure, const PolkitQuestion *question, sd_bus_error *error)
{
        if (sd_bus_error_has_names(failure, SD_BUS_ERROR_SERVICE_UNKNOWN, SD_BUS_ERROR_NAME_HAS_NO_OWNER))
                return error_deny(error, "The action %s isn't authorized, since polkit isn't running here.",
                                question->action);
        if (sd_bus_error_has_names(
                            failure, SD_BUS_ERROR_NO_REPLY, SD_BUS_ERROR_TIMEOUT, "System.Error.ETIMEDOUT"))
                return error_deny(error,
                                "The action %s isn't authorized, since polkit didn't answer in time.",
                                question->action);
        return error_deny(error, "The action %s isn't authorized, since polkit failed: %s", question->action,
                        failure->message ?: failure->name);
}

int polkit_answer(sd_bus_message *reply, const PolkitQuestion *question, sd_bus_error *error)
{
        int authorized = false, challenge = false, r;

        if (sd_bus_message_is_method_error(reply, NULL) > 0)
                return answer_failed(sd_bus_message_get_error(reply), question, error);
        r = sd_bus_message_enter_container(reply, 'r', "bba{ss}");
        if (r > 0)
                r = sd_bus_message_read(reply, "bb", &authorized, &challenge);
        if (r <= 0)
                return error_deny(error,
                                "The action %s isn't authorized, since polkit's answer makes no sense.",
                                question->action);
        if (authorized)
                return 1;
        return challenge ? 0 : polkit_deny(question, error);
}

int polkit_deny(const PolkitQuestion *question, sd_bus_error *error)
{
        const char *driver = question->details[DRIVER];

        return error_deny(error, "You are not authorized for the action %s%s%s.", question->action,
                        driver ? " on the driver " : "", driver ? driver : "");
}
