/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What time it is, as one number. It waits for nothing. */
#pragma once

#include <stdint.h>
#include <time.h>

/* µs: since the epoch of CLOCK_REALTIME, since some point in the past of CLOCK_MONOTONIC; clock_gettime(2).
 */
uint64_t clock_usec(clockid_t clock);
