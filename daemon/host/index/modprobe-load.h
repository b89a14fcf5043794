/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What modprobe goes by to load one module of one kernel release: the lines that count, once aliases, soft
 * and hard dependencies were looked up in the release's index as libkmod does it. It judges no command. */
#pragma once

#include "host/index/module-index.h"
#include "host/modprobe-rules.h"

/* A module that must be loaded first, and what modprobe or the kernel has of it. */
typedef struct ModprobeDependency {
        char *module;
        const ModprobeLine *install; /* not NULL only if nothing has it passed over; likewise below */
        const ModprobeLine *refused;
} ModprobeDependency;

/* All lines belong to the rules that they were found in. NULL: there is none. */
typedef struct ModprobeLoad {
        const ModprobeLine *alias;     /* by its name others are loaded, or nothing, and never itself */
        bool alias_blacklisted;        /* by ALIAS it would be loaded if nothing were blacklisted */
        const ModprobeLine *install;   /* the first one */
        const ModprobeLine *softdep;   /* names something that is found, so that INSTALL is passed over */
        const ModprobeLine *blacklist; /* the first one */
        const ModprobeLine *refused;
        ModprobeDependency *dependencies; /* of all that it needs only those that have a line */
        size_t dependency_count;
} ModprobeLoad;

/* The rules of one release, and where names are looked up. All borrowed. */
typedef struct ModprobeRelease {
        const ModprobeRules *common; /* modprobe_rules_read() */
        const ModprobeRules *own;    /* modprobe_rules_read_release() */
        ModuleIndex *index;          /* NULL: there is none, and nothing is found in it */
        const char *unblocked; /* the block of this module's deselection is passed over; NULL: of none */
} ModprobeRelease;

/* Whether the line is of the block of MODULE's deselection. */
bool modprobe_line_is_block(const ModprobeLine *line, const char *module) NONNULL(1, 2);

/* 0 or -ENOMEM. End it with modprobe_load_done(). */
int modprobe_load_read(const ModprobeRelease *release, const char *module, ModprobeLoad *ret) WARN_UNUSED
                NONNULL(1, 2, 3);

/* The same of a file that the index need not know, by the names of the modules that it says it NEEDS. */
int modprobe_file_load_read(const ModprobeRelease *release, const char *module, const StringSet *needs,
                ModprobeLoad *ret) WARN_UNUSED NONNULL(1, 2, 3, 4);
void modprobe_load_done(ModprobeLoad *load) NONNULL(1);

/* Where a line of modprobe.d names a modalias, or anything else that has ALIAS: the line, and the names of
 * all that is loaded by it in the place of what the index has. It is an alias, or a line of install or
 * remove that spells ALIAS out: libkmod takes that for a module, before it looks for aliases in the index
 * (kmod_module_new_from_lookup(), measured with 30). *RET_LINE is NULL if there is none. RET_LISTED (may be
 * NULL) gets what is loaded where blacklists count, as for udev: they do for what ALIAS stands for alone,
 * and not for what is loaded with it. 0 or -ENOMEM. */
int modprobe_alias_read(const ModprobeRelease *release, const char *alias, const ModprobeLine **ret_line,
                StringSet *ret_loaded, StringSet *ret_listed) WARN_UNUSED NONNULL(1, 2, 3, 4);
