/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How a tool that failed is told of. It runs none. */
#pragma once

#include "change/refusal.h"
#include "change/tool/child.h"

/* A sentence about the end of TOOL, which was run for RELEASE. The caller frees it; NULL: no memory. */
char *child_report(const char *tool, const char *release, unsigned timeout_sec, ChildOutcome outcome,
                int code, const char *last_lines) WARN_UNUSED NONNULL(1, 2, 6);

/* Refuses for a function of ours that has not done with files what VERB says ("read"). LAST_LINES: its own
 * sentence, or "". -ECANCELED or -ENOMEM. */
int child_refuse_files(ChildOutcome outcome, const char *last_lines, const char *verb,
                Refusal *refusal) WARN_UNUSED NONNULL(2, 3, 4);
