/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The jobs of all changes, and what is left of those that a dead service had begun. How a change comes about
 * is proposal.h's. */
#pragma once

#include "change/context.h"
#include "change/job/job.h"
#include "model/problem.h"

typedef struct Changer Changer;

int changer_new(sd_event *event, const HostRoot *root, const Config *config, Store *store,
                const ChangerHost *host, const JobObserver *observer, Changer **ret) WARN_UNUSED
                NONNULL(1, 2, 3, 4, 5, 6, 7);
Changer *changer_free(Changer *changer);
DEFINE_CLEANUP(Changer, changer_free)

/* What it was made with. Borrowed. */
const ChangeContext *changer_context(const Changer *changer) NONNULL(1);

/* Finishes or undoes what the journal says was under way when the daemon ended. Call once, after the first
 * facts were read and before the bus name is owned. Links are consistent when it returns; jobs may follow.
 */
int changer_recover(Changer *changer) WARN_UNUSED NONNULL(1);

/* Early in the boot, instead of the former: brings links and module index to what the journal says, and no
 * more. The entries stay for the service, which ends them when the whole host is there; what fails isn't
 * taken back. */
int changer_recover_index(Changer *changer) WARN_UNUSED NONNULL(1);

/* The error of a recovery job that has duly taken back what was not durable. */
#define CHANGER_TAKEN_BACK "The service ended before the change was complete, so it was taken back."

/* Cancels a waiting or cancelable job: its links go back. Refused with InUse if it is past that point. */
int changer_cancel(Changer *changer, Job *job, Refusal *refusal) WARN_UNUSED NONNULL(1, 2, 3);

/* The jobs that wait or run, oldest first. Borrowed. */
size_t changer_job_count(const Changer *changer) NONNULL(1);
Job *changer_job_at(const Changer *changer, size_t position) NONNULL(1);
Job *changer_job(const Changer *changer, uint32_t id) NONNULL(1);
/* The job that changes this module, or NULL. */
Job *changer_job_of(const Changer *changer, const char *module) NONNULL(1, 2);

/* Adds the releases for which jobs that haven't ended are about to settle what the driver MODULE loads:
 * until then, index and images differ from what is selected there. 0 or -ENOMEM. */
int changer_settling(const Changer *changer, const char *module, StringSet *ret) WARN_UNUSED
                NONNULL(1, 2, 3);

/* Stops taking requests and finishes or undoes what runs; `done` is called from the event loop, at the
 * latest after the running tool's deadline. */
int changer_stop(Changer *changer, void (*done)(void *userdata), void *userdata) WARN_UNUSED NONNULL(1, 2);
