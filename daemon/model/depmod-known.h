/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The files of one module that the facts know without a walk through the module directory, as depmod ranks
 * them: those of its versions, those in updates/, and the one that the index names. Pure. */
#pragma once

#include "host/facts.h"
#include "model/depmod-rank.h"

typedef struct DepmodKnown {
        const DepmodConfig *config;
        CandidateList list; /* what its items point to is the facts' */
        DepmodRank *ranks;
        size_t effective; /* the file that the index names; DEPMOD_WINNER_UNKNOWN if it names none */
} DepmodKnown;

/* RELEASE and MODULE are positions in the catalogue. 0 or -ENOMEM. */
int depmod_known_read(const Facts *facts, size_t release, size_t module, DepmodKnown *ret) WARN_UNUSED
                NONNULL(1, 4);
void depmod_known_done(DepmodKnown *known) NONNULL(1);
#define CLEANUP_DEPMOD_KNOWN CLEANUP(depmod_known_done)

/* The file that depmod would take now in the place of what the index names, whatever else there is: its
 * position; DEPMOD_WINNER_UNKNOWN if there is none, or that can't be said. */
size_t depmod_known_successor(const DepmodKnown *known) NONNULL(1);

/* Whether that need not be asked: a line of ours names what the index names, and no line behind it, and no
 * exclude line, is anybody else's. So it is where versions are selected. */
bool depmod_known_is_settled(const Facts *facts, size_t release, size_t module) NONNULL(1);
