/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One row a verb; look-up by name. */

#include "verbs.h"

#include <string.h>

#include "util/word-distance.h"

/* A word further away than that was hardly a slip of the finger. */
#define SUGGESTION_DISTANCE_MAX 3

#define SELECT_OPTIONS (OPTION_KERNEL | OPTION_IGNORE | OPTION_DRY_RUN)
#define DESELECT_OPTIONS (OPTION_KERNEL | OPTION_FORCE | OPTION_DRY_RUN)
#define IMPORT_OPTIONS (SELECT_OPTIONS | OPTION_PACKAGE | OPTION_AS_VERSION)
#define ADOPT_OPTIONS (IMPORT_OPTIONS | OPTION_UNDO)
#define HISTORY_OPTIONS (OPTION_SINCE | OPTION_LINES)

static const VerbRow rows[] = {
        { "list", 0, 0, "", "List the drivers and their versions", 0, verb_list, true },
        { "show", 1, ARGUMENTS_UNLIMITED, "NAME…", "Show all about drivers: versions, devices, problems", 0,
                        verb_show, true },
        { "devices", 0, ARGUMENTS_UNLIMITED, "[NAME…]",
                        "List the devices of drivers, and which versions cover each", 0, verb_devices,
                        true },
        { "select", 2, ARGUMENTS_UNLIMITED, "NAME VERSION [NAME VERSION…]",
                        "Choose the version for the next load; several: all or none", SELECT_OPTIONS,
                        verb_select, false },
        { "deselect", 1, 1, "NAME --force", "Choose no version: the module is blocked", DESELECT_OPTIONS,
                        verb_deselect, false },
        { "check", 2, 2, "NAME VERSION",
                        "Say whether a version could be selected, and what speaks against it", OPTION_KERNEL,
                        verb_check, false },
        { "why", 1, 1, "NAME", "Explain which file the kernel would load, and why", 0, verb_why, false },
        { "adopt", 1, 1, "NAME", "Make a version of a module file that others installed", ADOPT_OPTIONS,
                        verb_adopt, false },
        { "import", 1, ARGUMENTS_UNLIMITED, "FILE…", "Add module files as a version", IMPORT_OPTIONS,
                        verb_import, false },
        { "remove", 2, 2, "NAME VERSION", "Remove a version that nothing needs", SELECT_OPTIONS, verb_remove,
                        false },
        { "rescan", 0, 0, "", "Look anew at what is installed", 0, verb_rescan, false, true },
        { "jobs", 0, 0, "", "List the jobs that wait or run", 0, verb_jobs, false, true },
        { "cancel", 1, 1, "JOB", "Cancel a job and take its changes back", 0, verb_cancel, false, true },
        { "monitor", 0, 0, "", "Print changes as they happen, until Ctrl-C", 0, verb_monitor, false, true },
        { "history", 0, 1, "[NAME]", "Show what was selected when, by whom, and how it ended",
                        HISTORY_OPTIONS, verb_history, true },
        { "kernels", 0, 0, "", "Show which version is selected for which installed kernel", 0, verb_kernels,
                        true },
        { "policy", 1, 2, "NAME [pin|newest|priority|kernel]",
                        "Show or set what a kernel that is installed gets", 0, verb_policy, false },
        { "kernel-added", 1, 1, "RELEASE", "Carry the selections over to a kernel that was installed", 0,
                        verb_kernel_added, false },
        { "kernel-removed", 1, 1, "RELEASE", "Forget what was selected for a kernel that was removed",
                        OPTION_LEAVING, verb_kernel_removed, false },
        { "initramfs", 0, ARGUMENTS_UNLIMITED, "[status|rebuild [RELEASE…]]",
                        "Show what the initramfs of each kernel holds, or rebuild it", 0, verb_initramfs,
                        false },
        { "compare-versions", 2, 2, "A B", "Say which of two versions is the newer one", 0,
                        verb_compare_versions, false },
};

const VerbRow *verb_rows(size_t *ret_count)
{
        *ret_count = ELEMENTSOF(rows);
        return rows;
}

const VerbRow *verb_find(const char *name)
{
        for (size_t i = 0; i < ELEMENTSOF(rows); i++)
                if (strcmp(rows[i].name, name) == 0)
                        return &rows[i];
        return NULL;
}

const VerbRow *verb_suggest(const char *name)
{
        size_t best_distance = SUGGESTION_DISTANCE_MAX + 1, length = strlen(name);
        const VerbRow *best = NULL;

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                size_t distance = word_distance(name, rows[i].name);

                /* "compare" is far from "compare-versions", and yet meant. */
                if (length >= 3 && strncmp(name, rows[i].name, length) == 0)
                        distance = 1;
                if (distance < best_distance && distance < strlen(rows[i].name)) {
                        best_distance = distance;
                        best = &rows[i];
                }
        }
        return best;
}
