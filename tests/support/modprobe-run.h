/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What kmod itself would do to load a module of a sample root, by its index and its modprobe.d. */
#pragma once

#include "sample-root.h"

/* One word for each thing that `modprobe NAME` would do, in order, with blanks between: "COMMAND" in angle
 * brackets for an install line, the module's name for a file that is loaded, with "?" behind it if there is
 * none. ALIASED: as udev does it, for which a blacklist counts. The caller frees it with g_free(). */
char *modprobe_dry_run(const SampleRoot *sample, const char *release, const char *name, bool aliased)
                NONNULL(1, 2, 3);

/* How a module is asked for. */
typedef enum ModprobeAsk {
        MODPROBE_ASK_MODULE, /* the module itself, whatever its name is an alias of */
        MODPROBE_ASK_NAME,   /* as for modprobe: a blacklist counts for what is found by an alias */
        MODPROBE_ASK_ALIAS,  /* the same, whatever is blacklisted */
        MODPROBE_ASK_DEVICE, /* by a modalias, as for udev: blacklists count */
} ModprobeAsk;

/* All that would be done, in order: "MODULE", or "MODULE<COMMAND>". The caller frees it with g_strfreev().
 */
char **modprobe_dry_list(const SampleRoot *sample, const char *release, const char *name, ModprobeAsk ask)
                NONNULL(1, 2, 3);

/* Whether MODULE is blacklisted. */
bool modprobe_is_blacklisted(const SampleRoot *sample, const char *release, const char *module)
                NONNULL(1, 2, 3);
