/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What kmod itself would do to load a module of a sample root, by its index and its modprobe.d. */
#pragma once

#include "sample-root.h"

/* One word for each thing that `modprobe NAME` would do, in order, with blanks between: "COMMAND" in angle
 * brackets for an install line, the module's name for a file that is loaded, with "?" behind it if there is
 * none. ALIASED: as udev does it, for which a blacklist counts. The caller frees it with g_free(). */
char *modprobe_dry_run(const SampleRoot *sample, const char *release, const char *name, bool aliased)
                NONNULL(1, 2, 3);
