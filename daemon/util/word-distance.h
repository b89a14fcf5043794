/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What somebody may have meant who mistyped a word. Pure. */
#pragma once

#include "util/macros.h"

/* How far two words are apart: insertions, deletions, substitutions and swaps of neighbours each count one.
 * Words over 32 bytes are as far apart as can be: SIZE_MAX. */
size_t word_distance(const char *a, const char *b) NONNULL(1, 2);
