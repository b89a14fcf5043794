/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What has to be found out by a process of its own before a change is proposed for good, since it may take
 * long: nobody waits for it but who has asked. */
#pragma once

#include "change/proposal.h"
#include "change/tool/child.h"

/* What the process needs. */
typedef struct EnquiryChild {
        int fds[IMPORT_FILES_MAX + 1]; /* that it may use */
        size_t fd_count;
        unsigned timeout_sec;
} EnquiryChild;

/* What an operation wants to know. Its functions get what was found so far: a struct of the operation's own,
 * which is Proposal.found at last. */
struct EnquiryKind {
        const char *waiting; /* "removals wait …", behind their number: for who is one too many */
        size_t size;         /* of the struct, which is zero at first */
        /* Fills it from the request and what was proposed, both of which stay as they are. 0 or a negative
         * errno. */
        int (*begin)(const Request *request, const Proposal *asked, void *found);
        /* Its turn has come. 0, -ECANCELED with a refusal, or a negative errno. */
        int (*open)(void *found, EnquiryChild *ret, Refusal *refusal);
        /* In the process: finds it out. CONTEXT has a root of its own. 0 or a negative errno. */
        int (*run)(const ChangeContext *context, const Request *request, void *found);
        /* How the process ended. 0, -ECANCELED with a refusal, or a negative errno. */
        int (*take)(void *found, ChildOutcome outcome, int code, const char *last_lines, Refusal *refusal);
        void (*done)(void *found);
};

typedef struct Enquiry Enquiry;

/* RESULT: 0 and a job as of proposal_commit(), -ECANCELED with a refusal, or a negative errno. */
typedef void (*ChangeDone)(int result, Job *job, const Refusal *refusal, void *userdata);

/* For a proposal that waits, which is taken. DONE is called from the event loop, once, when all is known,
 * was proposed anew, and is committed or refused; never from inside this call. Until then REQUEST and all
 * that it points to must stay as they are. Two of a kind run at once, so that one which hangs doesn't hold
 * up everybody; the others wait. 0, -ECANCELED with a refusal, or a negative errno; then DONE isn't called.
 */
int enquiry_begin(Changer *changer, const Request *request, Proposal *proposal, uid_t uid, ChangeDone done,
                void *userdata, Enquiry **ret, Refusal *refusal) WARN_UNUSED NONNULL(1, 2, 3, 5, 7, 8);

/* Nobody waits for it any more: it is given up, DONE isn't called, and the request may go. */
void enquiry_cancel(Enquiry *enquiry) NONNULL(1);
