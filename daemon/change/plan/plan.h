/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a selection would change, as a pure value: computed from facts, inverted to undo, journaled as JSON.
 */
#pragma once

#include "change/operation.h"
#include "change/plan/plan-index.h"
#include "change/refusal.h"
#include "host/facts.h"
#include "model/driver.h"
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
        char *outside; /* where it is a plain file: "updates/ice.ko" */
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

typedef struct PlanTarget {
        const Driver *driver;
        const char *version; /* id; "" to deselect */
} PlanTarget;

/* Plans all targets at once. Each takes all modules of the version's package with it: a package switches as
 * a whole. A module of the package that the version doesn't ship goes to the kernel tree's file, and is
 * deselected if there is none. RELEASES NULL: those that have the version (to deselect: all). Two targets
 * that want different things of one module are refused. 0, -ECANCELED with a refusal, or -ENOMEM. */
int plan_new(const Facts *facts, const PlanTarget *targets, size_t target_count, const StringSet *releases,
                Plan **ret, Refusal *refusal) WARN_UNUSED NONNULL(1, 2, 5, 6);
/* The modules that a target is about: all of the package, in any version and release. 0 or -ENOMEM. */
int plan_target_modules(const Facts *facts, const PlanTarget *target, StringSet *ret) WARN_UNUSED
                NONNULL(1, 2, 3);
Plan *plan_free(Plan *plan);
DEFINE_CLEANUP(Plan, plan_free)

/* Whether before and after differ. */
bool plan_change_does_anything(const PlanChange *change) NONNULL(1);

/* True if before and after are the same everywhere: nothing to do. */
bool plan_is_empty(const Plan *plan) NONNULL(1);

/* False if it says nothing of what stands on disk: a job about initramfs images alone. */
bool plan_has_parts(const Plan *plan) NONNULL(1);

/* Lines of the override file that we didn't write so give way to ours where the plan is about their module.
 * Refuses with Conflict if EDITED, the modules that have such lines, holds another one: the file is written
 * as a whole. 0, -ECANCELED or -ENOMEM. */
int plan_check_edited_lines(const Plan *plan, const StringSet *edited, Refusal *refusal) WARN_UNUSED
                NONNULL(1, 2, 3);

/* A plan of its own that says the same, without the indexes of a growing one. 0 or -ENOMEM. */
int plan_copy(const Plan *plan, Plan **ret) WARN_UNUSED NONNULL(1, 2);

/* The plan that takes everything back. It expects nothing of the index: what that said before may have been
 * out of date. */
int plan_invert(const Plan *plan, Plan **ret) WARN_UNUSED NONNULL(1, 2);

/* The releases and modules that it touches. */
int plan_releases(const Plan *plan, StringSet *ret) WARN_UNUSED NONNULL(1, 2);
int plan_modules(const Plan *plan, StringSet *ret) WARN_UNUSED NONNULL(1, 2);

/* Whether MODULE is one of plan_modules(). */
bool plan_has_module(const Plan *plan, const char *module) NONNULL(1, 2);

/* Adds the releases in which what is selected of MODULE changes. 0 or -ENOMEM. */
int plan_releases_of(const Plan *plan, const char *module, StringSet *ret) WARN_UNUSED NONNULL(1, 2, 3);

/* The file of the plan that is OUTSIDE, a path, in RELEASE, or NULL. */
const PlanFile *plan_file_outside(const Plan *plan, const char *release, const char *outside)
                NONNULL(1, 2, 3);

/* Whether depmod's configuration can hold DIRECTORY: it splits lines at white space and eats backslashes. */
bool plan_directory_fits_line(const char *directory) WARN_UNUSED NONNULL(1);

/* For the journal. From JSON: -EBADMSG if it isn't ours, or its operation is unknown; to
 * JSON: if it could not be read back. */
int plan_to_json(const Plan *plan, char **ret) WARN_UNUSED NONNULL(1, 2);
int plan_from_json(const char *json, Plan **ret) WARN_UNUSED NONNULL(1, 2);
