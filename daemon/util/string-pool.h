/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Many strings that live and die together, a few to an allocation. No I/O. */
#pragma once

#include "util/macros.h"

typedef struct StringPool StringPool;

/* Copies TEXT into *POOL, which is made if it is NULL. Returns the copy, which lives until the pool is
 * freed; NULL: no memory. */
char *string_pool_add(StringPool **pool, const char *text) WARN_UNUSED NONNULL(1, 2);
StringPool *string_pool_free(StringPool *pool);
