/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a change takes from modules that stay as they are. Pure. */

#include "model/preflight.h"

#include <errno.h>
#include <stdio.h>

/* "doesn't export a, b, and exports c in another version". The caller frees it; NULL: no memory. */
static char *tell_losses(const DependentFacts *facts)
{
        char *missing CLEANUP_FREE = preflight_enumerate(&facts->missing);
        char *changed CLEANUP_FREE = preflight_enumerate(&facts->changed);
        bool both = facts->missing.count > 0 && facts->changed.count > 0;
        char *text;

        if (!missing || !changed ||
                        asprintf(&text, "%s%s%s%s%s%s", facts->missing.count > 0 ? "doesn't export " : "",
                                        missing, both ? ", and " : "",
                                        facts->changed.count > 0 ? "exports " : "", changed,
                                        facts->changed.count > 0 ? " in another version" : "") < 0)
                return NULL;
        return text;
}

int preflight_find_dependent(const DependentFacts *facts, ProblemList *ret)
{
        const Severity severity =
                        facts->is_loaded || facts->has_hardware ? SEVERITY_ERROR : SEVERITY_WARNING;
        const char *state = facts->is_loaded ? ", which is loaded now," : "";
        char *losses CLEANUP_FREE = NULL;
        int r;

        if (facts->missing.count + facts->changed.count == 0)
                return 0;
        losses = tell_losses(facts);
        if (!losses)
                return -ENOMEM;
        if (facts->has_versions)
                r = problem_list_add(ret, severity, "dependent-breaks",
                                "%s%s would no longer load with %s, which %s. Select the matching version of "
                                "%s in the same call.",
                                facts->path, state, facts->needed->path, losses, facts->module);
        else
                r = problem_list_add(ret, severity, "dependent-breaks",
                                "%s%s would no longer load with %s, which %s. Choose another version of %s, "
                                "or install a build of %s for this one.",
                                facts->path, state, facts->needed->path, losses, facts->needed->module,
                                facts->module);
        return r < 0 ? r : problem_list_name_module(ret, facts->needed->module);
}
