/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whether a plan leaves all modules what they are: depmod is asked, on a copy of the module directory. It
 * waits for depmod, so that it is for a process of its own. */
#pragma once

#include "change/plan/plan.h"
#include "host/module/kmod-read.h"
#include "host/root.h"

/* Runs depmod for each release of the plan as if that had been done, below the empty directory STAGE, and
 * compares for each module the file that its name resolves to. *ret is what would change, as a sentence that
 * the caller frees; NULL if nothing would. 0 or a negative errno. */
int same_index_check(const HostRoot *root, const KmodFormats *formats, const Plan *plan, const char *stage,
                char **ret) WARN_UNUSED NONNULL(1, 2, 3, 4, 5);
