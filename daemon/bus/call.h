/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The one path of all methods that change anything: arguments → request → proposal → polkit → commit →
 * reply. What is special about a method is its row, see methods.c. */
#pragma once

#include "bus/options.h"
#include "bus/polkit.h"
#include "bus/service.h"
#include "change/enquiry.h"
#include "change/operation.h"
#include "model/kernel-policy.h"

typedef struct Call Call;

/* A method, as a constant row. The steps are run in this order, and from the first one again when it is
 * known whose call it is and when polkit has answered, since the world may have changed. */
typedef struct CallMethod {
        const char *interface, *member;
        const Operation *operation; /* that it asks for; NULL: none */
        unsigned options;           /* a set of OptionKey; read if the message has any */
        bool replies_job;           /* the job's path, "/" if there is none; else nothing */
        /* What is no operation: */
        const char *action; /* what polkit is asked; NULL: propose() finds out */
        const char *doing;  /* for errors of ours: "Canceling the job" */

        /* Reads the arguments but the options into call->request. NULL: there are none. 0 or more, or a
         * negative errno with ERROR set. */
        int (*read)(Call *call, sd_bus_error *error);
        /* Of an operation's proposal, says by call_ask_about() what has to be permitted. 0 or a negative
         * errno. */
        int (*ask)(Call *call);
        /* Instead of a proposal: refuses all that can be refused, touches nothing, and says what has to be
         * permitted. 0, -ECANCELED with a refusal, or a negative errno. */
        int (*propose)(Call *call, Refusal *refusal);
        /* Does it, for call->uid. The object may be gone thereafter. NULL: commits the proposal. 0,
         * -ECANCELED with a refusal, or a negative errno. */
        int (*commit)(Call *call, Refusal *refusal);
} CallMethod;

/* What the arguments say, borrowed from the message if not owned; each method uses what it has read. */
typedef struct CallRequest {
        ChangeTarget *targets; /* an owned array */
        size_t target_count;
        const char *version;
        const char *release;
        char *module; /* canonical, owned */
        StringSet releases;
        KernelPolicy policy;
        ImportFile *files; /* an owned array */
        size_t file_count;
        Request change; /* of all this and the options */
} CallRequest;

struct Call {
        Call *next; /* that is held */
        const CallMethod *method;
        Service *service;
        void *object; /* whose method it is, as its ObjectKind says */
        sd_bus_message *message;
        Options options;
        CallRequest request;
        Proposal proposal;
        StringSet modules;  /* that it changes */
        const char *action; /* static */
        PolkitDetails *subjects;
        size_t subject_count;
        bool answered; /* polkit has, or needn't be asked */
        uid_t uid;
        Job *job;             /* borrowed from the changer; NULL: there is none */
        WaitingCall *waiting; /* NULL until the call is held */
        Enquiry *enquiry;     /* while it is held */
};

/* Runs METHOD, for a vtable's handler: returns what that is to return. */
int call_handle(const CallMethod *method, sd_bus_message *message, void *object,
                sd_bus_error *error) WARN_UNUSED NONNULL(1, 2, 3, 4);

/* What is done instead of a method's propose(), if it has none: an operation's proposal is made, and the
 * row's ask() is called. Likewise in all. */
int call_propose(Call *call, Refusal *refusal) WARN_UNUSED NONNULL(1, 2);

/* The request for that. Borrowed. */
const Request *call_request(Call *call) NONNULL(1);

/* For propose(): polkit is to be asked about this, too. The strings must last until commit(). What is
 * ignored, and which kernel releases are named, the options say. 0 or -ENOMEM. */
int call_ask_about(Call *call, const PolkitDetails *subject) WARN_UNUSED NONNULL(1, 2);

/* Forgets all calls of SERVICE that are held, once the changer is gone; they get no reply. */
void calls_free(Service *service) NONNULL(1);
