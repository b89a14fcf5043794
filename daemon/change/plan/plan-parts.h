/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a plan says of each part, before and after: structs, and what can be asked of them. What is done with
 * a plan as a whole is plan.h's. */
#pragma once

#include "change/operation.h"
#include "change/plan/plan-index.h"
#include "change/refusal.h"
#include "util/string-set.h"

/* What stands on disk for one module in one kernel release. NULL: no such thing. */
typedef struct ModuleState {
        char *link;      /* name in updates/ */
        char *target;    /* text of that link, e.g. "../xenserver/intel-ice/1.6.4/ice.ko" */
        char *directory; /* the override line's, relative to the module directory */
        char *spelling;  /* the name in that line: the module file's own, "dell-laptop"; depmod maps nothing
                          */
} ModuleState;

typedef struct PlanChange {
        char *release;
        char *module; /* canonical; twice in a release if updates/ holds a second link of it, which goes */
        ModuleState before;
        ModuleState after;
        char *expected; /* the file that the index must resolve to afterwards, relative to the module
                         * directory; NULL if nothing is expected (deselected) */
} PlanChange;

/* Our modprobe.d file of a module: host-wide, not per release. */
typedef struct PlanBlock {
        char *module;
        bool before;
        bool after;
} PlanBlock;

/* A module file that becomes a version (adopted), or ceases to be one. Paths are relative to the module
 * directory. */
typedef struct PlanFile {
        char *release;
        char *outside; /* where others have installed it: "updates/ice.ko" */
        char *inside;  /* where it is a version: "xenserver/ice/1.2/ice.ko" */
        bool kept;     /* it stays outside too, since another program owns it there */
        bool before;   /* whether it is adopted */
        bool after;
} PlanFile;

/* A version directory that comes or goes as a whole. */
typedef struct PlanDirectory {
        char *release;
        char *place; /* relative to the module directory: "xenserver/intel-ice/1.12" */
        char *aside; /* a name of ours, where it stands while it isn't in its place: in /lib/modules, or */
        bool inside; /* in the module directory, which is a mount of its own */
        bool before; /* whether it is in its place */
        bool after;
} PlanDirectory;

/* What is written to the history for one driver and release. */
typedef struct PlanSubject {
        char *driver;
        char *release;
        char *from; /* version id or "" */
        char *to;
} PlanSubject;

typedef struct Plan {
        const Operation *operation; /* set by whoever has the plan made */
        bool renews; /* a file of ours that the plan is about was edited: it is written anew even where
                        nothing else changes */
        PlanChange *changes;
        size_t change_count;
        PlanBlock *blocks;
        size_t block_count;
        PlanFile *files;
        size_t file_count;
        PlanDirectory *directories;
        size_t directory_count;
        PlanSubject *subjects;
        size_t subject_count;
        PlanIndex change_index; /* of changes and subjects by module, while the plan grows: plan-build.h */
        PlanIndex subject_index;
} Plan;

/* Whether it changes anything of MODULE, or says so in the history. */
bool plan_has_module(const Plan *plan, const char *module) NONNULL(1, 2);

/* Lines of the override file that we didn't write so give way to ours where the plan is about their module.
 * Refuses with Conflict if EDITED, the modules that have such lines, holds another one: the file is written
 * as a whole. 0, -ECANCELED or -ENOMEM. */
int plan_check_edited_lines(const Plan *plan, const StringSet *edited, Refusal *refusal) WARN_UNUSED
                NONNULL(1, 2, 3);

/* The file of the plan that is OUTSIDE, a path, in RELEASE, or NULL. */
const PlanFile *plan_file_outside(const Plan *plan, const char *release, const char *outside)
                NONNULL(1, 2, 3);

/* Whether depmod's configuration can hold DIRECTORY: it splits lines at white space and eats backslashes. */
bool plan_directory_fits_line(const char *directory) WARN_UNUSED NONNULL(1);

/* Whether a module file at PATH, relative to the module directory, may be adopted: it is below updates/,
 * extra/ or weak-updates/, where others than the kernel's package install. */
bool plan_path_is_outside(const char *path) WARN_UNUSED NONNULL(1);

/* Whether such a file remains where it is when it is adopted, since the directory belongs to a program that
 * looks for it there: updates/dkms/ to DKMS, which installs in extra/ on Fedora; extra/ to kmod packages and
 * akmods; weak-updates/ to weak-modules, which links from there to other kernels' extra/. */
bool plan_path_is_kept(const char *path) WARN_UNUSED NONNULL(1);

/* Whether PATH, relative to the module directory, is in a tree and has DEPTH names at least. */
bool plan_path_is_in_tree(const char *path, size_t depth) WARN_UNUSED NONNULL(1);
