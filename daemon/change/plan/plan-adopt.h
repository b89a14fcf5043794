/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Plans by which plain module files become versions, and versions plain files again. Pure. */
#pragma once

#include "change/adopt/adoptable.h"
#include "change/plan/plan-version.h"

/* Plans that the FILES of MODULE become that version, which is selected in their releases. Refused where it
 * is there already, and where MODULE is deselected, or selected by an override line to another file: what is
 * loaded must not change. DRIVER is NULL if the module is no driver yet. 0, -ECANCELED with a refusal, or
 * -ENOMEM. */
int plan_adopt(const Facts *facts, const Driver *driver, const char *module, const VersionName *name,
                const AdoptableList *files, Plan **ret, Refusal *refusal) WARN_UNUSED
                NONNULL(1, 3, 4, 5, 6, 7);

/* Plans that the FILES of DRIVER go back to where they were. They are selected now. */
int plan_unadopt(const Facts *facts, const Driver *driver, const AdoptableList *files, Plan **ret,
                Refusal *refusal) WARN_UNUSED NONNULL(1, 2, 3, 4, 5);
