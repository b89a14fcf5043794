/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the lines of modprobe.d mean for the module that they name. Pure. */
#pragma once

#include "host/modprobe-rules.h"

typedef enum InstallMeaning {
        INSTALL_LOADS,   /* also the module itself: by `modprobe --ignore-install MODULE` */
        INSTALL_NOTHING, /* is loaded: /bin/false, true, echo */
        INSTALL_UNKNOWN, /* another program, which may load it, or another file */
} InstallMeaning;

/* What a command for the shell does instead of loading MODULE. */
InstallMeaning install_meaning(const char *command, const char *module) NONNULL(1, 2);

/* The install line that modprobe goes by; NULL if there is none, or soft dependencies have it passed over.
 */
const ModprobeLine *modprobe_install_line(const ModprobeRules *rules) NONNULL(1);

/* Of a deselected module: the line that defeats our block. NULL: none, it is blocked. */
const ModprobeLine *modprobe_block_defeated(const ModprobeRules *rules, const char *module) NONNULL(1, 2);

/* The install line that keeps MODULE from being loaded; NULL if there is none. */
const ModprobeLine *modprobe_kept_from(const ModprobeRules *rules, const char *module) NONNULL(1, 2);
