/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The parts of an import. Its files are read and checked by a process of its own, which hands back a
 * verdict, so that nobody waits for them. For the changer's own files. */
#pragma once

#include "change/changer-internal.h"
#include "change/changer-versions.h"
#include "change/import-verdict.h"
#include "change/parts/version-stage.h"
#include "change/tool/child.h"

struct ChangerImport {
        ChangerImport *next;
        Changer *changer;
        const ImportRequest *request; /* borrowed while there is somebody to tell */
        uid_t uid;
        ChangeDone done; /* NULL: nobody waits for it any more */
        void *userdata;
        StageFile items[IMPORT_FILES_MAX];
        StageFiles files; /* these */
        StringSet modules;
        StringSet releases;
        ImportVerdict verdict;
        int verdict_fd; /* where the other process writes it, -1 until it is begun */
        Child *child;   /* NULL: its turn hasn't come */
};

/* --- changer-import-check.c --- */

/* For the process that reads: fills in the import's verdict. ROOT must be usable there. */
void changer_import_read(ChangerImport *import, const HostRoot *root) NONNULL(1, 2);

/* What the files that were read are to become, by the facts of now. 0, -ECANCELED with a refusal, or a
 * negative errno. */
int changer_import_plan(ChangerImport *import, VersionPlan *ret, Refusal *refusal) WARN_UNUSED
                NONNULL(1, 2, 3);

/* --- changer-import.c --- */

/* Ends all that is read, since the service does: their callers are told so. */
void changer_import_stop(Changer *changer) NONNULL(1);

/* Kills what reads. Nobody is told. */
void changer_import_free(Changer *changer) NONNULL(1);
