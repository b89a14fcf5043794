/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whether a package of the distribution owns the version that a plan removes. It reads the lists of dpkg and
 * waits for rpm, so that it is for a process of its own. */
#pragma once

#include "change/plan/plan.h"
#include "host/root.h"

/* *ret is why the version is not to be removed, as a sentence that the caller frees; NULL if nobody owns it.
 * 0 or a negative errno. */
int version_owner_find(const HostRoot *root, const Facts *facts, const Plan *plan, char **ret) WARN_UNUSED
                NONNULL(1, 2, 3, 4);
