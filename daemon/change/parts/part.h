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
        PART_LAST,  /* what may hold only when the module index names what is in its place, too */
        PART_PHASE_COUNT,
} PartPhase;

/* What a step is for: all that the plan says of the part, or that of one kernel release, or one item of
 * that. */
typedef enum PartScope {
        PART_OF_HOST,
        PART_OF_RELEASE,
        PART_OF_ITEM,
} PartScope;

/* What a step is given. */
typedef struct PartSite {
        const HostRoot *root;
        const Plan *plan;
        const char *release; /* NULL where it is for the host */
        int modules_fd;      /* the release's module directory, or -1 */
        const void *item;    /* NULL where it is for more than one */
} PartSite;

/* 0, -ECANCELED with a refusal, or another negative errno: then a refusal says what could not be written,
 * and why (refusal_blame()). */
typedef int (*PartStep)(const PartSite *site, Refusal *refusal);

typedef struct Part {
        const char *name;
        PartScope scope;

        /* The array in a Plan that tells of it, and its count: PART_ITEMS(). */
        size_t items_offset, count_offset, item_size;
        size_t release_offset; /* in an item; for PART_OF_ITEM */

        /* Refuses with Conflict where something of somebody else's stands in the way of the plan or its
         * inverse; changes nothing. NULL: nothing can. */
        PartStep check;

        /* Each is idempotent, and has synced the directories when it returns 0. NULL: nothing to do then. */
        PartStep steps[PART_PHASE_COUNT];

        /* Removes for good what the plan has set aside, whatever became of the kernel release. NULL: nothing
         * ever is. 0 or the first negative errno. */
        int (*discard)(const HostRoot *root, const Plan *plan);

        /* Say of an item what comes (PART_PLACE) and what goes (PART_TAKE). NULL: the other one says it. 0
         * or -ENOMEM. */
        int (*describe[PART_PHASE_COUNT])(const Plan *plan, const void *item, PlanText *text);
} Part;

#define PART_ITEMS(member, count)                                                      \
        .items_offset = offsetof(Plan, member), .count_offset = offsetof(Plan, count), \
        .item_size = sizeof(*((Plan *) NULL)->member)
