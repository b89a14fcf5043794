/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Copies the module files of a version that is imported to where its directory stands before it gets its
 * place. For a process of its own, since it takes long; it needs no descriptors but those that it is given.
 */
#pragma once

#include "change/refusal.h"
#include "host/module/module-file.h"

typedef struct StageFile {
        const char *name;       /* in the version directory */
        int fd;                 /* of the original, open for reading */
        const ModuleFile *read; /* what was checked of it */
} StageFile;

typedef struct StageFiles {
        const StageFile *items;
        size_t count;
        uint64_t size; /* bytes of them all: version_stage_measure() */
} StageFiles;

typedef struct StageDirectory {
        int fd; /* of version_aside_open(), with the name that it says */
        const char *name;
} StageDirectory;

/* Sets the size of FILES. 0 or a negative errno. */
int version_stage_measure(StageFiles *files) WARN_UNUSED NONNULL(1);

/* How many seconds it may take to read or write SIZE bytes, unless something hangs. */
unsigned version_stage_patience(uint64_t size);

/* Makes each of DIRECTORIES, which must not be there, with a copy of each of FILES, and syncs it all. What
 * fails leaves a part of it, for transaction_discard(). 0, -ECANCELED with a refusal, or -ENOMEM. */
int version_stage(const StageDirectory *directories, size_t directory_count, const StageFiles *files,
                Refusal *refusal) WARN_UNUSED NONNULL(1, 3, 4);

/* How many bytes of DIRECTORY's files are there by now; 0 if that can't be found out. */
uint64_t version_stage_size(const StageDirectory *directory) NONNULL(1);
