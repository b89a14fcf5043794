/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whether a version would load and serve in a kernel release: gathers the facts that model/preflight.h asks
 * for. It reads only. */
#pragma once

#include "change/checks/symbol-sources.h"
#include "host/facts.h"
#include "model/driver.h"
#include "model/problem.h"

/* The checks of one change in one release. What they share is read once, when the first one needs it. */
typedef struct Preflight Preflight;

/* PLANNED are the files that the modules of the change are to have; all is borrowed. A release that isn't
 * installed has no findings. 0 or -ENOMEM. */
int preflight_new(const HostRoot *root, const Facts *facts, const char *release, const PlannedFiles *planned,
                Preflight **ret) WARN_UNUSED NONNULL(1, 2, 3, 4, 5);
Preflight *preflight_free(Preflight *preflight);
DEFINE_CLEANUP(Preflight, preflight_free)

/* Appends the findings of VERSION to RET: see preflight_find() for codes and severities. Call it for each
 * module of a plan that is to have a version afterwards. Other modules of the same package are taken as they
 * are in that version, since they are selected together, and planned ones as they are planned. What can't be
 * found out is no finding, or an info. A release that doesn't have the version: nothing. 0, or a negative
 * errno. */
int preflight_check(Preflight *preflight, const Driver *driver, const DriverVersion *version,
                ProblemList *ret) WARN_UNUSED NONNULL(1, 2, 3, 4);

/* Appends a problem for each module of the release that isn't planned itself, loads with what the index
 * resolves to now, and wouldn't with the planned files: preflight_find_dependent(). Only files that
 * modules.dep lists as dependent on the planned modules are read. 0, or a negative errno. */
int preflight_check_dependents(Preflight *preflight, ProblemList *ret) WARN_UNUSED NONNULL(1, 2);
