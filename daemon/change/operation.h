/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The kinds of changes, a constant row each in one table. Whoever has to know what is special about one asks
 * its row, and never which one it is. */
#pragma once

#include <sys/types.h>

#include "change/refusal.h"
#include "util/macros.h"

typedef struct ChangeContext ChangeContext;
typedef struct Request Request;
typedef struct Proposal Proposal;
typedef struct EnquiryKind EnquiryKind;
typedef struct Changer Changer;
typedef struct Job Job;

/* Positions in operation_table[]. */
typedef enum OperationId {
        OPERATION_SELECT,
        OPERATION_DESELECT,
        OPERATION_CARRY_OVER,
        OPERATION_HEAL,
        OPERATION_ADOPT,
        OPERATION_UNADOPT,
        OPERATION_IMPORT,
        OPERATION_REMOVE,
        OPERATION_FORGET,
        OPERATION_REBUILD,
        OPERATION_COUNT,
} OperationId;

/* What is wanted of a driver from then on. */
typedef enum OperationWanted {
        WANTED_AS_BEFORE, /* a version that comes or goes is wanted by nobody for that */
        WANTED_SET,       /* what was selected, and what its package took along */
        WANTED_STANDS_IN, /* only what a package took along, and not where the kernel's own version stands in
                             for it; of the others, whoever asked for the change knows */
        WANTED_NOTHING,   /* nothing any more */
} OperationWanted;

/* The steps of its jobs; stages/ has a row for each. */
typedef enum OperationStage {
        STAGE_COPY = 1 << 0,
        STAGE_INDEX = 1 << 1,
        STAGE_IMAGES = 1 << 2,
        STAGE_DEVICES = 1 << 3,
} OperationStage;

typedef struct Operation {
        const char *name;          /* as Job.Kind, the history and the journal say it */
        const char *doing;         /* for errors of ours: "Removing the version" */
        const char *action;        /* what polkit is asked for it; NULL: nobody can ask for it */
        const char *cancel_action; /* likewise, to cancel its job, which is to go back; NULL: nobody may */
        OperationWanted wanted;
        unsigned stages;   /* a set of OperationStage */
        bool release_goes; /* its kernel release does: no tool is run for it */
        bool heals;        /* it undoes what others did, and is left alone if it doesn't last */

        /* Sets the plan of PROPOSAL, by the facts of now. It touches nothing. 0, -ECANCELED with a refusal,
         * or a negative errno. */
        int (*plan)(const ChangeContext *context, const Request *request, Proposal *proposal,
                        Refusal *refusal);
        /* Adds to the findings of PROPOSAL what speaks against it. 0 or a negative errno. NULL: nothing
         * does. */
        int (*check)(const ChangeContext *context, Proposal *proposal);
        /* What has to be found out before. NULL: nothing. */
        const EnquiryKind *enquiry;
        /* Does it, with the host's lock held: see proposal_commit(). NULL: as most, by a job that begins
         * when all is on disk. */
        int (*commit)(Changer *changer, Proposal *proposal, uid_t uid, Job **ret_job, Refusal *refusal);
} Operation;

extern const Operation operation_table[OPERATION_COUNT];

/* The row of that name, or NULL: names come from journals and histories of any version. */
const Operation *operation_find(const char *name) WARN_UNUSED NONNULL(1);
