/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where a version directory stands while it isn't in its place, so that one rename leads there and back: a
 * name of ours in /lib/modules, which is no kernel release. Where the module directory is a mount of its
 * own, one in there, in which depmod doesn't look. */
#pragma once

#include "change/plan/plan-parts.h"
#include "host/root.h"

/* Finds out for each directory of PLAN where that is, and sets its `inside`. Refuses what no rename can do:
 * NotSupported where a mount lies between, or the version is one itself; Conflict where one that is to come
 * is there. 0, -ECANCELED with a refusal, or a negative errno. Changes nothing on disk. */
int version_aside_choose(const HostRoot *root, Plan *plan, Refusal *refusal) WARN_UNUSED NONNULL(1, 2, 3);

/* Opens the directory that it stands in, *ret_name (static or DIRECTORY's own) is its name in there. MAKE:
 * makes the former. A descriptor that the caller closes; -ENOENT if the kernel release or the former isn't
 * there; or another negative errno. */
int version_aside_open(const HostRoot *root, const PlanDirectory *directory, bool make,
                const char **ret_name) WARN_UNUSED NONNULL(1, 2, 4);

/* Removes for good what stands there. Nothing there is no error. 0 or the first negative errno. */
int version_aside_discard(const HostRoot *root, const Plan *plan) WARN_UNUSED NONNULL(1, 2);
