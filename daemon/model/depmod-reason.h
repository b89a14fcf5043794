/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What decides among the files of one module, as clauses that name the line of depmod's configuration. Pure.
 */
#pragma once

#include "model/depmod-rank.h"

/* Why depmod takes the file at POSITION: "line 2 of /etc/depmod.d/a.conf, an override line, names it". RANKS
 * has one for each candidate. The caller frees it; NULL: no memory. */
char *depmod_reason(const DepmodConfig *config, const CandidateList *list, const DepmodRank *ranks,
                size_t position) WARN_UNUSED NONNULL(1, 2, 3);

/* Why depmod passes over the file of that rank, likewise. */
char *depmod_reason_passed_over(const Candidate *candidate, const DepmodRank *rank) WARN_UNUSED
                NONNULL(1, 2);

/* The line that gives the rank its place: "line 2 of /etc/depmod.d/a.conf"; "depmod's default" where none
 * does. Likewise. */
char *depmod_reason_line(const DepmodRank *rank) WARN_UNUSED NONNULL(1);

/* Whether depmod takes the file at PATH of the module directory, or what leads to it, in whatever order it
 * reads directories: 1, 0 with a sentence on what it does instead, which the caller frees, or -ENOMEM. LIST
 * has all candidates of the module. */
int depmod_foresee(const DepmodConfig *config, const CandidateList *list, const char *path,
                char **ret_sentence) WARN_UNUSED NONNULL(1, 2, 3, 4);
