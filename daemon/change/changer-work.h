/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is under way beside the queue of jobs: the changer ends it when the service does. */
#pragma once

#include "change/changer.h"

typedef struct ChangerWork ChangerWork;

typedef struct ChangerWorkKind {
        /* The service ends: it is to come to its end soon, or does so here. */
        void (*stop)(ChangerWork *work);
        /* Frees what was dropped already, with all that it is a part of; no job ends by it. */
        void (*free)(ChangerWork *work);
} ChangerWorkKind;

/* The first member of whatever it is. */
struct ChangerWork {
        ChangerWork *next;
        const ChangerWorkKind *kind;
        Changer *changer;
};

/* Of WORK's changer. The last one that was added is the last in the list. */
void changer_add_work(ChangerWork *work) NONNULL(1);
void changer_drop_work(ChangerWork *work) NONNULL(1);
ChangerWork *changer_works(const Changer *changer) NONNULL(1);

/* Ends the service's wait, if it is about to end and nothing runs any more. */
int changer_stop_if_idle(Changer *changer) WARN_UNUSED NONNULL(1);

/* Refuses while the service ends. */
int changer_refuse_stopping(const Changer *changer, Refusal *refusal) WARN_UNUSED NONNULL(1, 2);
