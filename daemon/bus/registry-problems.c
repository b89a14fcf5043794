/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The host's problems that stand until somebody removes their cause. It reads no facts. */

#include <errno.h>
#include <string.h>

#include "bus/announce.h"
#include "bus/registry.h"
#include "util/log.h"

int registry_add_problem(Registry *registry, Severity severity, const char *code, const char *sentence)
{
        if (problem_list_add(&registry->standing, severity, code, "%s", sentence) < 0 ||
                        problem_list_add(&registry->state.problems, severity, code, "%s", sentence) < 0)
                return -ENOMEM;
        log_warning("%s", sentence);
        announce_host(registry->bus, HOST_PROBLEMS);
        return 0;
}

int registry_replace_problems(Registry *registry, const char *code, const StringSet *sentences)
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
                r = problem_list_add(&list, SEVERITY_WARNING, code, "%s", sentences->items[i]);
        if (r < 0)
                return r;
        before = registry->standing;
        registry->standing = list;
        list = before;
        return 0;
}
