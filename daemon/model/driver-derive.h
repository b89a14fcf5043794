/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From the facts to a driver. Pure. */
#pragma once

#include "model/driver.h"

/* Derives the driver at position MODULE of facts->catalogue->modules. 0 and a value that the caller frees,
 * or -ENOMEM. */
int driver_derive(const Facts *facts, size_t module, Driver **ret) WARN_UNUSED NONNULL(1, 3);
/* The same. In the releases SETTLING (NULL: none), a job that runs is about to make index and image agree
 * with what is selected: that they don't is no problem there. Compares with what was last wanted of it, once
 * a release. Where the two differ the driver has an item in `drifts`, which stands for what else its
 * problems would say of that release's links, override line, block and index: drift_add_problems() is for
 * the caller. */
int driver_derive_wanted(const Facts *facts, size_t module, const WantedVersion *wanted, size_t wanted_count,
                const StringSet *settling, Driver **ret) WARN_UNUSED NONNULL(1, 6);
