/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A copy of a module directory made of links, on which depmod shows what a plan would lead to. It writes
 * nothing but below the stage's directory. */
#pragma once

#include "change/plan/plan.h"
#include "host/root.h"

/* Makes below the empty directory STAGE (absolute) lib/modules/RELEASE, whose entries are links to ROOT's,
 * and etc/depmod.d with copies of all files that depmod reads for ROOT. The plan's files, links and lines
 * stand there as afterwards; PLAN NULL: as now. Its module directory has no index. 0 or a negative errno. */
int staged_tree_make(const HostRoot *root, const char *release, const Plan *plan,
                const char *stage) WARN_UNUSED NONNULL(1, 2, 4);
