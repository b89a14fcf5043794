/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whether a wanted version's file is still the build that was selected. Pure. */
#pragma once

#include "model/driver.h"

/* The file of the version that is wanted, in its release; NULL if there is none, or if it is the kernel's
 * own, which goes with the kernel: its package writes it anew at every upgrade of the same release. */
const CatalogueFile *wanted_file(const Facts *facts, const Driver *driver, const WantedVersion *wanted)
                NONNULL(1, 2, 3);

/* The same, if it is sound and another build than the one that is known; else NULL. */
const CatalogueFile *wanted_file_changed(
                const Facts *facts, const Driver *driver, const WantedVersion *wanted) NONNULL(1, 2, 3);

/* Adds the problem `version-changed` of the file at PATH ("/lib/modules/…"). PACKAGE: which one has written
 * it when it was upgraded; NULL: somebody else has. 0 or -ENOMEM. */
int wanted_file_tell(Driver *driver, const WantedVersion *wanted, const char *path,
                const char *package) WARN_UNUSED NONNULL(1, 2, 3);
