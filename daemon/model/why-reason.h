/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The sentences that why_derive() gives its candidates. Pure. */
#pragma once

#include "model/depmod-rank.h"
#include "model/modprobe-meaning.h"

/* What is known of all candidates of one module. */
typedef struct WhyCase {
        const char *release;
        const CandidateList *candidates;
        const DepmodRank *ranks; /* one for each */
        size_t winner;           /* that depmod would take now; DEPMOD_WINNER_UNKNOWN */
        size_t effective;        /* that the module index names; DEPMOD_WINNER_UNKNOWN if none of them */
        bool has_index;
        bool builtin;
        bool deselected;
        const ModprobeLine *unsupported; /* by which what the index names isn't loaded, since nobody supports
                                            it */
        const char *module;
        const ModprobeLoad *load; /* what modprobe goes by, whichever file it is */
} WhyCase;

/* The reason for the candidate at POSITION; the caller frees it. NULL: no memory. */
char *why_reason(const WhyCase *why, size_t position) WARN_UNUSED NONNULL(1);
