/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One call and its arithmetic. It knows no time zone. */

#include "util/clock.h"

uint64_t clock_usec(clockid_t clock)
{
        struct timespec now = { 0 };

        (void) clock_gettime(clock, &now);
        return (uint64_t) now.tv_sec * 1000000 + (uint64_t) now.tv_nsec / 1000;
}
