/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Who would miss a module file that is adopted: DKMS, a package of the distribution, a link. It reads the
 * lists of dpkg and waits for rpm, so that it is for a process of its own. */
#pragma once

#include "change/plan/plan.h"
#include "host/root.h"

/* *ret is why a file of the plan is not to be taken from its place, as a sentence that the caller frees;
 * NULL if nobody needs it there. A file that is kept there isn't asked about. 0 or a negative errno. */
int file_owner_find(const HostRoot *root, const Plan *plan, char **ret) WARN_UNUSED NONNULL(1, 2, 3);
