/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What people are told of a change by others: a sentence on what is, and one on what to do. */
#pragma once

#include "model/drift.h"
#include "model/problem.h"

/* Adds the problem `drift`, once for each way in which releases differ. NOTE is a further sentence or NULL.
 * 0 or -ENOMEM. */
int drift_add_problems(const DriftList *drifts, const char *driver, const char *note,
                ProblemList *problems) WARN_UNUSED NONNULL(1, 2, 4);
