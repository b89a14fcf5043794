/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Errors that say something about this process or the host as a whole, and nothing about the file that was
 * being read: taken for "it isn't there", they would make everything vanish. */
#pragma once

#include <errno.h>

#include "util/macros.h"

/* Whether the negative errno R means that there are no more descriptors, or no memory. */
static inline bool exhausted(int r)
{
        return r == -EMFILE || r == -ENFILE || r == -ENOMEM;
}

/* Whether some more descriptors can be had, as many as reading the host takes at once in what packages ship.
 * For libraries that don't tell why they found nothing. 0, or -EMFILE or -ENFILE. */
int exhausted_check_descriptors(void) WARN_UNUSED;
