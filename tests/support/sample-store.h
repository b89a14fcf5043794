/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A store that must be found as expected. */
#pragma once

#include "store/store.h"

/* Opens the one in DIRECTORY, which must be in that CONDITION, and say something of it where it is odd. */
Store *sample_store_open(const char *directory, StoreCondition condition) WARN_UNUSED NONNULL(1);
