/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the kernel says of one module now: /sys/module/NAME. Facts only; which version it is, is the model's.
 */
#pragma once

#include "host/root.h"
#include "util/string-set.h"

typedef enum LoadState {
        LOAD_ABSENT,
        LOAD_LIVE,    /* loaded from a file */
        LOAD_BUILTIN, /* part of the kernel image: no initstate in sysfs */
} LoadState;

typedef struct LoadedModule {
        LoadState state;
        bool notes_defective; /* the XenServer note's file is there, but its sizes lie */
        char *note_version;   /* NULL if there is no such note; likewise below */
        char *build_id;
        char *srcversion;
        char *version;
        StringSet devices; /* sysfs paths ("/sys/devices/…") of the devices bound to its drivers */
} LoadedModule;

/* 0 with *ret set (LOAD_ABSENT is a result), or a negative errno. End it with loaded_module_done(). */
int loaded_module_read(const HostRoot *root, const char *module, LoadedModule *ret) WARN_UNUSED
                NONNULL(1, 2, 3);
void loaded_module_done(LoadedModule *loaded) NONNULL(1);
