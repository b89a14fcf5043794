/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* libarchive, which is loaded where it is needed first: most hosts have nothing to read with it. */
#pragma once

#include "util/macros.h"

/* Sets *ret_place, which is a pointer to a function, to the function NAME. The library stays loaded, since
 * loading it costs more than what is done with it. False if it isn't there, or has no such function. */
bool archive_library_function(const char *name, void *ret_place) WARN_UNUSED NONNULL(1, 2);
