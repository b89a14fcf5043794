/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A part: one kind of thing on disk that a plan changes, as a constant row of a table. */
#pragma once

#include "change/plan/plan-parts.h"
#include "change/plan/plan-text.h"
#include "change/refusal.h"
#include "host/root.h"
#include "util/record.h"

/* When a step of a transaction is done: all that is done in one phase comes before what is done in the next.
 */
typedef enum PartPhase {
        PART_FIRST, /* what must hold before anything comes or goes */
        PART_PLACE, /* what is to be there comes */
        PART_TAKE,  /* what is not to be there goes: nothing names it any more */
        PART_LAST,  /* what may hold only when all is in its place */
        PART_PHASE_COUNT,
} PartPhase;

/* What a step is given. */
typedef struct PartSite {
        const HostRoot *root;
        const Plan *plan;
        const char *release; /* of a part that is one for each kernel release; else NULL */
        int modules_fd;      /* the module directory of that; else -1 */
} PartSite;

/* 0, -ECANCELED with a refusal, or another negative errno: then a refusal says what could not be written,
 * and why (refusal_blame()). */
typedef int (*PartStep)(const PartSite *site, Refusal *refusal);

typedef struct Part {
        const char *name;
        bool per_release; /* else it is one for the whole host */

        /* Refuses with Conflict where something of somebody else's stands in the way of the plan or its
         * inverse; changes nothing. NULL: nothing can. */
        PartStep check;

        /* Each is idempotent, and has synced the directories when it returns 0. NULL: nothing to do then. */
        PartStep steps[PART_PHASE_COUNT];

        /* Removes for good what the plan has set aside, whatever became of the kernel release. NULL: nothing
         * ever is. 0 or the first negative errno. */
        int (*discard)(const HostRoot *root, const Plan *plan);

        /* Say what comes (PART_PLACE) and goes (PART_TAKE), a line for each thing. NULL: the other one has
         * said it. 0 or -ENOMEM. */
        int (*describe[PART_PHASE_COUNT])(const Plan *plan, PlanText *text);
} Part;
