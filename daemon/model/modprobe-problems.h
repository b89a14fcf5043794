/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What modprobe.d and the kernel's command line do to a module that is, or is to be, selected: problems. The
 * driver's problems and a preflight say the same, by this. Pure. */
#pragma once

#include "host/facts.h"
#include "model/problem.h"

typedef struct ModprobeCase {
        const ModprobeLoad *load;
        const char *module;
        const char *prefix;          /* what sentences begin with: "Version 1 of ice is selected, but" */
        const char *subject;         /* "Version 1 of ice" */
        const Facts *facts;          /* they have the device, and say whether support is asked for */
        const ModuleFile *file;      /* the one that is, or is to be, loaded; NULL: not known */
        const AliasedDevice *device; /* one for which udev loads others; NULL: none */
        /* Whether the line was told already, by this code; NULL: none was. */
        bool (*is_told)(void *userdata, const char *code, const ModprobeLine *line);
        void *userdata;
} ModprobeCase;

/* Adds, as warnings: alias-elsewhere, blocked, install-command, dependency-blocked, unsupported-module. 0 or
 * -ENOMEM. */
int modprobe_find_problems(const ModprobeCase *subject, ProblemList *ret) WARN_UNUSED NONNULL(1, 2);

/* Of the devices of this host that CLAIM covers, the first one for which modprobe.d has udev load others,
 * and not the claim's module, in the running release. BLACKLISTED: the module is, which isn't held against
 * the device. NULL: none. 0 or -ENOMEM. */
int modprobe_find_aliased(const Facts *facts, const DeviceClaim *claim, bool blacklisted,
                const AliasedDevice **ret) WARN_UNUSED NONNULL(1, 2, 4);
