/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Calls that have no reply yet, since the changer waits for a process of its own (the files of an import are
 * read, rpm is asked). Who leaves before the reply gets nothing done. */
#pragma once

#include "bus/polkit.h"
#include "bus/service.h"

/* What a kind of call needs. Static. */
typedef struct HeldCallKind {
        const char *what; /* for errors of ours: "The import" */
        /* Has the changer give up on it: nobody waits for the reply any more. */
        void (*cancel)(HeldCall *call);
        /* Frees the call as a whole, which the held part is the first member of. */
        void (*free)(HeldCall *call);
} HeldCallKind;

struct HeldCall {
        HeldCall *next;
        const HeldCallKind *kind;
        Service *service;
        sd_bus_message *message;
        WaitingCall *waiting; /* NULL until the call is held */
};

/* MESSAGE is referenced. */
void held_call_init(HeldCall *call, const HeldCallKind *kind, Service *service, sd_bus_message *message)
                NONNULL(1, 2, 3, 4);
/* For kind->free. */
void held_call_done(HeldCall *call) NONNULL(1);

/* Takes the call, once it is authorized and the changer is at it. Returns what the handler is to return. */
int held_call_hold(HeldCall *call_taken, Authorization *authorization) NONNULL(1, 2);

/* A ChangeDone with the call as USERDATA: replies, and frees it. */
void held_call_reply(int result, Job *job, const Refusal *refusal, void *userdata) NONNULL(4);

/* Forgets all calls of SERVICE, once the changer is gone; they get no reply. */
void held_calls_free(Service *service) NONNULL(1);
