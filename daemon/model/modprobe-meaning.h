/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the lines of modprobe.d mean for the module that they name. Pure. */
#pragma once

#include "host/index/modprobe-load.h"

typedef enum InstallMeaning {
        INSTALL_LOADS,   /* also the module itself: by `modprobe --ignore-install MODULE` */
        INSTALL_NOTHING, /* is loaded: /bin/false, true, echo */
        INSTALL_UNKNOWN, /* another program, which may load it, or another file */
} InstallMeaning;

/* What a command for the shell does instead of loading MODULE. */
InstallMeaning install_meaning(const char *command, const char *module) NONNULL(1, 2);

/* The install line that modprobe goes by; NULL if there is none, or soft dependencies have it passed over.
 */
const ModprobeLine *modprobe_install_line(const ModprobeLoad *load) NONNULL(1);

/* Of a deselected module: the line that defeats our block. NULL: none, or something else keeps it from being
 * loaded, whatever asks for it. */
const ModprobeLine *modprobe_block_defeated(const ModprobeLoad *load, const char *module) NONNULL(1, 2);

/* The first module that must be loaded before and that can't be, and the line that says so; NULL if there is
 * none. */
const ModprobeDependency *modprobe_dependency_blocked(
                const ModprobeLoad *load, const ModprobeLine **ret_line) NONNULL(1, 2);

/* Why `modprobe MODULE` doesn't load it. */
typedef struct ModprobeObstacle {
        const ModprobeLine *line; /* an alias that leads elsewhere or has a blacklist count, an install line,
                                     or the command line, by which the kernel refuses it; NULL: none */
        const char *dependency;   /* the module that the line is about, if MODULE only needs that */
} ModprobeObstacle;

ModprobeObstacle modprobe_obstacle(const ModprobeLoad *load, const char *module) NONNULL(1, 2);
