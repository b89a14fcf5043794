/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Every file that a module's name could resolve to in one kernel release, wherever it lies. Facts only. */
#pragma once

#include "host/index/depmod-config.h"

typedef enum CandidateKind {
        CANDIDATE_FILE,
        CANDIDATE_LINK,     /* to a regular file */
        CANDIDATE_DANGLING, /* a link to nothing, or a loop of links */
        CANDIDATE_OTHER,    /* a directory's, FIFO's or other thing's link, or such a thing itself */
} CandidateKind;

typedef struct Candidate {
        CandidateKind kind;
        char *path;   /* relative to the module directory; absolute beneath the root in an external directory
                       */
        char *target; /* of a link to a regular file in the module directory: its path there; else "" */
} Candidate;

typedef struct CandidateList {
        Candidate *items; /* by path (strcmp), each once */
        size_t count;
} CandidateList;

/* Walks the whole module directory of RELEASE, and the external directories of CONFIG, for files of MODULE
 * (canonical). Links to directories are not followed, though depmod does. A module directory that isn't
 * there holds no candidates. 0 or -ENOMEM. */
int candidates_read(const HostRoot *root, const char *release, const char *module,
                const DepmodConfig *config, CandidateList *ret) WARN_UNUSED NONNULL(1, 2, 3, 4, 5);
void candidate_list_done(CandidateList *list) NONNULL(1);
#define CLEANUP_CANDIDATE_LIST CLEANUP(candidate_list_done)
