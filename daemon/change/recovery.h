/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the journal says was under way when nobody was there to end it: finished, or taken back. */
#pragma once

#include "change/changer.h"

/* Finishes or undoes what the journal says was under way when the daemon ended. Call once, after the first
 * facts were read and before the bus name is owned. Links are consistent when it returns; jobs may follow.
 */
int recovery_run(Changer *changer) WARN_UNUSED NONNULL(1);

/* Early in the boot, instead of the former: brings links and module index to what the journal says, and no
 * more. The entries stay for the service, which ends them when the whole host is there; what fails isn't
 * taken back. */
int recovery_run_early(Changer *changer) WARN_UNUSED NONNULL(1);

/* The error of a recovery job that has duly taken back what was not durable. */
#define RECOVERY_TAKEN_BACK "The service ended before the change was complete, so it was taken back."

/* Deals with journal entries that no job stands for, before something new begins: an end that could not be
 * written down, or a change that could not be taken back; of that, a job may follow. 0, or -ECANCELED with a
 * refusal. */
int recovery_settle(Changer *changer, Refusal *refusal) WARN_UNUSED NONNULL(1, 2);
