/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The one way from a request to a change: a proposal is made, which touches nothing and refuses all that can
 * be refused, and is committed as it is. */
#pragma once

#include "change/changer.h"

typedef struct ChangeTarget {
        const char *driver;  /* canonical module name */
        const char *version; /* id; "" to deselect */
} ChangeTarget;

/* A package of more modules is a mistake. */
#define IMPORT_FILES_MAX 64

typedef struct ImportFile {
        const char *name; /* the module file's, without a directory */
        int fd;           /* open for reading, above 2 */
} ImportFile;

/* What somebody wants. It borrows all that it points to; what an operation has no use for stays empty. */
struct Request {
        const Operation *operation;
        const ChangeTarget *targets; /* adopt, unadopt: one module; remove: one version */
        size_t target_count;
        const ImportFile *files;
        size_t file_count;
        const char *package; /* what adopt and import are to call the version: directories' names; NULL: */
        const char *version; /* what they find */
        const StringSet *kernels; /* NULL: all releases that it concerns, see plan_new() */
        const StringSet *ignore;  /* codes of problems to pass over; NULL: none */
        bool dry_run;             /* a job that does nothing; its plan says what would be done */
        bool leaving;             /* the kernel release to forget is being removed */
};

/* What a request comes to, by the facts of now. It is kept no longer than those are. */
struct Proposal {
        const Operation *operation;
        Plan *plan;
        ProblemList findings; /* what speaks against it and was passed over, and warnings */
        char *package;        /* of a version that comes or goes, as far as is known; else NULL */
        char *version;
        StringSet kernels; /* what is about kernel releases as a whole: those */
        bool forced;       /* their images are rebuilt whatever they hold */
        bool dry_run;
        bool waits;  /* something has to be found out first: enquiry_begin() instead of proposal_commit() */
        void *found; /* what was, borrowed: see enquiry.h */
};

void proposal_done(Proposal *proposal) NONNULL(1);
#define CLEANUP_PROPOSAL CLEANUP(proposal_done)

/* Fills *ret, which the caller ends: the operation's plan with all that was found of it. For the bus to say
 * no before polkit is asked about what the plan changes, and to be committed once it may be. 0, -ECANCELED
 * with a refusal, or a negative errno. */
int proposal_make(Changer *changer, const Request *request, Proposal *ret, Refusal *refusal) WARN_UNUSED
                NONNULL(1, 2, 3, 4);

/* The same, with what an enquiry of the operation has found. */
int proposal_make_found(Changer *changer, const Request *request, void *found, Proposal *ret,
                Refusal *refusal) WARN_UNUSED NONNULL(1, 2, 4, 5);

/* Does what was proposed: lock, journal, disk; then a job for the rest. It takes the plan. When it returns 0
 * the change is durable and *ret_job is borrowed until job removed (job_ref() to keep it). Nothing to do: a
 * job that is done already. -ECANCELED with a refusal: nothing has changed. */
int proposal_commit(Changer *changer, Proposal *proposal, uid_t uid, Job **ret_job,
                Refusal *refusal) WARN_UNUSED NONNULL(1, 2, 4, 5);

/* Both, for those who needn't ask whether they may. */
int proposal_carry_out(Changer *changer, const Request *request, uid_t uid, Job **ret_job,
                Refusal *refusal) WARN_UNUSED NONNULL(1, 2, 4, 5);

/* What would be found of the request: Check. What a proposal would refuse as a conflict is a finding here.
 */
int proposal_check(Changer *changer, const Request *request, ProblemList *ret, Refusal *refusal) WARN_UNUSED
                NONNULL(1, 2, 3, 4);

/* The parts of proposal_make(), for whoever wants to know what stands in its way. The plan alone: what is
 * wrong with the host, or not to be had, is refused, and nothing else. */
int proposal_plan(Changer *changer, const Request *request, Proposal *ret, Refusal *refusal) WARN_UNUSED
                NONNULL(1, 2, 3, 4);
/* Refuses while the service ends; and for what stands on disk without depmod, and if a job has one of the
 * plan's modules. */
int proposal_refuse_busy(const Changer *changer, const Plan *plan, Refusal *refusal) WARN_UNUSED
                NONNULL(1, 2, 3);
