/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Selects and deselects through the service, and waits for the end of the job. */
#pragma once

#include "outcome.h"

/* Selects VARIANT of PACKAGE; with VARIANT NULL deselects the package. 0, or the outcome's code. */
int change_package(sd_bus *bus, const char *package, const char *variant, Outcome *outcome) WARN_UNUSED
                NONNULL(1, 2, 4);
