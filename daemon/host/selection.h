/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What selections stand on disk: links in updates/, our override file, our modprobe.d files. It reads only.
 */
#pragma once

#include "host/block-list.h"
#include "host/index/override-list.h"
#include "host/root.h"
#include "host/tree/catalogue.h"

typedef enum UpdateKind {
        UPDATE_VERSION,  /* a link to a file of the catalogue */
        UPDATE_FOREIGN,  /* a link to a regular file beneath the module directory that no tree knows */
        UPDATE_OUTSIDE,  /* a link that leads out of the module directory */
        UPDATE_DANGLING, /* a link to nothing, or a loop of links */
        UPDATE_REGULAR,  /* a regular file: somebody else's */
        UPDATE_OTHER,    /* a directory, FIFO, socket or device of a module file's name */
} UpdateKind;

/* An entry of updates/ itself (not below it) that has a module file's name. */
typedef struct UpdateEntry {
        char *file;   /* its name */
        char *module; /* canonical */
        UpdateKind kind;
        bool absolute; /* the link's text begins with a slash */
        char *target;  /* the link's text; "" if no link */
        char *path;    /* UPDATE_VERSION and UPDATE_FOREIGN: the file it leads to, relative to the module
                          directory */
} UpdateEntry;

typedef struct ReleaseSelection {
        char *release;
        UpdateEntry *updates; /* by module, then file name (strcmp) */
        size_t update_count;
} ReleaseSelection;

typedef struct Selection {
        ReleaseSelection *releases; /* the catalogue's releases, in its order */
        size_t release_count;
        OverrideList overrides;
        StringSet edited_overrides; /* modules with lines in our override file that we didn't write so */
        StringSet blocked;          /* modules that our modprobe.d file keeps from loading */
        StringSet edited_blocks;    /* modules whose file doesn't say that and no more: blocked or not */
        StringSet unreadable;       /* "/lib/modules/R/updates can't be read: Input/output error" */
        bool override_file_foreign; /* the file is there, but holds lines of another kind */
} Selection;

int selection_read(const HostRoot *root, const Catalogue *catalogue, Selection **ret) WARN_UNUSED
                NONNULL(1, 2, 3);
Selection *selection_free(Selection *selection);
DEFINE_CLEANUP(Selection, selection_free)

const ReleaseSelection *selection_release(const Selection *selection, const char *release) NONNULL(1, 2);

/* The next entry of updates/ for MODULE behind PREVIOUS, or the first one if that is NULL. */
const UpdateEntry *update_entry_next(const ReleaseSelection *selection, const char *module,
                const UpdateEntry *previous) NONNULL(1, 2);
