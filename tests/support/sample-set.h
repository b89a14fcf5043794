/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sets of strings as one string, with blanks between. */
#pragma once

#include "util/string-set.h"

void sample_set_add(StringSet *set, const char *words) NONNULL(1, 2);
void sample_set_assert(const StringSet *set, const char *words) NONNULL(1, 2);
