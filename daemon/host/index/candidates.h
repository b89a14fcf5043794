/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Every file that a module's name could resolve to in one kernel release, wherever it lies. Facts only. */
#pragma once

#include "host/index/depmod-config.h"
#include "host/module/kmod-read.h"
#include "util/string-set.h"

typedef enum CandidateKind {
        CANDIDATE_FILE,
        CANDIDATE_LINK,       /* to a regular file; or a file behind a link to a directory */
        CANDIDATE_DANGLING,   /* a link to nothing, or a loop of links */
        CANDIDATE_OTHER,      /* a directory's, FIFO's or other thing's link, or such a thing itself */
        CANDIDATE_COMPRESSED, /* a regular file, or a link to one, of a compression that kmod lacks */
} CandidateKind;

typedef struct Candidate {
        CandidateKind kind;
        char *module; /* canonical */
        char *path;   /* relative to the module directory; absolute beneath the root in an external directory
                       */
        char *target; /* of what a link leads to, if it is a regular file in the module directory: its path
                         there; else "" */
} Candidate;

typedef struct CandidateList {
        Candidate *items; /* by module, then path (strcmp), each once */
        size_t count;
        char *loop; /* the first link that leads back to a directory that it lies in; NULL: there is none */
} CandidateList;

/* Walks the whole module directory of RELEASE, and the external directories of CONFIG, for files of MODULES
 * (canonical names). Links to directories are followed as depmod does it, but each only until it leads back:
 * there depmod goes on until it has no more descriptors, and writes an empty index (kmod 30 and 34). A
 * module directory that isn't there holds no candidates. 0, or a lack of resources. */
int candidates_read(const HostRoot *root, const char *release, const StringSet *modules,
                const DepmodConfig *config, const KmodFormats *formats, CandidateList *ret) WARN_UNUSED
                NONNULL(1, 2, 3, 4, 5, 6);
/* The same, for one module. */
int candidates_read_module(const HostRoot *root, const char *release, const char *module,
                const DepmodConfig *config, const KmodFormats *formats, CandidateList *ret) WARN_UNUSED
                NONNULL(1, 2, 3, 4, 5, 6);
void candidate_list_done(CandidateList *list) NONNULL(1);
#define CLEANUP_CANDIDATE_LIST CLEANUP(candidate_list_done)

/* Those of one module: a part of LIST, which owns them. */
CandidateList candidates_of(const CandidateList *list, const char *module) NONNULL(1, 2);

/* Adds a link at PATH that leads to TARGET, or removes what is at PATH if that is NULL. 0 or -ENOMEM. */
int candidates_set_link(CandidateList *list, const char *module, const char *path,
                const char *target) WARN_UNUSED NONNULL(1, 2, 3);
