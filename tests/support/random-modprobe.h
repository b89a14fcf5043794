/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A driver "dell_laptop" among other modules, and random files of modprobe.d that are about them. */
#pragma once

#include "sample-root.h"

#define RANDOM_MODPROBE_SELF "dell_laptop"
#define RANDOM_MODPROBE_FILE "dell-laptop.ko"
#define RANDOM_MODPROBE_DEVICE "pci:v00001028d00000001sv*"
#define RANDOM_MODPROBE_MODALIAS "pci:v00001028d00000001sv0"

/* The module files of one release: VERSIONS, paths of the driver's ends with NULL, which need NEEDED; below,
 * which needs lowest; above, which needs the driver; first, which needs nothing and nobody needs, unless it
 * is NEEDED. SOFTDEP (NULL: none) is the versions' own. */
void random_modprobe_add_modules(const SampleRoot *sample, const char *release, const char *const *versions,
                const char *needed, const char *softdep) NONNULL(1, 2, 3, 4);

/* Writes all files anew, or removes them: what one run leaves, the next one doesn't find. RELEASES ends with
 * NULL: each gets a modules.softdep of its own, or none. */
void random_modprobe_write(const SampleRoot *sample, const char *const *releases) NONNULL(1, 2);

/* What is done for MODULE by LIST, as of modprobe_dry_list(): NULL, nothing; "", it is loaded; else a
 * command is run. Borrowed from LIST. */
const char *random_modprobe_action(char *const *list, const char *module) NONNULL(1, 2);

/* Whether ACTION, as of that, is a command which loads nothing. */
bool random_modprobe_is_nothing(const char *action);
