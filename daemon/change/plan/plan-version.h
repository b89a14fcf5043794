/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Plans by which version directories come and go: import, remove. Pure. */
#pragma once

#include "change/plan/plan.h"

/* What a version is to be called. */
typedef struct VersionName {
        const char *tree;    /* the tree's directory: "xenserver" */
        const char *package; /* directories' names */
        const char *version;
} VersionName;

/* Whether both can be names of directories of a version. 0, -ECANCELED with a refusal, or -ENOMEM. */
int version_name_check(const VersionName *name, Refusal *refusal) WARN_UNUSED NONNULL(1, 2);

/* The id that the version has, or will have: with the package, where another one ships the module too. The
 * caller frees *ret. 0 or -ENOMEM. */
int version_name_id(const Facts *facts, const char *module, const Tree *tree, const VersionName *name,
                char **ret) WARN_UNUSED NONNULL(1, 2, 3, 4, 5);

/* Plans that a version directory of MODULES comes to stand in RELEASES. ASIDE begins its name in
 * /lib/modules until then; the release's position in RELEASES ends it: see plan_aside(). */
int plan_import(const Facts *facts, const StringSet *modules, const VersionName *name,
                const StringSet *releases, const char *aside, Plan **ret, Refusal *refusal) WARN_UNUSED
                NONNULL(1, 2, 3, 4, 5, 6, 7);

/* Plans that a version directory goes, with all its modules, from RELEASES (NULL: all that have it). */
int plan_remove(const Facts *facts, const Tree *tree, const VersionName *name, const StringSet *releases,
                const char *aside, Plan **ret, Refusal *refusal) WARN_UNUSED NONNULL(1, 2, 3, 5, 6, 7);

/* "ASIDE-POSITION"; the caller frees *ret. 0 or -ENOMEM. */
int plan_aside(const char *aside, size_t position, char **ret) WARN_UNUSED NONNULL(1, 3);
