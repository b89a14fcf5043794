/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whether a version would load and serve in a kernel release: gathers the facts that model/preflight.h asks
 * for. It reads only. */
#pragma once

#include "host/facts.h"
#include "model/driver.h"
#include "model/problem.h"

/* Appends the findings of VERSION in RELEASE to RET: see preflight_find() for codes and severities. Call it
 * for each module and release of a plan that is to have a version afterwards. Other modules of the same
 * package are taken as they are in that version, since they are selected together. What can't be found out
 * is no finding, or an info. A release that doesn't have the version: nothing. 0, or a negative errno. */
int preflight_check(const HostRoot *root, const Facts *facts, const Driver *driver,
                const DriverVersion *version, const char *release, ProblemList *ret) WARN_UNUSED
                NONNULL(1, 2, 3, 4, 5, 6);
