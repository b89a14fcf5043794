/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a selection would change, as a pure value: computed from facts, inverted to undo, journaled as JSON.
 */
#pragma once

#include "change/plan/plan-parts.h"
#include "host/facts.h"
#include "model/driver.h"

Plan *plan_free(Plan *plan);
DEFINE_CLEANUP(Plan, plan_free)

/* True if before and after are the same everywhere: nothing to do. */
bool plan_is_empty(const Plan *plan) NONNULL(1);

/* False if it says nothing of what stands on disk: a job about initramfs images alone. */
bool plan_has_parts(const Plan *plan) NONNULL(1);

/* A plan of its own that says the same, without the indexes of a growing one. 0 or -ENOMEM. */
int plan_copy(const Plan *plan, Plan **ret) WARN_UNUSED NONNULL(1, 2);

/* The plan that takes everything back. It expects nothing of the index: what that said before may have been
 * out of date. */
int plan_invert(const Plan *plan, Plan **ret) WARN_UNUSED NONNULL(1, 2);

/* The releases and modules that it touches. */
int plan_releases(const Plan *plan, StringSet *ret) WARN_UNUSED NONNULL(1, 2);
int plan_modules(const Plan *plan, StringSet *ret) WARN_UNUSED NONNULL(1, 2);

/* Adds the releases in which what is selected of MODULE changes. 0 or -ENOMEM. */
int plan_releases_of(const Plan *plan, const char *module, StringSet *ret) WARN_UNUSED NONNULL(1, 2, 3);

/* For the journal. From JSON: -EBADMSG if it isn't ours, or its operation is unknown; to
 * JSON: if it could not be read back. */
int plan_to_json(const Plan *plan, char **ret) WARN_UNUSED NONNULL(1, 2);
int plan_from_json(const char *json, Plan **ret) WARN_UNUSED NONNULL(1, 2);
