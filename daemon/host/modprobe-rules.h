/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What modprobe.d, the kernel's command line and a release's modules.softdep say of how modules are loaded:
 * their lines, in the order in which kmod goes by them. It reads only, and judges nothing. */
#pragma once

#include "host/kernel-command-line.h"
#include "host/root.h"

/* Where modprobe looks for *.conf, by precedence (kmod-config.h). The last two are one where /lib is a link.
 */
#define MODPROBE_DIRECTORY_COUNT 5
extern const char *const modprobe_directories[MODPROBE_DIRECTORY_COUNT];

/* What depmod writes of the soft dependencies that modules themselves name. */
#define MODULES_SOFTDEP "modules.softdep"

typedef enum ModprobeCommand {
        MODPROBE_ALIAS,     /* what the pattern matches, is looked up as TEXT, a module's name, alone */
        MODPROBE_BLACKLIST, /* passed over by udev and all others that know it by an alias */
        MODPROBE_INSTALL,   /* TEXT is a command for the shell, run instead of loading */
        MODPROBE_REFUSED,   /* module_blacklist= of the command line: the kernel itself refuses it */
        MODPROBE_REMOVE,    /* TEXT is run instead of unloading */
        MODPROBE_SUPPORT,   /* of SUSE's kmod: the pattern says whether unsupported modules are loaded */
        MODPROBE_SOFTDEP,   /* "pre: a b post: c", what is loaded before and after it */
} ModprobeCommand;

typedef struct ModprobeLine {
        ModprobeCommand command;
        char *pattern;   /* whom it is about; as the kernel spells its modules */
        char *file;      /* "/etc/modprobe.d/a.conf", or KERNEL_COMMAND_LINE */
        unsigned number; /* where it begins in the file, from 1 on; 0 for the command line */
        char *text;      /* what follows the pattern; of the command line, the parameter */
} ModprobeLine;

typedef struct ModprobeRules {
        ModprobeLine *lines;
        size_t count;
} ModprobeRules;

/* Reads modprobe.d and the command line. Only the first file of a name counts; what can't be read says
 * nothing. 0 or -ENOMEM. */
int modprobe_rules_read(const HostRoot *root, ModprobeRules *ret) WARN_UNUSED NONNULL(1, 2);

/* Reads a release's modules.softdep, which depmod writes of what the modules themselves say. kmod takes it
 * for one more file of modprobe.d. 0 or -ENOMEM. */
int modprobe_rules_read_release(const HostRoot *root, const char *release, ModprobeRules *ret) WARN_UNUSED
                NONNULL(1, 2, 3);

/* Adds the lines of one file of modprobe.d that is called FILE and has TEXT. 0 or -ENOMEM. */
int modprobe_rules_add_file(ModprobeRules *rules, const char *file, const char *text) WARN_UNUSED
                NONNULL(1, 2, 3);
void modprobe_rules_done(ModprobeRules *rules) NONNULL(1);
#define CLEANUP_MODPROBE_RULES CLEANUP(modprobe_rules_done)

/* The next line of COMMAND whose pattern matches NAME; PREVIOUS is the one before it, or NULL. Of all but
 * aliases the first one counts, and the others don't. NULL: there is none. */
const ModprobeLine *modprobe_rules_next(const ModprobeRules *rules, ModprobeCommand command,
                const char *name, const ModprobeLine *previous) NONNULL(1, 3);

/* The line by which SUSE's kmod loads supported modules only: the last one that says either counts, and the
 * kernel must be one of SUSE's, which can tell them apart. NULL: none, all are loaded. (kmod_config_parse()
 * and is_suse_kernel() with the patches 0009 and 0011 of openSUSE's kmod 34. Elsewhere such a line says
 * nothing, and the kernel has no such file; without /proc SUSE's takes any kernel for its own, and this one
 * none.) */
int modprobe_rules_support(const HostRoot *root, const ModprobeRules *rules,
                const ModprobeLine **ret) WARN_UNUSED NONNULL(1, 2, 3);

/* Spells a name, or a pattern, as the kernel does its modules. Not so in brackets; false: one isn't closed,
 * and it is none (underscores() of libkmod 30). */
bool modprobe_name_spell(char *name) NONNULL(1);

/* Adds a line, and takes copies of the strings. PATTERN is spelt as the kernel spells its modules; one that
 * can't be is none, and no line. 0 or -ENOMEM. */
int modprobe_rules_add(ModprobeRules *rules, ModprobeCommand command, const char *pattern, const char *text,
                const char *file, unsigned number) WARN_UNUSED NONNULL(1, 3, 4, 5);
