/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How a tool that failed is told of. It runs none. */
#pragma once

#include "change/tool/child.h"

/* A sentence about the end of TOOL, which was run for RELEASE. The caller frees it; NULL: no memory. */
char *child_report(const char *tool, const char *release, unsigned timeout_sec, ChildOutcome outcome,
                int code, const char *last_lines) WARN_UNUSED NONNULL(1, 2, 6);
