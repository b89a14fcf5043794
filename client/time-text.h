/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Times as people write and read them, in the local time zone. */
#pragma once

#include <stdint.h>

#include "util/macros.h"

#define TIME_TEXT_SIZE sizeof("-9223372036-12-31 23:59:59")

/* Writes µs since the epoch as "2026-11-22 18:00:00". */
void time_format(uint64_t time_us, char text[static TIME_TEXT_SIZE]);

/* Reads "2026-11-22", "2026-11-22 18:00", "2026-11-22 18:00:00", "today", "yesterday", "now", "@SECONDS", or
 * a span back from now: "-30s", "-5min", "-2h", "-3d", "-1w". 0 and µs since the epoch, or -EINVAL. */
int time_parse(const char *text, uint64_t *ret_us) WARN_UNUSED NONNULL(1, 2);
