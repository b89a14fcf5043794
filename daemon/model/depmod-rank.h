/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How depmod ranks the files of one module, to explain what it did. Never to decide what is effective: that
 * is libkmod's word alone. Pure. */
#pragma once

#include <stdint.h>

#include "host/index/candidates.h"

/* No file, or one that depends on the order in which directories are read. */
#define DEPMOD_WINNER_UNKNOWN SIZE_MAX

typedef struct DepmodRank {
        bool passed_over;               /* depmod doesn't take it at all: what it is, or where it lies */
        const char *excluded_by;        /* the name of the directory that is passed over; else NULL */
        const DepmodDirectory *exclude; /* the line that says so; NULL if depmod does it by itself */
        const DepmodOverride *override; /* the last one that names it; NULL if none does */
        const DepmodSearch *search;     /* the entry that gives it its place; NULL if none does */
        long place;                     /* in the search order: the higher one wins; -1 is the lowest */
} DepmodRank;

void depmod_rank(const DepmodConfig *config, const Candidate *candidate, DepmodRank *ret) NONNULL(1, 2, 3);

/* The position of the file that depmod takes whatever order it reads them in; DEPMOD_WINNER_UNKNOWN if there
 * is none or if that order decides. RANKS has one for each candidate. Rules of depmod.c, the same in kmod 30
 * and 34. */
size_t depmod_rank_winner(const DepmodConfig *config, const CandidateList *list,
                const DepmodRank *ranks) WARN_UNUSED NONNULL(1, 2, 3);

/* Whether depmod could take the file at POSITION: none is ranked above it. */
bool depmod_rank_is_possible(const DepmodConfig *config, const CandidateList *list, const DepmodRank *ranks,
                size_t position) WARN_UNUSED NONNULL(1, 2, 3);
