/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A host that a file is imported on, while a child of the service is held. */
#pragma once

#include "child-hold.h"
#include "host.h"

typedef struct ImportHost {
        Harness *harness;
        sd_bus *caller; /* the superuser, once more */
        pid_t child;    /* what reads the file, held before it has done anything */
        char *path;     /* of the file */
        Answer *answer;
} ImportHost;

/* host_with_nics() with polkit and the service, which the caller asks to import a file of SIZE bytes, of
 * version 2 of tg3. False: skipped, with the reason told. */
bool import_host_start(ImportHost *host, off_t size) WARN_UNUSED NONNULL(1);
/* Lets the file be read and waits for what copies it, which is held likewise. */
void import_host_go_on(ImportHost *host) NONNULL(1);
void import_host_done(ImportHost *host) NONNULL(1);
#define CLEANUP_IMPORT_HOST CLEANUP(import_host_done)

/* Closes the caller's connection; the service has noticed when this returns. */
void import_host_leave(ImportHost *host) NONNULL(1);
/* Has the service answer somebody else. */
void import_host_ping(const ImportHost *host) NONNULL(1);
/* Asks for one more import of that file, by BUS. */
Answer *import_host_ask(const ImportHost *host, sd_bus *bus) NONNULL(1, 2);
/* Waits until ANSWER is there, which must be an error of that name, with WORDS. Takes the answer. */
void import_host_refused(Answer *answer, const char *error, const char *words) NONNULL(1, 2, 3);
/* Waits for the end of the job of tg3. */
void import_host_wait(const ImportHost *host, const char *result) NONNULL(1, 2);
/* Neither the version nor a part of it is there. */
void import_host_nothing_left(const ImportHost *host) NONNULL(1);
