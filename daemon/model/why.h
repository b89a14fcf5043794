/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Why a module's name resolves to the file that it resolves to: each candidate, with one sentence. Pure. */
#pragma once

#include "host/index/candidates.h"
#include "model/driver.h"

typedef struct WhyEntry {
        char *path;    /* absolute beneath the root */
        char *version; /* the id of the version whose file it is or leads to; "" if of none */
        bool effective;
        char *reason; /* why it wins or loses: a sentence or two */
} WhyEntry;

typedef struct WhyList {
        WhyEntry *items; /* the one that the index names first, then by path */
        size_t count;
} WhyList;

/* Explains DRIVER's effective file in RELEASE, as facts->effective has it: that is never computed, only the
 * reasons are. CONFIG and CANDIDATES are of that release. 0, -ENOMEM, or -ENOENT if FACTS know no such
 * release or driver. */
int why_derive(const Facts *facts, const Driver *driver, const char *release, const DepmodConfig *config,
                const CandidateList *candidates, WhyList *ret) WARN_UNUSED NONNULL(1, 2, 3, 4, 5, 6);
void why_list_done(WhyList *list) NONNULL(1);
#define CLEANUP_WHY_LIST CLEANUP(why_list_done)
