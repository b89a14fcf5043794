/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What others changed of one driver's selection, release by release. */
#pragma once

#include "model/derivation.h"

/* Compares what was last wanted in the release at POSITION with what stands there. 1 if they differ, with an
 * item added to the driver's drifts; 0 if not, or if nothing can be said; -ENOMEM. */
int drift_find(const Derivation *derivation, size_t position) WARN_UNUSED NONNULL(1);
