/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How a plan grows, change by change: between plan-new.c (what the targets mean) and the value. Pure. */
#pragma once

#include "change/plan/plan.h"

/* A wish for one module in one release: FILE is the one that it shall resolve to, NULL to deselect. Reads
 * what stands there now from the facts. The same wish twice is one; two different ones are refused, and so
 * is a regular file where the link belongs. 0, -ECANCELED with a refusal, or -ENOMEM. */
int plan_add_change(Plan *plan, const Facts *facts, const char *release, const char *module,
                const CatalogueFile *file, Refusal *refusal) WARN_UNUSED NONNULL(1, 2, 3, 4, 6);

/* Adds what the history shall say of a driver in a release. 0 or -ENOMEM. */
int plan_add_subject(Plan *plan, const char *driver, const char *release, const char *from,
                const char *to) WARN_UNUSED NONNULL(1, 2, 3, 4, 5);

/* Derives the modprobe.d files from all changes, then drops changes from nothing to nothing. A module that
 * is selected in any release stays loadable, since modprobe.d knows no kernel release. Edited files of ours
 * are renewed: plan_check_edited_lines(). 0, -ECANCELED with a refusal, or -ENOMEM. */
int plan_complete(Plan *plan, const Facts *facts, Refusal *refusal) WARN_UNUSED NONNULL(1, 2, 3);
