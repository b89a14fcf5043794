/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which kernel releases' images are looked at, and for which modules: what a batch of jobs adds up to, one
 * request a release. Values, no I/O. */
#pragma once

#include "change/plan/plan.h"

typedef struct RebuildRequest {
        char *release;
        StringSet modules; /* canonical: those whose place in the image may have changed */
        bool forced;       /* rebuild, whatever the image holds */
} RebuildRequest;

typedef struct RebuildRequests {
        RebuildRequest *items;
        size_t count;
} RebuildRequests;

/* All that PLAN touches: the whole of its modules in each of its releases. 0 or -ENOMEM. */
int rebuild_requests_add_plan(RebuildRequests *requests, const Plan *plan) WARN_UNUSED NONNULL(1, 2);

/* The images of RELEASES for MODULES; FORCED: whatever they hold. 0 or -ENOMEM. */
int rebuild_requests_add_all(RebuildRequests *requests, const StringSet *releases, const StringSet *modules,
                bool forced) WARN_UNUSED NONNULL(1, 2, 3);

void rebuild_requests_done(RebuildRequests *requests) NONNULL(1);
void rebuild_request_done(RebuildRequest *request) NONNULL(1);
