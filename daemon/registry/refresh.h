/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Has a registry know what there is now: the one place that swaps values. */
#pragma once

#include "registry/registry.h"

/* Reads the host anew, the first time with the store's metadata cache. All values are swapped at once, then
 * the observer is told what came, went and changed, and nothing else. 0 or a negative errno: on error
 * everything stays as it was. */
int registry_refresh(Registry *registry) WARN_UNUSED NONNULL(1);
