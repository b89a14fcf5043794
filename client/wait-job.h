/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Waits for the end of a job, with a progress line. It starts none and cancels only if the user says so. */
#pragma once

#include <jansson.h>

#include "client.h"

typedef struct JobWaiter JobWaiter;

/* How the wait ended. */
typedef struct JobOutcome {
        char *result;     /* "done", "failed", "canceled"; "" if the user detached */
        char *error;      /* the service's sentence; "" if none */
        json_t *versions; /* array of objects: driver and version; NULL if the service didn't say */
        json_t *plan;     /* array of strings: what changes; likewise */
} JobOutcome;

void job_outcome_done(JobOutcome *outcome) NONNULL(1);
#define CLEANUP_JOB_OUTCOME CLEANUP(job_outcome_done)

/* Subscribes. Must come before the call that makes the job: its end could come before the reply does. 0, or
 * an ExitStatus after saying what went wrong. */
int job_waiter_new(Client *client, JobWaiter **ret) WARN_UNUSED NONNULL(1, 2);
JobWaiter *job_waiter_free(JobWaiter *waiter);
DEFINE_CLEANUP(JobWaiter, job_waiter_free)

/* Waits for the job at PATH. On a terminal, Ctrl-C asks whether to cancel it or to leave it alone. 0, or an
 * ExitStatus after saying what went wrong: also if the service vanishes. */
int job_wait(JobWaiter *waiter, const char *path, const char *driver, JobOutcome *ret) WARN_UNUSED
                NONNULL(1, 2, 3, 4);

/* The number at the end of a job's path. Borrowed from PATH. */
const char *job_path_id(const char *path) NONNULL(1);
