/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a driver is to do when a kernel release comes: read from the store, and set there. */
#pragma once

#include "registry/registry.h"

/* The remembered policy of a driver; the default one if none is, or if it can't be read, which is logged. */
KernelPolicy registry_policy_of(Store *store, const char *name) NONNULL(1, 2);

/* Remembers and announces the policy of a driver and of all others of its package, which switches as a
 * whole. Their problems follow with the next refresh. 0, or what the store returned: nothing has changed. */
int registry_set_policy(Registry *registry, const DriverEntry *entry, KernelPolicy policy) WARN_UNUSED
                NONNULL(1, 2);
