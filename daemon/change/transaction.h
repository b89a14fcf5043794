/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Makes the disk be what a plan says: links, override file, modprobe.d files. It runs no tool and asks
 * nobody. */
#pragma once

#include "change/plan.h"
#include "host/root.h"

/* Brings everything from whatever mix of before and after stands there to after, in an order in which each
 * name is always the old or the new, and syncs every directory touched. Idempotent: recovery calls it with
 * the plan or its inverse. A regular file in a link's place: refusal Conflict, nothing changed. On error
 * part of it may have been done: the caller applies the inverse. */
int transaction_apply(const HostRoot *root, const Plan *plan, Refusal *refusal) WARN_UNUSED NONNULL(1, 2, 3);
