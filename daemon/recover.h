/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* hostdriverd --recover: what the service does at its start with its journal, for a moment or a root that
 * has no bus. It publishes nothing. */
#pragma once

#include "arguments.h"

/* Finishes or takes back what the journal has, beneath the root of ARGUMENTS, and returns when that is done.
 * On the host itself the early boot is assumed: links and module index only, see recovery_run_early().
 * What happens is logged. 0, or a negative errno if something is left as it was. */
int recover(const Arguments *arguments) WARN_UNUSED NONNULL(1);
