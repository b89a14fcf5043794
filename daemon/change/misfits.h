/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which of many targets can't be selected together: for whoever has another answer for each of them. */
#pragma once

#include "change/proposal.h"

/* A target that is to give way. */
typedef struct Misfit {
        size_t target; /* its position */
        bool breaks;   /* it fits, but a module that stays as it is would no longer load with it */
        char *sentence;
} Misfit;

typedef struct MisfitList {
        Misfit *items; /* each target once */
        size_t count;
} MisfitList;

void misfit_list_done(MisfitList *list) NONNULL(1);
#define CLEANUP_MISFIT_LIST CLEANUP(misfit_list_done)

/* Asks about all targets as the one change that they are, and touches nothing. None: proposal_make() would
 * take them. Of targets that don't fit, those that need another one of them aren't listed, since they may
 * fit when that one has given way; and those that break what stays as it is only if all targets fit. Of two
 * that want different things of one module the later one is listed. 0, -ECANCELED with a refusal that is
 * about no target (the service is busy, the disk full), or a negative errno. */
int misfits_find(Changer *changer, const Request *request, MisfitList *ret, Refusal *refusal) WARN_UNUSED
                NONNULL(1, 2, 3, 4);
