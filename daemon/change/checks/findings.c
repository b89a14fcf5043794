/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Makes a refusal of what the checks before a change have found. */

#include "change/checks/findings.h"

#include <errno.h>
#include <string.h>

#include "model/preflight-codes.h"
#include "util/text-format.h"

/* What is longer isn't worth being repeated. */
#define CODE_BYTES_MAX 64
/* More sentences than that nobody reads; the codes to ignore are named all the same. */
#define SENTENCES_MAX 16

bool finding_refuses(const Problem *problem, const StringSet *ignore)
{
        return problem->severity == SEVERITY_ERROR &&
               !(ignore && string_set_contains(ignore, problem->code));
}

static RefusalKind kind_of(const char *code)
{
        static const struct {
                const char *code;
                RefusalKind kind;
        } kinds[] = {
                { "no-hardware", REFUSAL_NO_HARDWARE },
                { "owned-by-package", REFUSAL_IN_USE },
                { "not-regular", REFUSAL_CONFLICT },
                { "no-space", REFUSAL_FAILED },
                { "read-only", REFUSAL_FAILED },
        };

        for (size_t i = 0; i < ELEMENTSOF(kinds); i++)
                if (strcmp(kinds[i].code, code) == 0)
                        return kinds[i].kind;
        return REFUSAL_INCOMPATIBLE;
}

typedef struct Errors {
        const Problem *first;
        size_t count;
        char *text; /* each sentence with its code */
        StringSet codes;
} Errors;

static void errors_done(Errors *errors)
{
        free(errors->text);
        string_set_done(&errors->codes);
}

static int add_error(Errors *errors, const Problem *problem)
{
        int r = string_set_add(&errors->codes, problem->code);

        if (!errors->first)
                errors->first = problem;
        if (r < 0 || ++errors->count > SENTENCES_MAX)
                return r < 0 ? r : 0;
        return text_join(&errors->text, " ", "%s (%s)", problem->sentence, problem->code);
}

static int refuse_several(const Errors *errors, Refusal *refusal)
{
        char *codes CLEANUP_FREE = NULL, *more CLEANUP_FREE = NULL;
        int r = 0;

        for (size_t i = 0; r >= 0 && i < errors->codes.count; i++)
                r = text_join(&codes, ", ", "%s", errors->codes.items[i]);
        if (r >= 0 && errors->count > SENTENCES_MAX)
                r = text_format(&more, " And %zu more.", errors->count - SENTENCES_MAX);
        return r < 0 ? r
                     : refuse(refusal, kind_of(errors->first->code),
                                       "%s%s To go on all the same, ignore %s: %s.", errors->text,
                                       more ? more : "",
                                       errors->codes.count > 1 ? "these problems by their names"
                                                               : "this problem by its name",
                                       codes);
}

int findings_refuse(const ProblemList *problems, const StringSet *ignore, Refusal *refusal)
{
        Errors errors CLEANUP(errors_done) = { 0 };
        int r = 0;

        for (size_t i = 0; r >= 0 && i < problems->count; i++)
                if (finding_refuses(&problems->items[i], ignore))
                        r = add_error(&errors, &problems->items[i]);
        if (r < 0 || errors.count == 0)
                return r;
        if (errors.count > 1)
                return refuse_several(&errors, refusal);
        return refuse(refusal, kind_of(errors.first->code),
                        "%s (This is the problem %s; ignore it by that name to go on all the same.)",
                        errors.first->sentence, errors.first->code);
}

int findings_check_ignored(const char *code, Refusal *refusal)
{
        const PreflightCode *known = preflight_code_find(code);
        const char *nearest = known ? NULL : preflight_code_suggest(code);

        if (known && known->refuses)
                return 0;
        if (known)
                return refuse(refusal, REFUSAL_INVALID_ARGS,
                                "The problem \"%s\" is never more than a warning, for which nothing is refused: "
                                "there is nothing to ignore.",
                                code);
        if (strlen(code) > CODE_BYTES_MAX)
                return refuse(refusal, REFUSAL_INVALID_ARGS,
                                "No change is refused for a problem whose code is that long (%zu bytes).",
                                strlen(code));
        if (nearest)
                return refuse(refusal, REFUSAL_INVALID_ARGS,
                                "No change is refused for a problem \"%s\". Did you mean \"%s\"?", code,
                                nearest);
        return refuse(refusal, REFUSAL_INVALID_ARGS,
                        "No change is refused for a problem \"%s\", so there is nothing to ignore. "
                        "`hostdriverctl check` and the refusal itself name the problems.",
                        code);
}
