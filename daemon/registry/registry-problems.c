/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The host's problems that stand until somebody removes their cause. It reads no facts. */

#include <errno.h>
#include <string.h>

#include "bus/announce.h"
#include "registry/registry.h"
#include "util/log.h"

static int replace(Registry *registry, Severity severity, const char *code, const StringSet *sentences)
{
        ProblemList list CLEANUP_PROBLEM_LIST = { 0 };
        ProblemList before;
        int r = 0;

        for (size_t i = 0; r >= 0 && i < registry->standing.count; i++) {
                const Problem *problem = &registry->standing.items[i];

                if (strcmp(problem->code, code) != 0)
                        r = problem_list_add(
                                        &list, problem->severity, problem->code, "%s", problem->sentence);
        }
        for (size_t i = 0; r >= 0 && i < sentences->count; i++)
                r = problem_list_add(&list, severity, code, "%s", sentences->items[i]);
        if (r < 0)
                return r;
        before = registry->standing;
        registry->standing = list;
        list = before;
        return 0;
}

/* What the properties say by now; nothing is read. */
static int publish(Registry *registry)
{
        HostState state CLEANUP(host_state_done) = { 0 };
        ProblemList before = registry->state.problems;
        int r = host_state_derive(registry->facts, &registry->standing, &state);

        if (r < 0 || problem_list_equal(&before, &state.problems))
                return r;
        registry->state.problems = state.problems;
        state.problems = before;
        announce_host(registry->bus, HOST_PROBLEMS);
        return 0;
}

int registry_set_problem(Registry *registry, Severity severity, const char *code, const char *sentence)
{
        StringSet sentences CLEANUP_STRING_SET = { 0 };
        int r = sentence ? string_set_add(&sentences, sentence) : 0;
        bool known = false;

        for (size_t i = 0; r >= 0 && i < registry->standing.count; i++)
                if (strcmp(registry->standing.items[i].code, code) == 0) {
                        if (sentence && strcmp(registry->standing.items[i].sentence, sentence) == 0)
                                return 0;
                        known = true;
                }
        if (r < 0 || (!sentence && !known))
                return r;
        r = replace(registry, severity, code, &sentences);
        if (r >= 0)
                r = publish(registry);
        if (sentence && !known)
                log_message(severity == SEVERITY_ERROR ? 3 : 4, NULL, NULL, "%s", sentence);
        return r;
}

int registry_replace_problems(Registry *registry, const char *code, const StringSet *sentences)
{
        return replace(registry, SEVERITY_WARNING, code, sentences);
}
