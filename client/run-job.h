/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Verbs that ask for a change: send the call, see its job through and say what has come of it. */
#pragma once

#include "client.h"
#include "wait-job.h"

typedef struct JobRun {
        JobWaiter *waiter; /* NULL: --no-block */
        const char *name;  /* what the job is about, for the progress line */
        /* Says what is so now that the job is done; JSON is printed by others. */
        void (*done)(Client *client, void *userdata);
        void *userdata;
} JobRun;

/* Before the call is built: see job_waiter_new(). *ret is NULL if nobody shall wait. A dry run is over at
 * once, and its outcome is all that it is for. 0, or an ExitStatus. */
int job_run_make_waiter(Client *client, JobWaiter **ret) WARN_UNUSED NONNULL(1, 2);

/* Sends the call, whose reply is a job, and is done with the agent that asks for passwords. 0 and the job's
 * path, which the caller frees, or an ExitStatus. */
int job_run_begin(Client *client, sd_bus_message *message, char **ret_path) WARN_UNUSED NONNULL(1, 2, 3);

/* Whether a job ended otherwise than well: says so, with what that means for the host, and returns an
 * ExitStatus. 0 if it is done, or if the user doesn't wait for it any more. */
int job_run_judge(const char *path, const JobOutcome *outcome, const char *failed,
                const char *canceled) WARN_UNUSED NONNULL(1, 2, 3, 4);

/* Sends the call, and sees its job through. An ExitStatus. */
int job_run(Client *client, const JobRun *run, sd_bus_message *message) WARN_UNUSED NONNULL(1, 2, 3);
