/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Makes the disk be what a plan says: version files and directories, links, override file, modprobe.d files.
 * It runs no tool and asks nobody. */
#pragma once

#include "change/plan/plan.h"
#include "host/root.h"

/* Whether something of somebody else's stands where the plan or its inverse would write. 0, -ECANCELED with
 * a refusal (Conflict), or a negative errno. Changes nothing: for before the intent is journaled. */
int transaction_check(const HostRoot *root, const Plan *plan, Refusal *refusal) WARN_UNUSED NONNULL(1, 2, 3);

/* Brings everything from whatever mix of before and after stands there to after, in an order in which each
 * name is always the old or the new, and syncs every directory touched; all but PART_LAST. Idempotent:
 * recovery calls it with the plan or its inverse. It begins with transaction_check(). On error part of it
 * may have been done: the caller applies the inverse; and a refusal says which path could not be written. */
int transaction_apply(const HostRoot *root, const Plan *plan, Refusal *refusal) WARN_UNUSED NONNULL(1, 2, 3);

/* The rest, once the module index names what stands there: until then, the old index may name what nobody
 * chose. Likewise in all. */
int transaction_finish(const HostRoot *root, const Plan *plan, Refusal *refusal) WARN_UNUSED
                NONNULL(1, 2, 3);

/* Removes for good what the plan has set aside, once its journal entry is closed. Nothing aside is no error.
 * 0 or the first negative errno. */
int transaction_discard(const HostRoot *root, const Plan *plan) WARN_UNUSED NONNULL(1, 2);
