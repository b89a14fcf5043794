/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whether depmod would make a plan effective, before it is asked: with depmod's configuration and the files
 * as they will be then. It reads only. */
#pragma once

#include "change/context.h"
#include "model/problem.h"

/* Appends a problem `not-effective` for each module that depmod would have another file of than the plan
 * expects, or may have, with the line of the configuration that makes it so. 0, or a negative errno. */
int index_foresight_check(const ChangeContext *context, const Plan *plan, ProblemList *ret) WARN_UNUSED
                NONNULL(1, 2, 3);
