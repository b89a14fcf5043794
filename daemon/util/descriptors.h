/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How many file descriptors this process may have, and whether that is nearly so many. */
#pragma once

#include "util/macros.h"

/* Raises the soft limit to WANTED, or to the hard one if that is lower. Failure to do so is no error: what
 * needs descriptors asks whether there are any. */
void descriptors_raise_limit(unsigned wanted);

/* Lowers the soft limit to what programs expect that may still use select(2), 1024. For children. */
void descriptors_lower_limit(void);

/* Whether less than SPARE may still be opened, about: descriptors are numbered from the lowest that is free,
 * of which FD, an open one, is duplicated for a moment to see it. Never so where the limit is so low (below
 * twice SPARE) that it was set by somebody who knows why. */
bool descriptors_are_short(int fd, unsigned spare);
