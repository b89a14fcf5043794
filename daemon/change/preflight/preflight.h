/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whether a version would load and serve in a kernel release: gathers the facts that model/preflight.h asks
 * for. It reads only. */
#pragma once

#include "host/facts.h"
#include "model/driver.h"
#include "model/problem.h"

/* The files that other modules of one release have once the change is made, whichever package they are of.
 * Borrowed from the catalogue. */
typedef struct PlannedFiles {
        const CatalogueFile **files;
        size_t count;
} PlannedFiles;

/* Appends the findings of VERSION in RELEASE to RET: see preflight_find() for codes and severities. Call it
 * for each module and release of a plan that is to have a version afterwards. Other modules of the same
 * package are taken as they are in that version, since they are selected together, and those in TOGETHER as
 * they are there. What can't be found out
 * is no finding, or an info. A release that doesn't have the version: nothing. 0, or a negative errno. */
int preflight_check(const HostRoot *root, const Facts *facts, const Driver *driver,
                const DriverVersion *version, const char *release, const PlannedFiles *together,
                ProblemList *ret) WARN_UNUSED NONNULL(1, 2, 3, 4, 5, 6, 7);

/* Appends a problem for each module of RELEASE that isn't PLANNED itself, loads with what the index resolves
 * to now, and wouldn't with the files of PLANNED: preflight_find_dependent(). Only files that modules.dep
 * lists as dependent on the planned modules are read. 0, or a negative errno. */
int preflight_check_dependents(const HostRoot *root, const Facts *facts, const char *release,
                const PlannedFiles *planned, ProblemList *ret) WARN_UNUSED NONNULL(1, 2, 3, 4, 5);
