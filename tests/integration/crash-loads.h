/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What modprobe itself would load, for test-crash. Every failure of its own ends the test. */
#pragma once

#include "util/macros.h"

/* For each kernel release and each module of test-crash's roots, one line: what the file holds that
 * modprobe(8) would load by that name now, or that it would load none. The caller frees it with g_free(). */
char *crash_loads(const char *root) WARN_UNUSED NONNULL(1);

/* Whether each line of NOW is one of OLD or of NEW, or says that what the index names has gone: nothing
 * would be loaded that nobody chose. */
bool crash_loads_either(const char *old, const char *new, const char *now) WARN_UNUSED NONNULL(1, 2, 3);
