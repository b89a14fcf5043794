/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Makes a refusal of what the checks before a change have found. */
#pragma once

#include "change/refusal.h"
#include "model/problem.h"
#include "util/string-set.h"

/* Whether the problem is an error whose code isn't in IGNORE, which may be NULL. */
bool finding_refuses(const Problem *problem, const StringSet *ignore) NONNULL(1);

/* Refuses for all those among PROBLEMS, by the kind of the first one, with a sentence for each of them. */
int findings_refuse(const ProblemList *problems, const StringSet *ignore, Refusal *refusal) WARN_UNUSED
                NONNULL(1, 3);

/* Whether there are errors of that code at all: if not, somebody means another one, and is refused with
 * InvalidArgs and the nearest. CODE must be printable. 0, -ECANCELED with a refusal, or -ENOMEM. */
int findings_check_ignored(const char *code, Refusal *refusal) WARN_UNUSED NONNULL(1, 2);
