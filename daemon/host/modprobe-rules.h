/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What modprobe.d and the kernel's command line say of how modules are loaded: for each module the lines
 * that count. It reads only; what they mean, is the model's. */
#pragma once

#include "host/root.h"
#include "util/string-set.h"

#define KERNEL_COMMAND_LINE "/proc/cmdline"

/* Where modprobe looks for *.conf, by precedence (kmod-config.h). The last two are one where /lib is a link.
 */
#define MODPROBE_DIRECTORY_COUNT 5
extern const char *const modprobe_directories[MODPROBE_DIRECTORY_COUNT];

typedef struct ModprobeLine {
        char *file;      /* "/etc/modprobe.d/a.conf", or KERNEL_COMMAND_LINE; NULL: nothing says so */
        unsigned number; /* where it begins in the file, from 1 on; 0 for the command line */
        char *text;      /* what follows the module's name; of the command line, the parameter */
} ModprobeLine;

/* What modprobe goes by for one module (measured with kmod 30). */
typedef struct ModprobeRules {
        ModprobeLine install;   /* its text is a command for the shell, run instead of loading */
        ModprobeLine softdep;   /* if its text names any module, INSTALL is passed over */
        ModprobeLine blacklist; /* passed over by udev and all others that know it by an alias */
        ModprobeLine refused;   /* module_blacklist= of the command line: the kernel itself refuses it */
} ModprobeRules;

/* Reads what stands for MODULES, canonical names: *ret is an array of one for each, in their order, for
 * modprobe_rules_free(). Of several lines, which may name patterns, the first one counts; so does only the
 * first file of a name. What can't be read says nothing. 0 or -ENOMEM. */
int modprobe_rules_read(const HostRoot *root, const StringSet *modules, ModprobeRules **ret) WARN_UNUSED
                NONNULL(1, 2, 3);
void modprobe_rules_free(ModprobeRules *rules, size_t count);
